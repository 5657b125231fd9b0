"""Commands `check`, `multistart`, `landscape`, `lr-find` and `sweep`.

They look at what a fit may lead to, and may go wrong by.
"""

from __future__ import annotations

from typing import Any

from physfit.cli.execution import Analysis, build_model, columns, read_data
from physfit.cli.exit_codes import ExitCode
from physfit.errors import InputError
from physfit.settings import doors
from physfit.settings.fits import Curve, Data, Expression, Loss, Ties
from physfit.settings.minibatches import Batch
from physfit.settings.outputs import Printed, ReportFile, Written
from physfit.settings.studies import Animated

__all__ = ["Check", "LandscapeCommand", "LearningRates", "Multistart", "SweepCommand"]


class Exploration(Analysis):
    """A command that makes many fits of one curve, which is read as a whole."""

    def data_keywords(self) -> dict[str, Any]:
        """Model, columns and loss for the library."""
        model = build_model(self)
        if model.spins:
            raise InputError(
                f"`{model.expression}` is linear in its couplings and has one minimum "
                "only; take `physfit fit`, or pf.landscape(model, spins, energies) in "
                "Python."
            )
        return {"model": model, **columns(self, read_data(self, model))}


class Multistart(Exploration, command="multistart"):
    r"""Fit from many starts; list the minima with their depths and basins.

    $ physfit multistart data.csv --model "gaussian(a_) + gaussian(b_)" --starts 500
    $ physfit multistart ringdown.csv -m ringdown --within frequency=0.5:4 \
        --plot minima.png
    $ physfit multistart ringdown.csv -m ringdown --method sgd --learning-rate 0.05 \
        --batch-size 16 --epochs 100 --seed 1

    A minimum is one curve: components that changed places, or an angle turned by
    2 pi, are forms of the same. Shares are those of the starts that led there.
    Exit codes: 0 some minimum was found, 1 input or usage error, 2 none was.
    """

    takes = (Expression, Data, Ties, Loss, doors.OfMultistart, Written, Printed)
    typed_alone = (Batch,)
    front_door = "physfit.fitting.exploration.many_starts:multistart"
    has_bar = True
    succeeded = staticmethod(lambda multistart: bool(multistart.minima))


class LandscapeCommand(Exploration, command="landscape"):
    r"""Chi2 over one or two parameters, and the paths of optimisers on it.

    $ physfit landscape data.csv -m "gaussian + constant" --over center,sigma \
        --profile --plot profile.png
    $ physfit landscape data.csv -m "gaussian + constant" --over center,sigma \
        --span center=2:8,sigma=0.2:3 --start center=3,sigma=2 \
        --methods gd,momentum,adam --learning-rate gd=0.1,adam=0.03 --epochs 300 \
        --plot paths.png --animate paths.gif
    $ physfit landscape ringdown.csv -m ringdown --over frequency --profile \
        --span frequency=0.5:4 --points 400 --plot frequency.png
    """

    takes = (*Curve, doors.OfLandscape, Animated, Written, Printed)
    typed_alone = (Batch,)
    front_door = "physfit.fitting.exploration.surface:landscape"
    has_bar = True

    def check(self) -> None:
        """Refuse an animation without paths, and paths from nowhere."""
        if self.start == "random":
            raise InputError(
                "a landscape begins its paths at given values; write --start "
                "name=value."
            )
        if self.animate is not None and self.methods is None:
            raise InputError("--animate needs paths; name some with --methods gd,adam.")

    def data_keywords(self) -> dict[str, Any]:
        """Model, columns, loss and where the paths begin."""
        start = {
            name: asked["start"]
            for name, asked in self.parameters.items()
            if "start" in asked
        }
        return {**super().data_keywords(), "start": start}

    def show(self, result: Any) -> None:
        """Print, draw and animate it."""
        super().show(result)
        if self.animate is not None:
            result.animate(self.animate, overwrite=self.overwrite)
            self.note(f"wrote `{self.animate}`.")


class Check(Analysis, command="check"):
    r"""Compare the derivatives of a model with differences, at many points.

    $ physfit check data.csv --model "voigt + linear"
    $ physfit check data.csv -m "a*exp(-x/tau)*cos(w*x) + c" --points 20

    At the start, at the solution, there with each parameter on each bound, and at
    random points. Exit codes: 0 all agree, 1 input or usage error, 4 some differ.
    """

    takes = (*Curve, doors.OfCheckGradient, ReportFile, Printed)
    front_door = "physfit.fitting.gradient_check:check_gradient"
    succeeded = staticmethod(lambda check: check.agree)
    failed = ExitCode.DISAGREE

    def data_keywords(self) -> dict[str, Any]:
        """Model, columns read as a whole, loss and start."""
        model = build_model(self)
        data = columns(self, read_data(self, model))
        return {"model": model, **data, **self.keywords("start")}

    def show(self, result: Any) -> None:
        """Print the report or the record."""
        self.print_report(result)


class Descents(Analysis):
    """A command that looks at first-order methods, on the rows of a file if need be."""

    @classmethod
    def of_file(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Values without a method that is no descent."""
        if values.get("method") == "lm":
            del values["method"]
        return values


class LearningRates(Descents, command="lr-find"):
    r"""Try learning rates, each for some steps from the same start.

    $ physfit lr-find data.csv --model "gaussian + constant" --method adam
    $ physfit lr-find rows.h5 -m "gaussian + constant" --method sgd \
        --batch-size 256 --start center=4,sigma=1 --plot rates.png

    Every rate begins at the same start. Suggested is half the rate that gets
    lowest, at most a quarter of the first one that blows up.
    Exit codes: 0 a rate is suggested, 1 input or usage error, 2 none is.
    """

    takes = (*Curve, doors.OfFindRate, Written, Printed)
    front_door = "physfit.fitting.exploration.rates:find_rate"
    has_bar = True
    succeeded = staticmethod(lambda rates: rates.suggestion is not None)


class SweepCommand(Descents, command="sweep"):
    r"""Fit with every combination of some settings, beside the exact answer.

    $ physfit sweep data.csv -m "gaussian + constant" --method adam \
        --vary learning_rate=1e-3,1e-2,1e-1 --vary beta1=0,0.9,0.99 \
        --plot sweep.png
    $ physfit sweep rows.h5 -m "gaussian + constant" --method sgd \
        --learning-rate 0.05 --vary batch_size=16,64,256 --epochs 5

    The distance is the largest of a parameter to the exact answer, in standard
    errors. Exit codes: 0 some run ended, 1 input or usage error, 2 all diverged.
    """

    takes = (*Curve, doors.OfSweep, Written, Printed)
    front_door = "physfit.fitting.exploration.sweeps:sweep"
    has_bar = True
    succeeded = staticmethod(lambda sweep: not all(run.diverged for run in sweep.runs))

    def check(self) -> None:
        """Refuse a sweep of nothing, and a figure of too much."""
        if self.vary is None:
            raise InputError("nothing is varied; write --vary batch_size=16,64.")
        if self.plot is not None and len(self.vary) > 2:
            raise InputError(
                "--plot shows one or two settings; vary fewer, or leave it out."
            )
