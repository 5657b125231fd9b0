"""One module per kind of data: how its files are made and what a fit of them gives."""
