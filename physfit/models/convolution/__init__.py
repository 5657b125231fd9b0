"""Convolutions: models seen by a response of unit area, `model @ response`.

`response` is a measured one, `pairs` are joins whose convolution the catalogue has,
`kernel` sums all others (by `engine.convolution`). How a convolution stands in a model
is known to `models.tree` alone.
"""

from __future__ import annotations
