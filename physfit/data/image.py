"""Images as samples of two coordinates: a value for each pixel.

An image has the shape (rows, columns). Its x follows the columns, its y the rows, and
the samples go along the rows, as `ravel` has them. What lies between: pixels are points
at their middles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.columns import numbers
from physfit.data.table import Field, LazyColumn, Offer
from physfit.errors import ShapeError
from physfit.typing import FloatArray

__all__ = ["along_columns", "along_rows", "flattened", "image_offer", "is_image"]
__all__ += ["pixel_axes"]

#: Sides of a matrix up to which it is a table of columns, and no image.
MOST_COLUMNS = 4


def is_image(shape: tuple[int, ...]) -> bool:
    """Whether an array of this shape is an image rather than a table of columns.

    Examples
    --------
    >>> is_image((480, 640)), is_image((1000, 3)), is_image((2, 500))
    (True, False, False)
    """
    return len(shape) == 2 and min(shape) > MOST_COLUMNS


def along_columns(x: FloatArray, n_rows: int) -> FloatArray:
    """Place along x of each sample of an image."""
    return np.tile(x, n_rows)


def along_rows(y: FloatArray, n_columns: int) -> FloatArray:
    """Place along y of each sample of an image."""
    return np.repeat(y, n_columns)


def flattened(x: Any, image: Any, sigma: Any) -> tuple[FloatArray, Any, Any]:
    """Coordinates (2, n), values and standard deviations of the pixels of an image.

    Parameters
    ----------
    x : None or pair
        Numbers of columns and rows from 0; places of the columns and of the rows, or
        of each pixel, as `np.meshgrid` has them.
    image : array_like, shape (rows, columns)
        Perhaps masked.
    sigma : None, float or array_like
        Of the shape of the image, or one for all.

    Raises
    ------
    ShapeError
        When the shapes do not belong together.

    Examples
    --------
    >>> x, y, _ = flattened(None, [[1.0, 2.0], [3.0, 4.0]], None)
    >>> x.tolist(), y.tolist()
    ([[0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]], [1.0, 2.0, 3.0, 4.0])
    """
    values = np.asanyarray(image)
    rows, columns = values.shape
    if x is None:
        x = np.arange(columns), np.arange(rows)
    given = [numbers("x", own, False) for own in x] if len(x) == 2 else []
    shapes = [own.shape for own in given]
    if shapes == [(columns,), (rows,)]:
        places = [along_columns(given[0], rows), along_rows(given[1], columns)]
    elif shapes in ([(rows, columns)] * 2, [(rows * columns,)] * 2):
        places = [own.ravel() for own in given]
    else:
        came = " and ".join(map(str, shapes)) if shapes else f"{len(x)} arrays"
        raise ShapeError(
            f"`y` is an image of {rows} rows and {columns} columns, so `x` must be the "
            f"places of its columns and rows, of shapes ({columns},) and ({rows},), or "
            f"both of each pixel, but came as {came}; None counts pixels from 0."
        )
    if np.ndim(sigma):
        errors = np.asanyarray(sigma)
        if errors.size != values.size or errors.shape[-1:] not in (
            (columns,),
            (values.size,),
        ):
            raise ShapeError(
                f"`sigma` has shape {errors.shape}, but the image has {values.shape}; "
                "pass one number, or one for each pixel."
            )
        sigma = errors.ravel()
    return np.array(places, dtype=np.float64), values.ravel(), sigma


def image_offer(
    source: str,
    image: NDArray[Any] | LazyColumn,
    axes: Sequence[Field],
    word: str = "column",
    title: Field | None = None,
) -> Offer:
    """The samples of an image in a file: x, y and the values.

    Parameters
    ----------
    source : str
    image : ndarray, shape (rows, columns), or LazyColumn
        A column has the values of the pixels in the order of `ravel`.
    axes : sequence of Field
        Of the columns, then of the rows.
    word : str
        What its columns are called.
    title : Field, optional
        Name and unit of the values.
    """
    (across, up), (x, y) = axes, (own.values for own in axes)
    assert x is not None and y is not None
    n_columns, n_rows, size = x.size, y.size, x.size * y.size

    def place(axis: NDArray[Any] | LazyColumn, is_across: bool) -> LazyColumn:
        def read(start: int, stop: int) -> FloatArray:
            whole = axis if isinstance(axis, np.ndarray) else axis.read(0, axis.size)
            if is_across:
                return along_columns(whole, n_rows)[start:stop]
            return along_rows(whole, n_columns)[start:stop]

        return LazyColumn(size, np.dtype(np.float64), read)

    values = image.ravel() if isinstance(image, np.ndarray) else image
    fields = (
        across._replace(values=place(x, True)),
        up._replace(values=place(y, False)),
        (title or Field("value", "", None))._replace(values=values),
    )
    columns = zip(("x", "y"), (x, y), strict=True)
    notes = [
        own.note.replace("x is", f"{name} is")
        for name, own in (*columns, ("", image))
        if isinstance(own, LazyColumn) and own.note
    ]
    remark = f"an image of {n_rows} rows and {n_columns} columns"
    return Offer(source, fields, word, (remark, *notes))


def pixel_axes(shape: tuple[int, ...]) -> list[Field]:
    """Numbers of the columns and of the rows, from 0."""
    sizes = zip(("column", "row"), shape[::-1], strict=True)
    return [
        Field(
            *(name, "", np.arange(n, dtype=np.float64)),
            note=f"the number of the {name}",
            is_made=True,
        )
        for name, n in sizes
    ]
