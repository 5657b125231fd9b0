"""The same problem by several solvers, and problems with certified answers."""
