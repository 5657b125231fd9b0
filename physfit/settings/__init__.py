"""Settings, each declared once: keyword, key of a job file, option and its help.

`setting` says what a setting is and checks its values, `kinds` what kinds there are,
`texts` reads what is typed; `fits`, `minibatches`, `studies` and `files` declare them,
group by group; `doors` joins the groups that a Python function takes, to which
`keywords` gives them. What the values do is not known here.
"""
