"""Why data do not determine parameters of a linear model, in words.

The features of the parameters are vectors over the rows; their Gram matrix says all
about them. A feature that is 0 in every row determines nothing; two whose cosine is 1
or -1 are the same up to a factor, and only one combination of their parameters is
determined; and the directions of the null space (see `covariance`) are combinations
that the data do not see.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from physfit.engine.orthogonal import NOISE
from physfit.typing import FloatArray
from physfit.uncertainty.covariance import Covariance

__all__ = ["undetermined_sentences"]

#: Names in a sentence.
NAMED = 8


def undetermined_sentences(
    covariance: Covariance, gram: FloatArray, names: Sequence[str], n_rows: int
) -> tuple[str, ...]:
    """Sentences on parameters without an error, one for each reason.

    Parameters
    ----------
    covariance : Covariance
        Of the P free parameters.
    gram : ndarray, shape (P, P)
        Products of their features, summed over the rows.
    names : sequence of str
        Of the free parameters.
    n_rows : int
    """
    lengths = np.sqrt(np.diag(gram))
    scale = np.where(lengths > 0.0, lengths, 1.0)
    scaled = gram / np.outer(scale, scale)
    groups = _equal_groups(scaled)
    sentences = _too_few(n_rows, len(names)) + _absent(lengths, names)
    sentences += [_equal(group, scaled, lengths, names) for group in groups]
    explained = int((lengths == 0.0).sum()) + sum(len(group) - 1 for group in groups)
    n_left = covariance.null.shape[1] - explained
    if n_left > 0 and n_rows >= len(names):
        places = [k for k in covariance.undetermined if lengths[k] > 0.0]
        sentences.append(_combined([names[k] for k in places], n_left))
    return tuple(sentences)


def _equal_groups(scaled: FloatArray) -> list[list[int]]:
    """Groups of features that are the same up to a factor."""
    same = np.abs(np.abs(scaled) - 1.0) < 10 * NOISE
    np.fill_diagonal(same, False)
    seen: set[int] = set()
    groups = []
    for k in np.flatnonzero(same.any(axis=1)).tolist():
        if k not in seen:
            groups.append([k, *np.flatnonzero(same[k]).tolist()])
            seen.update(groups[-1])
    return groups


def _too_few(n: int, n_parameters: int) -> list[str]:
    if n >= n_parameters:
        return []
    rows = "1 row" if n == 1 else f"{n} rows"
    return [
        f"{rows} cannot determine {n_parameters} parameters; take more data, fewer "
        "couplings, or a ridge."
    ]


def _absent(lengths: FloatArray, own: Sequence[str]) -> list[str]:
    absent = [name for name, size in zip(own, lengths, strict=True) if size == 0.0]
    if not absent:
        return []
    what = "its" if len(absent) == 1 else "their"
    return [
        f"{_listed(absent)} cannot be determined: {what} sum over spins is 0 in every "
        "row."
    ]


def _equal(
    group: list[int], scaled: FloatArray, lengths: FloatArray, own: Sequence[str]
) -> str:
    """A sentence about features that are the same up to a factor."""
    first = group[0]
    terms = [own[first]]
    for k in group[1:NAMED]:
        ratio = lengths[k] / lengths[first]
        factor = "" if np.isclose(ratio, 1.0) else f"{ratio:.4g} "
        terms.append(f"{'+' if scaled[first, k] > 0.0 else '-'} {factor}{own[k]}")
    more = " ..." if len(group) > NAMED else ""
    return (
        f"{_listed([own[k] for k in group])} cannot be told apart: their sums over "
        f"spins are in proportion in every row; only {' '.join(terms)}{more} is "
        "determined."
    )


def _combined(names: list[str], n_null: int) -> str:
    count = "one combination" if n_null == 1 else f"{n_null} combinations"
    return (
        f"{_listed(names)} are not all determined: {count} of them can change without "
        "any change of the energies; fix some of them, or take a ridge."
    )


def _listed(names: list[str]) -> str:
    shown = [f"`{name}`" for name in names[:NAMED]]
    if len(names) > NAMED:
        return ", ".join(shown) + f" and {len(names) - NAMED} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if shown[1:] else shown)
