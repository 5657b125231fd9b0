"""Physics as scalar functions: special functions, point functions and losses."""
