"""What explorations and comparisons give back: a report, a record and a figure."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import fields
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, ClassVar

from physfit.document.documented import Documented
from physfit.result.column_table import TableColumns, frame_of, write_columns
from physfit.result.rounding import rounded

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

__all__ = ["CountCallback", "Exploration", "counting", "with_error"]

#: Given how many parts of an exploration are done, and of how many.
CountCallback = Callable[[int, int], None]


class Exploration(Documented):
    """What an exploration gives: a dataclass with a report, a record and a figure."""

    #: Place of the function that draws it, in `physfit.plot`.
    FIGURE: ClassVar[str]
    #: Attributes that stand in the record besides the fields.
    RECORDED: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        first = self.report().splitlines()[0]
        return f"<{type(self).__name__} of {first}>"

    def _record(self) -> dict[str, Any]:
        names = [*(field.name for field in fields(self)), *self.RECORDED]  # type: ignore[arg-type]
        return {name: getattr(self, name) for name in names}

    @abstractmethod
    def _table(self) -> TableColumns:
        """What the table has, by column."""

    def to_frame(self) -> pandas.DataFrame:
        """Table of pandas.

        Of a comparison a line for each method, of many starts for each minimum, of a
        sweep for each fit, of a test of learning rates for each rate, of a landscape
        for each point, of refits and simulated data for each quantity.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        InputError
            When pandas is not installed.

        Examples
        --------
        >>> import physfit as pf
        >>> line, x, y = pf.models.Linear(), [0.0, 1.0, 2.0, 3.0], [1.0, 3.1, 4.9, 7.0]
        >>> found = pf.compare(line, x, y, methods=["lm", "scipy:lm"]).to_frame()
        >>> found["method"].to_list()
        ['lm', 'scipy:lm', 'scipy:lm']
        """
        return frame_of(self._table())

    def to_csv(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the table of `to_frame` to a file; pandas is not needed.

        Parameters
        ----------
        path : path
            Ends in .csv.
        overwrite : bool
            Whether an existing file may be replaced.

        Raises
        ------
        InputError
            When the suffix is another.
        DataError
            When the file exists and may not be replaced, or cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> import physfit as pf
        >>> line, x, y = pf.models.Linear(), [0.0, 1.0, 2.0, 3.0], [1.0, 3.1, 4.9, 7.0]
        >>> boot = pf.bootstrap(pf.fit(line, x, y), 100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     boot.to_csv(f"{folder}/refits.csv")
        """
        write_columns(self._table(), path, overwrite=overwrite)

    def plot(self, *, title: str = "") -> Figure:
        """Figure of what was found, as the class describes it.

        Parameters
        ----------
        title : str
            Above the figure; what was done when empty.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        InputError
            When a sweep varied more than two settings.

        Examples
        --------
        >>> import physfit as pf
        >>> line, x, y = pf.models.Linear(), [0.0, 1.0, 2.0, 3.0], [1.0, 3.1, 4.9, 7.0]
        >>> len(pf.multistart(line, x, y, n_starts=8).plot().axes)
        2
        >>> pf.find_rate(line, x, y, method="gd").plot().axes[0].get_xlabel()
        'learning rate'
        >>> pf.landscape(line, x, y, over="slope").plot().axes[0].get_xlabel()
        'slope'
        >>> figure = pf.compare(line, x, y, methods=["lm"]).plot()
        >>> [ax.get_xlabel() for ax in figure.axes]
        ['passes over the data', 'time (s)', 'passes over the data']
        """
        figure: Figure = resolve_name(f"physfit.plot.{self.FIGURE}")(self, title=title)
        return figure


def with_error(value: float, stderr: float) -> str:
    """Value and error as a report shows them."""
    text, error = rounded(value, stderr)
    return f"{text} +- {error or '?'}"


def counting(
    progress: CountCallback | None,
) -> Callable[[Sequence[object | None]], None] | None:
    """Callback of parallel work that counts the results that are there."""
    if progress is None:
        return None
    return lambda results: progress(
        sum(result is not None for result in results), len(results)
    )
