"""Commands `multistart`, `landscape`, `lr-find` and `sweep`: what a fit may lead to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from physfit.cli import kinds
from physfit.cli.console import counted
from physfit.cli.execution import Analysis, build_model, columns, read_data
from physfit.cli.job import CURVE, DRAWN, PARAMETERS, PRINTED, Job
from physfit.cli.settings import Kind
from physfit.errors import InputError

__all__ = ["Landscape", "LearningRates", "Multistart", "Sweep"]

FEW_EPOCHS = "Passes over the data of each descent; as many as make 500 steps."


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
        return {"model": model, **columns(self, read_data(self))}


class Multistart(Exploration, command="multistart", panel="Starts"):
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

    takes = (*DRAWN, *CURVE, *PARAMETERS[1:], "loss", "plot", *PRINTED)
    front_door = "physfit.fitting.exploration.many_starts:multistart"
    title = "starting"
    shown = staticmethod(lambda state: counted(state.n_steps, state.max_steps))
    succeeded = staticmethod(lambda multistart: bool(multistart.minima))
    n_starts = kinds.WHOLE("--starts N", "Number of starts.", default=200)
    within = Kind(list[str], kinds.ranges)(
        "--within NAME=LOW:HIGH",
        "Range to draw a parameter from; else its bounds, the range of x for "
        "a position, or around a guess.",
    )
    method = kinds.TEXT(
        "--method NAME",
        "lm, or a first-order method that goes before it from each start.",
        default="lm",
    )
    epochs = Job.epochs.but(help=FEW_EPOCHS, table="")
    learning_rate = Job.learning_rate.but(table="")
    batch_size = Job.batch_size.but(table="")


def _over(option: str, text: str) -> str | tuple[str, ...]:
    return text if text == "principal" else kinds.names(option, text)


def _span(option: str, texts: list[str]) -> float | dict[str, tuple[float, float]]:
    if len(texts) == 1 and "=" not in texts[0]:
        return kinds.number(option, texts[0])
    return kinds.ranges(option, texts)


def rates_by_name(option: str, texts: list[str]) -> dict[str, float] | str:
    """Learning rates by the name of the method, or one (or a schedule) for all."""
    if len(texts) == 1 and ("=" not in texts[0] or ":" in texts[0]):
        return texts[0].strip()
    return kinds.assignments(option, texts, kinds.number)


class Landscape(Exploration, command="landscape", panel="Landscape"):
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

    front_door = "physfit.fitting.exploration.surface:landscape"
    title = "landscape"
    over = Kind(str, _over)(
        "--over NAMES",
        "One or two parameters with a comma between; or 'principal': the "
        "softest and the stiffest direction at the best fit.",
        default="principal",
    )
    span = Kind(list[str], _span)(
        "--span NUMBER|NAME=LOW:HIGH",
        "Half width in standard errors (5), or the range of an axis.",
    )
    points = kinds.WHOLE("--points N", "Along each axis.", default=81)
    others = Kind[str](bool, lambda *_: "profile")(
        "--profile",
        "Fit the other parameters at every point; else they are held.",
        default="fixed",
    )
    methods = Kind(str, kinds.names)(
        "--methods NAMES",
        "First-order methods whose paths are drawn: gd,momentum,adam.",
    )
    learning_rate = Kind(list[str], rates_by_name)(  # type: ignore[assignment]
        "--learning-rate NAME=VALUE",
        "Learning rates of the methods, or one number or schedule for all.",
    )
    start = Job.start.but(
        metavar="NAME=VALUE",
        help="Where fit and paths begin; what is not given is guessed from the data.",
    )
    epochs = Job.epochs.but(help=FEW_EPOCHS, table="")
    animate = kinds.GIF(
        "--animate FILE", "Draw the growing paths: .gif.", panel="Output"
    )
    batch_size = Job.batch_size.but(table="")

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
            name: asked.start
            for name, asked in self.parameters.items()
            if asked.start is not None
        }
        return {**super().data_keywords(), "start": start}

    def show(self, result: Any) -> None:
        """Print, draw and animate it."""
        super().show(result)
        if self.animate is not None:
            result.animate(self.animate, overwrite=self.overwrite)
            self.note(f"wrote `{self.animate}`.")


class Descents(Analysis):
    """A command that looks at first-order methods, on the rows of a file if need be."""

    @classmethod
    def of_file(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Values without a method that is no descent."""
        if values.get("method") == "lm":
            del values["method"]
        return values


