"""Start values from data, in compiled code: for one curve and for rows alike.

`row.guess_row` is the entry of all models. What stands beside a polynomial is
found by a search, an entry of its own that is compiled when a model first needs it:
`peaks`, `decays`, `waves`, `resonances`, `images`. The other modules are shared.
None knows a model by name: a plan says where the parameters stand.
"""
