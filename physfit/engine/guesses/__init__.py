"""Start values from data, in compiled code: for one curve and for rows alike.

Each module but the shared ones (frame, basis, polynomials, boxes, spectrum, shapes)
holds one entry with the signature `abi.GUESS`, which is compiled when a model first
needs it. They know no model by name: a plan says where the parameters stand.
"""