class LearningRates(Descents, command="lr-find", panel="Learning rates"):
    r"""Try learning rates, each for some steps from the same start.

    $ physfit lr-find data.csv --model "gaussian + constant" --method adam
    $ physfit lr-find rows.h5 -m "gaussian + constant" --method sgd \
        --batch-size 256 --start center=4,sigma=1 --plot rates.png

    Every rate begins at the same start. Suggested is half the rate that gets
    lowest, at most a quarter of the first one that blows up.
    Exit codes: 0 a rate is suggested, 1 input or usage error, 2 none is.
    """

    takes = ("batch_size", *Analysis.takes)
    front_door = "physfit.fitting.exploration.rates:find_rate"
    title = "trying rates"
    succeeded = staticmethod(lambda rates: rates.suggestion is not None)
    method = Job.method.but(
        help="gd, sgd, momentum, rmsprop, adam (as without this option) and "
        "others, with settings as in adam:beta1=0.95.",
        panel="Learning rates",
        default="adam",
    )
    learning_rate = Kind(str, kinds.interval)(  # type: ignore[assignment]
        "--learning-rate LOW:HIGH",
        "Range of the rates that are tried.",
        default="1e-6:10",
    )
    steps = kinds.WHOLE("--steps N", "Steps at each rate.", default=50)


def varied(option: str, texts: Sequence[str]) -> dict[str, list[float | int | str]]:
    """Values of settings from `NAME=VALUE,VALUE` texts.

    Examples
    --------
    >>> varied("--vary", ["learning_rate=1e-3,0.1", "batch_size=16,64"])
    {'learning_rate': [0.001, 0.1], 'batch_size': [16, 64]}
    >>> varied("--vary", ["learning_rate=0.1;cosine:0.1,steps=9"])
    {'learning_rate': [0.1, 'cosine:0.1,steps=9']}
    """
    values_by_name: dict[str, list[float | int | str]] = {}
    for text in texts:
        name, equals, listed = text.partition("=")
        name = name.strip()
        is_texts = ";" in listed or (name == "learning_rate" and ":" in listed)
        parts = listed.split(";" if is_texts else ",")
        if not (name and equals) or not all(part.strip() for part in parts):
            raise InputError(
                f"{option} takes NAME=VALUES such as batch_size=16,64, not {text!r}."
            )
        if name in values_by_name:
            raise InputError(f"{option} names {name!r} twice; give it one list.")
        values_by_name[name] = [_value(part.strip()) for part in parts]
    return values_by_name


def _value(text: str) -> float | int | str:
    """Whole number, number or text."""
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


class Sweep(Descents, command="sweep", panel="Sweep"):
    r"""Fit with every combination of some settings, beside the exact answer.

    $ physfit sweep data.csv -m "gaussian + constant" --method adam \
        --vary learning_rate=1e-3,1e-2,1e-1 --vary beta1=0,0.9,0.99 \
        --plot sweep.png
    $ physfit sweep rows.h5 -m "gaussian + constant" --method sgd \
        --learning-rate 0.05 --vary batch_size=16,64,256 --epochs 5

    The distance is the largest of a parameter to the exact answer, in standard
    errors. Exit codes: 0 some run ended, 1 input or usage error, 2 all diverged.
    """

    takes = ("batch_size", "epochs", *Analysis.takes)
    front_door = "physfit.fitting.exploration.sweeps:sweep"
    title = "sweeping"
    succeeded = staticmethod(lambda sweep: not all(run.diverged for run in sweep.runs))
    vary = Kind(list[str], varied)(
        "--vary NAME=VALUES",
        "learning_rate, k, batch_size, epochs, weight_decay, seed, sampler, "
        "scaling, or a setting of the method such as beta1, with values in a list "
        "with commas; schedules of the learning rate with semicolons between.",
    )
    method = Job.method.but(
        help="gd, sgd, momentum, rmsprop, adam (as without this option) and others.",
        panel="Sweep",
        default="adam",
    )
    learning_rate = Job.learning_rate.but(
        help="Where it is not varied: a number or a schedule.", table=""
    )

    def check(self) -> None:
        """Refuse a sweep of nothing, and a figure of too much."""
        if self.vary is None:
            raise InputError("nothing is varied; write --vary batch_size=16,64.")
        if self.plot is not None and len(self.vary) > 2:
            raise InputError(
                "--plot shows one or two settings; vary fewer, or leave it out."
            )
