"""One model, many independent rows of data."""
