"""Solvers: from an objective and start values to a solution."""
