"""Equations of motion as components: what they say, and the kernels that follow them.

A `motion` is one graph with all that is stated; `branches` finds where its rates are
not smooth, `texts` writes the functions that `engine.trajectory` calls, `kernel` makes
them a kernel. `entry` is a motion written as formulas, `ode` the door to them.
"""
