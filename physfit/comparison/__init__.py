"""The same problem by several solvers, timed and judged beside one reference."""
