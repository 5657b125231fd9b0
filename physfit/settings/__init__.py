"""Settings, each declared once: keyword, key of a job file, option and its help.

`setting` says what a setting is and checks its values, `kinds` what kinds there are,
`texts` reads what is typed; `fits`, `minibatches`, `studies`, `many` and `files`
declare them, group by group; `keywords` gives a group to a Python function. What the
values do is not known here.
"""
