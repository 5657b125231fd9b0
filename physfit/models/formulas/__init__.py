"""Formulas: texts that are read, by an allow-list and never evaluated, as graphs.

The language of formulas and ties: what it allows, what its names mean. It knows nothing
of models but in `component`, which makes one of a formula.
"""
