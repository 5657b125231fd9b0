"""Files that instruments write: their measurements as named columns with units.

Knows by which first bytes each format is told from others, which library reads it, and
what of its numbers must be said. Does not know what the columns are wanted for.
"""
