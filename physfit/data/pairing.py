"""Whether columns of pandas or xarray belong together sample by sample.

Samples are paired by place. Two columns whose index holds the same labels in another
order, or for other rows, were meant to be paired by label, and are refused.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from physfit.errors import InputError

__all__ = ["check_pairing"]

#: What has no labels, looked at first: most columns are of these types.
_UNLABELLED = frozenset((np.ndarray, float, int, list, tuple, type(None)))


def check_pairing(**columns: Any) -> None:
    """Refuse columns that share labels which stand at different places.

    Parameters
    ----------
    **columns
        What a caller calls each, and its values of any kind.

    Raises
    ------
    InputError
        With the first place where they differ.
    """
    if all(type(own) in _UNLABELLED for own in columns.values()):
        return
    labelled = [(name, own) for name, own in columns.items() if _indexes(own)]
    for (one, first), (other, second) in combinations(labelled, 2):
        theirs = _indexes(second)
        for axis, index in _indexes(first).items():
            against = theirs.get(axis)
            if against is None or index.equals(against):
                continue
            if index.isin(against).any():
                raise InputError(_not_paired(one, index, other, against))


def _indexes(values: Any) -> dict[str, Any]:
    """Labels of the samples by the name of their axis."""
    library = type(values).__module__.partition(".")[0]
    if library == "pandas" and hasattr(values, "index"):
        return {"index": values.index}
    return dict(values.indexes) if library == "xarray" else {}


def _not_paired(one: str, index: Any, other: str, against: Any) -> str:
    n = min(len(index), len(against))
    at = next((i for i in range(n) if index[i] != against[i]), n)
    said = f"{len(index)} and {len(against)} labels"
    if at < n:
        said = f"{index[at]} and {against[at]} in place {at}"
    return (
        f"`{one}` and `{other}` share labels of their index, but not in the same order "
        f"({said}); select the same rows of both, or pass .to_numpy() of both to pair "
        "them by place."
    )
