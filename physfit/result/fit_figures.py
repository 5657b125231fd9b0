"""Figures of a fit, as methods of its result; `plot` draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from physfit.errors import InputError
from physfit.result.fitted_curve import FittedCurve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from physfit.result.fit_result import FitResult

__all__ = ["FitFigures"]


class FitFigures(FittedCurve):
    """What can be drawn of a `FitResult`."""

    def plot(
        self,
        *,
        title: str = "",
        band: float | None = None,
        ax: Axes | None = None,
        size: tuple[float, float] | None = None,
        log_y: bool = False,
        view: str = "parts",
    ) -> Figure:
        """Figure with data, model, components and, below, the residuals in sigma.

        Of an image it shows data, model and residuals as images, of a model of spins
        the matrix of its couplings. It shows itself in a
        notebook; `figure.savefig("fit.png")` writes it. Its parts are functions of
        `physfit.plot.figures` and `physfit.plot.couplings`.

        Parameters
        ----------
        title : str
            Above the figure; none when empty.
        band : float, optional
            Draw the band in which the curve lies with that probability, such as 0.95.
        ax : matplotlib.axes.Axes, optional
            Draw there, without the residuals; of complex data the real part.
        size : pair of float, optional
            Width and height in inches.
        log_y : bool
            Whether the axis of y is logarithmic; the legend counts what it cannot show.
        view : {"parts", "polar", "plane"}
            Of complex data: real and imaginary part against x, magnitude and phase, or
            one against the other in the complex plane; the residuals are those of both
            parts.

        Returns
        -------
        matplotlib.figure.Figure
            Two panels for complex data above the residuals, one in the plane.

        Raises
        ------
        InputError
            When a sample has more than two coordinates, unless these are spins, which
            take a title only; when `log_y` finds no sample above 0.

        Examples
        --------
        >>> import physfit as pf
        >>> figure = pf.fit(pf.models.Constant(), [0, 1], [4, 6]).plot(title="Level")
        >>> [ax.get_ylabel() for ax in figure.axes]
        ['y', 'residual (est. σ)']
        """
        from physfit.plot.figures import fit_figure, fit_on

        if self.model.spins:
            if (band, ax, size, log_y, view) != (None, None, None, False, "parts"):
                raise InputError(
                    "the figure of a model of spins is that of its couplings; leave "
                    "out `band`, `ax`, `size`, `log_y` and `view`."
                )
            from physfit.models.ising_energy import coupling_matrix
            from physfit.plot.couplings import coupling_figure

            matrix = coupling_matrix(self.model, self.values)
            return coupling_figure(matrix, titles=(title,) if title else ())
        if view != "parts":
            from physfit.plot.complex_figures import complex_figure

            if (ax, log_y) != (None, False):
                raise InputError(
                    f"`view` {view!r} is that of a whole figure; leave out `ax` and "
                    "`log_y`."
                )
            return complex_figure(self, view, title=title, band=band, size=size)
        if len(self.data.x) > 1:
            from physfit.plot.images import image_figure

            if (band, ax, log_y) != (None, None, False):
                raise InputError(
                    "the figure of an image is three panels of colours; leave out "
                    "`band`, `ax` and `log_y`."
                )
            return image_figure(self, title=title, size=size)
        if ax is None:
            return fit_figure(self, title=title, band=band, size=size, log_y=log_y)
        if size is not None:
            raise InputError("`size` is that of a new figure; leave out it or `ax`.")
        return fit_on(ax, self, title=title, band=band, log_y=log_y)

    def plot_history(
        self,
        reference: FitResult | None = None,
        *,
        against: str = "step",
        title: str = "",
    ) -> Figure:
        """Figure of how a run on minibatches went: loss, distance, learning rate.

        Parameters
        ----------
        reference : FitResult, optional
            The answer by another method, such as "lm": a panel shows how far the run
            was from it, in its standard errors.
        against : {"step", "n_rows", "seconds"}
            What is on the horizontal axis.
        title : str
            Above the figure; the method when empty.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        InputError
            When the fit was made by a method that keeps no history.

        Examples
        --------
        >>> import physfit as pf
        >>> x, y = [0.0, 1.0, 2.0, 3.0], [1.0, 3.1, 4.9, 7.0]
        >>> run = pf.fit(pf.models.Linear(), x, y, sigma=0.1, method="gd", epochs=50)
        >>> exact = pf.fit(pf.models.Linear(), x, y, sigma=0.1)
        >>> [ax.get_ylabel() for ax in run.plot_history(exact).axes][1:]
        ['distance to the reference (σ)', 'learning rate']
        """
        from physfit.plot.history import history_figure

        return history_figure(self, reference, against=against, title=title)
