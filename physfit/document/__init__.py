"""Reports as documents: blocks, and renderers that show them.

`blocks` are what a report is made of, `documented` is what has one. A renderer (`text`,
`html`, `markdown`, `latex`, `records` for JSON) knows the blocks and nothing of fits.
"""
