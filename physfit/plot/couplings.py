"""The couplings of a model of spins as a picture: red binds parallel, blue opposite."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from physfit.errors import ShapeError
from physfit.plot.canvas import canvas
from physfit.plot.style import ROLES, applied, plain_text

__all__ = ["coupling_figure", "coupling_image"]

#: Diverging colours that colour-blind readers can tell apart, white at 0.
COLORS = "RdBu_r"


def coupling_figure(
    *matrices: NDArray[Any],
    titles: tuple[str, ...] = (),
    label: str = "coupling $J_{ij}$",
    limit: float | None = None,
) -> Figure:
    """Figure of coupling matrices side by side, on one scale of colours.

    Parameters
    ----------
    *matrices : ndarray, shape (n_spins, n_spins)
        As `models.coupling_matrix` gives them; NaN is drawn grey.
    titles : tuple of str
        One for each matrix, or none.
    label : str
        Of the colour bar.
    limit : float, optional
        Coupling of the strongest colours; the largest of all without it.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ShapeError
        When there is no matrix, one is not square, or the titles are not as many.

    Examples
    --------
    >>> import numpy as np
    >>> figure = coupling_figure(np.eye(3)[::-1], titles=("found",))
    >>> figure.axes[0].get_title()
    'found'
    """
    if not matrices:
        raise ShapeError("`matrices` is empty; pass at least one coupling matrix.")
    if titles and len(titles) != len(matrices):
        raise ShapeError(
            f"`titles` has {len(titles)} texts for {len(matrices)} matrices; pass one "
            "each."
        )
    limit = _largest(matrices) if limit is None else limit
    count = len(matrices)
    with canvas((1.2 + 3.4 * count, 3.4)) as figure:
        axes = figure.subplots(1, count, squeeze=False)[0]
        images = [
            coupling_image(ax, matrix, limit=limit)
            for ax, matrix in zip(axes, matrices, strict=True)
        ]
        for ax, title in zip(axes, titles, strict=False):
            ax.set_title(plain_text(title))
        figure.colorbar(images[-1], ax=list(axes), label=label)
    return figure


def coupling_image(
    ax: Axes, matrix: NDArray[Any], *, limit: float | None = None, **image: Any
) -> AxesImage:
    """Coupling matrix as an image, colours symmetric around 0.

    Parameters
    ----------
    ax : Axes
    matrix : ndarray, shape (n_spins, n_spins)
    limit : float, optional
        Coupling of the strongest colours; the largest without it.
    **image
        For `Axes.imshow`.
    """
    table = np.asarray(matrix, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise ShapeError(
            f"`matrix` has shape {table.shape}, but couplings are a square of sites; "
            "see `coupling_matrix`."
        )
    limit = _largest((table,)) if limit is None else limit
    look: dict[str, Any] = {
        "cmap": COLORS,
        "vmin": -limit,
        "vmax": limit,
        "interpolation": "nearest",
        **image,
    }
    with applied():
        drawn = ax.imshow(table, **look)
        ax.set_facecolor(ROLES["guide"])
        ax.set_xlabel("site j")
        ax.set_ylabel("site i")
    return drawn


def _largest(matrices: tuple[NDArray[Any], ...]) -> float:
    """Largest size of all finite couplings; 1 if there is none."""
    sizes = [
        np.abs(matrix[np.isfinite(matrix)]).max(initial=0.0) for matrix in matrices
    ]
    return float(max(sizes)) or 1.0
