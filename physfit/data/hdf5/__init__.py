"""Files of HDF5: those of others are opened once they are known to be safe.

`guard` opens, `errors` says what failed, `place` and `complete` find files that a file
draws on, `numbers` refuses what holds none. `source` streams columns, `rows`
reads rows one by one; `output` and `tree` write files of the project's own.
"""
