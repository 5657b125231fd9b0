"""Figures of docs/optimization.md, one function for each."""
