"""Figures of the fits of many rows, as methods of their result.

What they show is found by `many_pictures`, drawn by `plot.many_*`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from physfit.result.many_fitted import ManyFitted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

    from physfit.plot.many_marks import Kinds, Picture

__all__ = ["ManyFigures"]


class ManyFigures(ManyFitted):
    """What can be drawn of a `ManyResult`."""

    def plot_map(
        self,
        name: str | None = None,
        *,
        what: str = "value",
        at: tuple[int, ...] | None = None,
        where: str | ArrayLike | None = None,
        limits: tuple[float, float] | None = None,
        ax: Axes | None = None,
        title: str = "",
    ) -> Figure:
        """Figure of one quantity over the rows.

        An image for a map, a line with its errors for rows along one axis. Shown are
        rows that converged with a finite error, at no bound, and where the component is
        there (its amplitude is at least 5 standard errors from zero); all others are
        grey, and the legend counts them by reason. The colours hold most of these rows,
        and their medians with their neighbours, so that single rows do not decide them.

        Parameters
        ----------
        name : str, optional
            A parameter or derived quantity, for its value or standard error.
        what : str
            "value" or "stderr" of `name`; or of the fit "chi2" (per degree of
            freedom), "p_value", "n_steps", "n_samples", "status" or "retry_stage".
        at : tuple of int, optional
            Index along each axis but the last two, for maps of more than two; the
            middle if left out.
        where : str, array_like of bool or array_like of int, optional
            Rows to show: a condition such as "reduced_chi2 < 2", a mask or places, as
            for `refit`.
        limits : (float, float), optional
            Ends of the colours, or of the axis of a line.
        ax : matplotlib.axes.Axes, optional
            Where to draw, in place of a new figure.
        title : str
            Above the figure.

        Raises
        ------
        InputError
            When there is no such quantity, or no such row.

        Examples
        --------
        >>> import physfit as pf
        >>> rows = [[[1.0, 3.1, 4.9], [0.0, 2.0, 4.2]]] * 3
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows, sigma=0.1)
        >>> [ax.get_ylabel() for ax in many.plot_map("slope").axes]
        ['y', 'slope']
        """
        from physfit.plot.many_series import rows_figure
        from physfit.result.many_pictures import kinds_of, picture_of, slice_of

        index, place = slice_of(self, at)
        picture: Picture | Kinds
        if what in ("status", "retry_stage"):
            picture = kinds_of(self, what, where, limits)
        else:
            picture = picture_of(self, name, what, where, limits)
        title = ", ".join(text for text in (title, place) if text)
        return rows_figure(picture.at(index), title=title, ax=ax)

    def plot_worst(
        self,
        n: int = 6,
        *,
        by: str = "chi2",
        where: str | ArrayLike | None = None,
        places: Sequence[Sequence[int]] | None = None,
        title: str = "",
    ) -> Figure:
        """Figure of the worst fits, each with data, model and residuals.

        Half of them did not converge, where there are such; the others did, with the
        largest chi2. Data and curves are in view; single samples far beyond are marked
        on the edge.

        Parameters
        ----------
        n : int
            How many, at most.
        by : {"chi2", "p_value"}
            As for `worst`.
        where : str, array_like of bool or array_like of int, optional
            Rows that are taken, as for `plot_map`.
        places : sequence of sequence of int, optional
            Rows to draw instead of the worst.
        title : str
            Above the figure.

        Raises
        ------
        InputError
            When the data are not at hand.

        Examples
        --------
        >>> import physfit as pf
        >>> rows = [[1.0, 3.1, 4.9], [0.0, 2.0, 0.0]]
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows, sigma=0.1)
        >>> len(many.plot_worst(1).axes)
        2
        """
        from physfit.plot.many_pages import fits_figure
        from physfit.result.many_pictures import fits_at
        from physfit.result.many_rows import worst_places

        if places is None:
            places = worst_places(self, n, by, where).tolist()
        return fits_figure(fits_at(self, places), title=title)

    def plot_histograms(
        self,
        names: Iterable[str] | None = None,
        *,
        where: str | ArrayLike | None = None,
        title: str = "",
    ) -> Figure:
        """Figure with a histogram of each quantity over rows that determine it.

        Parameters
        ----------
        names : iterable of str, optional
            Parameters and derived quantities; all but fixed ones if left out.
        where : str, array_like of bool or array_like of int, optional
            Rows that are taken, as for `plot_map`.
        title : str
            Above the figure.
        """
        from physfit.plot.many_histograms import histogram_figure
        from physfit.result.many_pictures import distributions

        varied = [own.name for own in self.model.params if not own.fixed]
        chosen = (*varied, *self.derived) if names is None else tuple(names)
        return histogram_figure(distributions(self, chosen, where), title=title)

    def plot_correlations(
        self,
        names: Iterable[str] | None = None,
        *,
        where: str | ArrayLike | None = None,
        title: str = "",
    ) -> Figure:
        """Figure of how quantities go together across the rows.

        Beside each coefficient stands that of a single fit, for free parameters: what
        noise alone would give.

        Parameters
        ----------
        names : iterable of str, optional
            Parameters and derived quantities; the free parameters if left out.
        where : str, array_like of bool or array_like of int, optional
            Rows that are taken, as for `plot_map`.
        title : str
            Above the figure.
        """
        from physfit.plot.many_correlations import correlation_figure
        from physfit.result.many_pictures import distributions, within_rows

        chosen = self.free_names if names is None else tuple(names)
        within = None
        if set(chosen) <= set(self.free_names):
            numbers = [self.model.free_index[name] for name in chosen]
            within = within_rows(self)[np.ix_(numbers, numbers)]
        spreads = distributions(self, chosen, where, is_joint=True)
        return correlation_figure(spreads, within, title=title)

    def plot_pulls(
        self,
        n_rows: int = 2000,
        *,
        where: str | ArrayLike | None = None,
        title: str = "",
    ) -> Figure:
        """Figure of the residuals in units of sigma against the standard normal.

        Parameters
        ----------
        n_rows : int
            Rows that converged, evenly taken from the map, whose residuals are shown.
        where : str, array_like of bool or array_like of int, optional
            Rows that are taken, as for `plot_map`.
        title : str
            Above the figure.

        Raises
        ------
        InputError
            When no row converged, or the data are not at hand.
        """
        from physfit.plot.many_residuals import pulls_figure
        from physfit.result.many_pictures import pulls_of

        return pulls_figure(pulls_of(self, n_rows, where), title=title)
