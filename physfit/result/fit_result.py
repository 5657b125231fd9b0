"""The result of one fit, with all that can be asked of it.

What it found stands in `fitted`, its curve in `fitted_curve`, its figures in
`fit_figures`; here are other fits from it, the report, tables and files.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from physfit.document.blocks import Document
from physfit.errors import ConvergenceError
from physfit.models.loss import Loss
from physfit.models.param import Change
from physfit.result.fit_figures import FitFigures

if TYPE_CHECKING:
    import pandas

    from physfit.result.conversion import Converted

__all__ = ["FitResult"]


class FitResult(FitFigures):
    """What a fit found.

    `result["center"]` is the `Estimate` of a parameter or derived quantity, `result(x)`
    the fitted curve. P is the number of free parameters, n that of the samples.

    Attributes
    ----------
    model : Model
    data : Observations
    loss : Loss
    method : str
        "lm", that of scipy, or the name of an optimiser on minibatches.
    solution : Solution
        Where the solver ended: `solution.theta`, shape (P,), are the free parameters.
    start : ndarray, shape (P,)
        Start values of the free parameters.
    guessed : tuple of str
        Those of them that were guessed from the data.
    nearest_chi2 : float
        That of the minimum which the given start leads to, where a lower one in its
        neighbourhood was found; NaN elsewhere.
    retry_stage : RetryStage or None
        Other start values that led to the answer, where a fit from `start` failed.
    seconds, compile_seconds : float
        Wall time of the fit without compilation, and of compilation alone, in s.
    created : float
        When, in seconds since 1970 (UTC).
    versions : mapping of str to str, or None
        Versions of the programs that made a result loaded from a file.
    assessment : Assessment or None
        What a pass over all rows says of the answer; for fits on minibatches and of
        files larger than memory, whose `data` are a sample of the rows.
    run : RunSettings or None
        Settings of a run on minibatches; None for other methods.
    weight_decay : float
        Strength of the ridge, or of the decay of a run on minibatches; 0 without.
    scale : float or None
        Standard deviation of a sample as the residuals tell it, in the unit of y: that
        by which a robust loss measures them where no sigma was given; else None.

    Raises
    ------
    InputError
        By `result[name]` when there is no such parameter or derived quantity.

    Examples
    --------
    >>> import physfit as pf
    >>> volt = [0.0, 1.0, 2.0, 3.0]
    >>> result = pf.fit(pf.models.Linear(), volt, [1.0, 3.1, 4.9, 7.0], sigma=0.1)
    >>> slope = result["slope"]
    >>> print(f"{slope.value:.2f} +- {slope.stderr:.2f}")
    1.98 +- 0.04
    >>> print(f"{result.chi2:.1f}, {result.dof}, {result.p_value:.2f}")
    1.8, 2, 0.41
    >>> result([4.0, 5.0]).round(2), result.covariance.shape
    (array([ 8.95, 10.93]), (2, 2))
    """

    def require(self) -> FitResult:
        """Self when the fit converged.

        Returns
        -------
        FitResult

        Raises
        ------
        ConvergenceError
            When it did not; its `solution` is where the fit ended.

        Examples
        --------
        >>> import physfit as pf
        >>> result = pf.fit(pf.models.Constant(), [0, 1, 2], [4.0, 5.0, 6.0]).require()
        >>> round(result["c"].value, 6)
        5.0
        """
        if not self.converged:
            raise ConvergenceError(
                f"The fit of {self.model.expression} has {self.message}.", self.solution
            )
        return self

    def convert(
        self, *names: str, unit: str | None = None, **expressions: str
    ) -> Converted:
        """Quantities that follow from the parameters, with errors and covariance.

        Parameters
        ----------
        *names : str
            Parameters, derived quantities, and of oscillators any word of f0, omega0,
            rate, tau, Q, zeta and fwhm, with the prefix of the component.
        unit : str, optional
            Another unit of positions along a spectrum and of widths there: eV, meV,
            1/cm, Hz to THz, K, nm, um, angstrom and so on (wavelengths in vacuum).
            Widths are converted by the slope at the position, `center`.
        **expressions : str
            Further quantities by a name and an expression of others.

        Returns
        -------
        Converted
            Errors are propagated to first order, with all correlations.

        Raises
        ------
        InputError
            When a name or a unit is not known.

        Examples
        --------
        >>> import numpy as np
        >>> import physfit as pf
        >>> t = np.linspace(0.0, 10.0, 200)
        >>> ring = pf.models.Ringdown()
        >>> y = ring(t, amplitude=1.0, frequency=0.8, rate=0.2, phase=0.0)
        >>> found = pf.fit(ring, t, y, sigma=0.01).convert("Q", "tau", "omega0")
        >>> round(found["Q"].value, 3), found.covariance.shape
        (12.576, (3, 3))
        """
        from physfit.result.conversion import converted

        return converted(self, names, expressions, unit)

    def refit(
        self,
        *,
        loss: str | Loss | None = None,
        start: Mapping[str, float] | str | None = None,
        method: str | None = None,
        **changes: Change | float,
    ) -> FitResult:
        """Fit of the same data with something changed, from here.

        Data, labels, units, loss and method stay.

        Parameters
        ----------
        loss, method : str or Loss, optional
            Others, as for `physfit.fit`. Of a fit on minibatches say `method="lm"`.
        start : mapping of str to float, or "random", optional
            Start values; the others are those of this result, put inside new bounds.
        **changes : float or Change
            Of parameters, as for `Model.where`.

        Returns
        -------
        FitResult

        Raises
        ------
        InputError, ModelError
            Arguments are not usable, or the result holds a sample of its rows only.

        Examples
        --------
        >>> import physfit as pf
        >>> line = pf.fit(pf.models.Linear(), [0, 1, 2, 3], [1.0, 3.1, 4.9, 7.0])
        >>> flat = line.refit(slope=pf.fixed(0.0))
        >>> flat.free_names, round(flat["intercept"].value, 6)
        (('intercept',), 4.0)
        """
        from physfit.result.refitting import refit_arguments

        fit = resolve_name("physfit.fitting:fit")  # which stands above results
        asked = refit_arguments(self, changes, loss, start, method)
        result: FitResult = fit(**asked)
        return result

    # Out

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before using the numbers, one sentence each."""
        from physfit.result.caveats import caveats

        return caveats(self)

    def _document(self) -> Document:
        from physfit.result.report import document

        return document(self)

    def _record(self) -> dict[str, Any]:
        """What a file holds, but for the columns of data."""
        from physfit.result.file import SCHEMA
        from physfit.result.record import to_record

        record = to_record(self)
        for name in ("x", "y", "sigma"):
            del record["data"][name]
        return {"schema": SCHEMA.name, "version": SCHEMA.version, **record}

    def __repr__(self) -> str:
        found = ", ".join(f"{name}={value:.6g}" for name, value in self.values.items())
        return f"<FitResult of {self.model.expression!r}: {self.message}; {found}>"

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the result, with its data, to a file; `load_result` reads it.

        Parameters
        ----------
        path : path
            Ends in .json, or in .h5, .hdf5 or .nxs for HDF5 after NeXus.
        overwrite : bool
            Whether an existing file may be replaced.

        Raises
        ------
        InputError
            When the suffix is none of these.
        DataError
            When the file exists and may not be replaced, or cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> import physfit as pf
        >>> result = pf.fit(pf.models.Constant(), [0, 1], [4, 6])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result.save(f"{folder}/level.h5")
        ...     pf.load_result(f"{folder}/level.h5").n_samples
        2
        """
        from physfit.data.files.outputs import refuse_inputs
        from physfit.data.files.writers import write_record
        from physfit.result.file import SCHEMA, is_json
        from physfit.result.nexus import to_nexus
        from physfit.result.record import to_record

        record_of = to_record if is_json(path) else to_nexus
        refuse_inputs({"the result": path}, [self.data.source])
        write_record(path, record_of(self), SCHEMA, overwrite=overwrite)

    def to_frame(self) -> pandas.DataFrame:
        """Table of pandas with a line for each parameter and derived quantity.

        Their names are its index; value, standard error, unit, bounds and start are
        columns, with `is_derived` and the note of the report.

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
        >>> line = pf.fit(pf.models.Linear(), [0, 1, 2, 3], [1.0, 3.1, 4.9, 7.0])
        >>> frame = line.to_frame()
        >>> list(frame.columns[:3]), f"{frame.loc['slope', 'value']:.2f}"
        (['value', 'stderr', 'unit'], '1.98')
        """
        from physfit.result.estimate_table import estimate_frame

        return estimate_frame(self)

    def to_latex(self) -> str:
        r"""Table for a paper: parameters and derived quantities with errors and units.

        Returns
        -------
        str
            For booktabs. `report("latex")` has everything else that a report says.

        Examples
        --------
        >>> import physfit as pf
        >>> print(pf.fit("constant", [0, 1], [4, 6], sigma=1.0).to_latex())
        % \usepackage{booktabs}
        ...
        c & $5.00 \pm 0.71$ \\
        ...
        """
        from physfit.result.estimate_table import estimate_latex

        return estimate_latex(self)

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
            When the suffix is another, or the file is that of the data.
        DataError
            When the file exists and may not be replaced, or cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> import physfit as pf
        >>> level = pf.fit(pf.models.Constant(), [0, 1], [4, 6], sigma=1.0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     level.to_csv(f"{folder}/level.csv")
        ...     pf.read_table(f"{folder}/level.csv", x="value", y="stderr").x
        array([5.])
        """
        from physfit.result.estimate_table import write_estimates

        write_estimates(self, path, overwrite=overwrite)
