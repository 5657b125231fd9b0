"""Peaks whose number is not known: `find_peaks` finds and fits them."""
