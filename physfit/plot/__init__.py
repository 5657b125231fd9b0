"""Figures, drawn on the Axes that are passed in; matplotlib is imported on first use.

`figures` takes results of fits, `couplings` matrices of couplings; `style` holds the
colours by role.
"""
