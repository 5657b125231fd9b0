"""Where parameters and axes stand in a file of maps, whatever they are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from physfit.data.jobs.map_rows import DERIVED, QUALITY

__all__ = ["axis_places", "unique_names"]


def axis_places(names: Sequence[str], parameters: Sequence[str]) -> list[str]:
    """Names of datasets of axes, beside those of the maps of parameters.

    Examples
    --------
    >>> axis_places(["y", "x (a/b)", "center"], ["center"])
    ['y', 'x (a_b)', 'center_axis']
    """
    taken = {*parameters, *(f"{name}_errors" for name in parameters)}
    return unique_names(map(_plain, names), {*taken, *QUALITY, *DERIVED})


def unique_names(names: Iterable[str], taken: Iterable[str]) -> list[str]:
    """The same names, longer where one is taken or stands there twice.

    Examples
    --------
    >>> unique_names(["x", "x", "chi2"], ["chi2"])
    ['x', 'x_axis', 'chi2_axis']
    """
    used, found = set(taken), []
    for name in names:
        while name in used:
            name += "_axis"
        used.add(name)
        found.append(name)
    return found


def _plain(name: str) -> str:
    """A name that HDF5 takes for one place and not for a path."""
    plain = "".join("_" if own in "/\0" else own for own in name)
    return "axis" if plain.strip(".") == "" else plain
