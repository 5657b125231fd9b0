"""Generators of bad inputs, a module for each kind; each case from its seed alone."""
