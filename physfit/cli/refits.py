"""Commands `bootstrap` and `toys`: fits of data made from data or from a truth."""

from __future__ import annotations

from typing import Any

from physfit.cli.execution import Analysis, build_model, read_data
from physfit.cli.fits import fitted
from physfit.settings import studies
from physfit.settings.fits import Curve, Expression, Loss, Ties
from physfit.settings.minibatches import Drawn, Threads
from physfit.settings.outputs import Printed, Written

__all__ = ["BootstrapCommand", "ToysCommand"]


class BootstrapCommand(Analysis, command="bootstrap"):
    r"""Fit, then refit data made from it; say what the errors are worth.

    $ physfit bootstrap data.csv -m "gaussian + constant"
    $ physfit bootstrap data.csv -m "voigt + linear" --n 10000 --kind pairs
    $ physfit bootstrap counts.csv -m "gaussian + constant" --loss poisson \
        --kind parametric --plot refits.png

    The fit is repeated on data made from it, which takes milliseconds. Refits that
    fail are left out and counted. Exit codes: 0 done, 1 input or usage error, 2 the
    fit or all refits failed.
    """

    takes = (*Curve, studies.BootstrapSettings, Drawn, Written, Printed)
    front_door = "physfit.many_fits.bootstrap:bootstrap"
    has_bar = True
    succeeded = staticmethod(lambda bootstrap: bootstrap.result.converged)

    def data_keywords(self) -> dict[str, Any]:
        """The fit by lm over all samples."""
        seed = {} if self.start is None else self.keywords("seed")
        model = build_model(self)
        return {"result": fitted(self, model, read_data(self, model), **seed)}


class ToysCommand(Analysis, command="toys"):
    r"""Fit simulated data many times; say whether errors and values are right.

    $ physfit toys -m "gaussian + constant" --x 0:10:200 --sigma 0.05 \
        -p amplitude=2,center=5,sigma=0.4,c=0.1
    $ physfit toys -m "gaussian + constant" --x 0:60:121 --loss poisson --guess \
        -p amplitude=500,center=30,sigma=3,c=2 --n 10000 --plot pulls.png

    A pull is (fit - truth) / stated error: of mean 0 and width 1, if errors are
    right. Exit codes: 0 done, 1 input or usage error, 2 all fits failed.
    """

    takes = (Expression, Ties, Loss, studies.ToysSettings, Threads, Written, Printed)
    front_door = "physfit.many_fits.toys:toys"
    has_bar = True

    def data_keywords(self) -> dict[str, Any]:
        """Model, places of the samples, truth, noise and loss."""
        import numpy as np

        start = {} if self.starts is None and self.guess else self.starts
        return {
            "model": build_model(self),
            "x": np.linspace(*self.x),
            "truth": self.truth or {},
            "sigma": self.sigma,
            "start": start,
            **self.keywords("loss"),
        }

    def setting_keywords(self) -> dict[str, Any]:
        """How many data sets, and how they are fitted."""
        return self.keywords("n", "seed", "scaled", "threads")
