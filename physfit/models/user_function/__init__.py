"""A user's own Python function as a component of models.

It knows how functions take their arguments (`signature`), what annotations and defaults
say of parameters (`settings`), what a function has read (`dependencies`), and which of
the ways to evaluate one is taken (`function`). How a function becomes a graph is known
by `models.tracing`, how one is called that does not by `models.host_function`.
"""
