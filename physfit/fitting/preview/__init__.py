"""A first look at a curve: what was read, which peaks it shows, what may describe it.

`peaks` finds what stands out, `suggestion` tries a few models, `preview` puts all into
a report. Whoever draws or prints it is not known here.
"""
