"""Expression graphs: straight-line programs of elementary operations, as data.

A graph is what formulas, ties and a user's traced function become. It knows its
operations, their derivatives (each rule stated once), and its text for the engine. It
knows nothing of Python functions, of models or of data.
"""
