"""Files in and out: tables, streams of rows, and rows that are fitted one by one.

`files` knows files as such, `hdf5` those of HDF5, `jobs` those of jobs of many rows.
Here, columns are found by name and length, rows are checked, mixed and scattered into
windows. Nothing here knows models, losses or fits.
"""
