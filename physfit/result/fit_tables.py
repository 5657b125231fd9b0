"""Tables of fits: the curve of one, and a line for each of several files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from physfit.data.csv_text import Cell
from physfit.errors import PhysfitError
from physfit.models.samples import joined

if TYPE_CHECKING:
    from physfit.result.fit_result import FitResult

__all__ = ["FileFit", "curve_columns", "line_of", "lines_of_files", "status_of"]

#: A file, and its fit or why there is none.
FileFit: TypeAlias = "tuple[str, FitResult | PhysfitError]"


def curve_columns(result: FitResult) -> dict[str, list[float]]:
    """x, y, sigma where there is one, fit, residual and components at the data.

    The terms of a sum are its components; complex values take two columns, and y and
    the fit magnitude and phase besides.
    """
    data = result.data
    columns: dict[str, list[float]] = {}
    for label, x in zip(data.x_names, data.x, strict=True):
        columns[_heading(label, data.x_unit)] = x.tolist()
    places = data.x[0] if len(data.x) == 1 else data.x
    terms = result.components(places) if len(result.model.terms) > 1 else {}
    named: list[tuple[str, NDArray[Any]]] = [(data.y_label, data.y)]
    named += [] if data.sigma is None else [("sigma", data.sigma)]
    named += [("fit", result.best_fit), ("residual", result.residuals)]
    for name, values in (*named, *terms.items()):
        for part, own in _parts(name, values, len(data.y)).items():
            heading = _heading(part, data.y_unit)
            while heading in columns:
                heading = f"fitted {heading}"
            columns[heading] = own.tolist()
    if len(data.y) > 1:
        columns |= _polar(data.y_label, joined(data.y), data.y_unit)
        columns |= _polar("fit", result.best_fit, data.y_unit)
    return columns


def _polar(name: str, values: NDArray[Any], unit: str) -> dict[str, list[float]]:
    """Magnitude and phase of complex values."""
    return {
        _heading(f"{name} abs", unit): np.abs(values).tolist(),
        f"{name} phase (rad)": np.angle(values).tolist(),
    }


def _parts(name: str, values: NDArray[Any], n: int) -> Mapping[str, NDArray[Any]]:
    """Columns of real values, or real and imaginary part."""
    if n == 1:
        return {name: np.ravel(values)}
    re, im = (values.real, values.imag) if np.iscomplexobj(values) else values
    return {f"{name} re": np.ravel(re), f"{name} im": np.ravel(im)}


def _heading(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit else label


def lines_of_files(
    fits: Sequence[FileFit],
) -> dict[str, list[Cell]]:
    """A line for each file: parameters and derived quantities, errors, chi2, status.

    The status of a file that could not be fitted is the sentence that says why.
    """
    results = [own for _, own in fits if not isinstance(own, PhysfitError)]
    names = list(dict.fromkeys(name for own in results for name in _names(own)))
    columns: dict[str, list[Cell]] = {"file": [file for file, _ in fits]}
    for name in names:
        for suffix in ("", "_stderr"):
            columns[name + suffix] = [_number(own, name, suffix) for _, own in fits]
    for name in ("chi2", "dof"):
        columns[name] = [
            math.nan if isinstance(own, PhysfitError) else getattr(own, name)
            for _, own in fits
        ]
    columns["status"] = [
        str(own) if isinstance(own, PhysfitError) else status_of(own) for _, own in fits
    ]
    return columns


def line_of(result: FitResult) -> list[str]:
    """Values of a fit with their errors, reduced chi2 and status, as short texts."""
    values = [f"{name} = {result[name]}" for name in result.names]
    quality = f"reduced chi2 {result.reduced_chi2:.4g}"
    return [status_of(result), *values, quality]


def status_of(result: FitResult) -> str:
    """That a fit converged, or why it did not, in a word."""
    return "converged" if result.converged else result.status.name.lower()


def _names(result: FitResult) -> list[str]:
    return [*result.names, *result.derived]


def _number(own: FitResult | PhysfitError, name: str, suffix: str) -> float:
    if isinstance(own, PhysfitError):
        return math.nan
    estimate = own[name]
    return estimate.stderr if suffix else estimate.value
