"""Files as such: paths, states, digests, locks, and files that are whole or not there.

Every file that is written goes through `atomic`, every output has one `output_lock`;
`writers` keeps records as JSON and HDF5, `schema` checks them when they are read.
"""
