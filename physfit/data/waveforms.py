"""Time of samples that a file gives as start and step in place of a column.

Rigol's oscilloscopes number the samples and write `Start` and `Increment` beside them,
or `t0 = -6e-06, tInc = 2e-09` in the line of names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from physfit.data.header import Header
from physfit.data.table import Offer, Steps

__all__ = ["with_axis"]

_NUMBER = r"([-+]?[\d.]+(?:[eE][-+]?\d+)?)"
_T0 = re.compile(rf"\bt0\s*=\s*{_NUMBER}.*\btInc\s*=\s*{_NUMBER}")


def with_axis(offer: Offer, header: Header, above: Sequence[str]) -> Offer:
    """The columns with a time of start and step, if the file has these."""
    first = offer.fields[0]
    with suppress(KeyError, ValueError):
        start, step = (float(header.extra[key]) for key in ("start", "increment"))
        if isinstance(first.values, np.ndarray) and first.unit.lower() == "sequence":
            note = f"{start:g} + {step:g} times its numbers"
            values = start + step * first.values
            timed = first._replace(values=values, unit="s", note=note)
            return offer._replace(fields=(timed, *offer.fields[1:]), axis=0)
    match = next(filter(None, map(_T0.search, above)), None)
    columns = [f.values for f in offer.fields if isinstance(f.values, np.ndarray)]
    if match is None or not columns:
        return offer
    start, step = float(match[1]), float(match[2])
    time = Steps(start, step).field(columns[0].size, "time", "s")
    time = time._replace(is_text=True, is_time=True)
    n = len(offer.fields)
    return offer._replace(fields=(*offer.fields, time), axis=n)
