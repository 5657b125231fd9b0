"""Reports of explorations."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from physfit.fitting.distances import distance
from physfit.result.document import Document, Documented, Table, Text, columns
from physfit.result.plain import as_record
from physfit.result.rounding import rounded, short
from physfit.solve.base import Status

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from physfit.fitting.exploration.landscape_result import Landscape
    from physfit.fitting.exploration.many_starts import MultiStart
    from physfit.fitting.exploration.minima import Minimum
    from physfit.fitting.exploration.rates import RateTest
    from physfit.fitting.exploration.sweeps import Sweep

__all__ = ["Exploration", "advice", "landscape_document"]
__all__ += ["minima_document", "rates_document", "sweep_document"]

#: Minima that a report lists, and those whose parameters it shows.
LISTED = 12
SHOWN = 4


class Exploration(Documented):
    """What an exploration gives: a dataclass with a report, a record and a figure."""

    #: Attributes that stand in the record besides the fields.
    RECORDED: ClassVar[tuple[str, ...]] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain record for JSON; numbers that are not finite become None.

        Returns
        -------
        dict

        Examples
        --------
        >>> import physfit as pf
        >>> line = pf.models.Linear()
        >>> result = pf.multistart(line, [0, 1, 2], [1.0, 3.1, 4.9], n_starts=8)
        >>> result.to_dict()["minima"][0]["count"]
        8
        """
        return as_record(self, *self.RECORDED)

    @abstractmethod
    def plot(self, *, title: str = "") -> Figure:
        """Figure of what was found.

        Parameters
        ----------
        title : str
            Above the figure; what was done when empty.

        Returns
        -------
        matplotlib.figure.Figure
        """


def minima_document(found: MultiStart) -> Document:
    """A line for each minimum, and the parameters of the deepest ones."""
    title = (
        f"{found.expression}, {found.loss}, {found.n_samples} samples, "
        f"{found.n_starts} starts by {found.method}, seed {found.seed}"
    )
    rows = [_minimum_cells(k, own) for k, own in enumerate(found.minima[:LISTED], 1)]
    more = []
    if len(found.minima) > LISTED:
        n_starts = sum(minimum.count for minimum in found.minima[LISTED:])
        n_minima = len(found.minima) - LISTED
        more = [f"and {n_minima} shallower minima of {n_starts} starts together"]
    titles = columns("minimum", "delta chi2", "cost", "starts", "share", "forms")
    return [
        Text([title]),
        Table(titles, [("", rows)], indent=""),
        Text(more, joined=True),
        *_parameters(found),
        Text([_verdict(found)]),
    ]


def _minimum_cells(number: int, minimum: Minimum) -> tuple[str, ...]:
    return (
        str(number),
        short(minimum.delta_chi2, 5),
        short(minimum.cost, 8),
        str(minimum.count),
        f"{100.0 * minimum.share:.1f} %",
        str(minimum.forms),
    )


def _parameters(found: MultiStart) -> list[Table]:
    """Values with errors, a column for each of the deepest minima."""
    shown = found.minima[:SHOWN]
    if not shown or not found.names:
        return []
    titles = columns("parameter", *(f"minimum {k + 1}" for k in range(len(shown))))
    rows = [
        (name, *(_with_error(own.values[name], own.stderr[name]) for own in shown))
        for name in found.names
    ]
    return [Table(titles, [("", rows)], indent="")]


def _with_error(value: float, stderr: float) -> str:
    text, error = rounded(value, stderr)
    return f"{text} +- {error or '?'}"


def _verdict(found: MultiStart) -> str:
    """What the shares mean for somebody who starts at random."""
    n, failed = found.n_starts, found.n_failed
    lost = f"; {failed} of {n} led to no minimum" if failed else ""
    if not found.minima:
        return f"none of {n} starts led to a minimum"
    share = found.minima[0].share
    if share == 1.0:
        return "every start leads to the same minimum"
    needed = math.ceil(math.log(0.01) / math.log1p(-share))
    starts = f"{needed} starts are" if needed > 1 else "one start is"
    return (
        f"the deepest minimum is found from {100.0 * share:.1f} % of the starts{lost}; "
        f"{starts} enough to find it with 99 % probability"
    )


def landscape_document(found: Landscape) -> Document:
    """The best fit, the axes and the end of each path."""
    title = (
        f"{found.expression}, {found.loss}: landscape over {' and '.join(found.over)}, "
        f"others {_OTHERS[found.others]}"
    )
    values = [
        (name, _with_error(value, found.stderr[name]))
        for name, value in found.values.items()
    ]
    axes = columns("axis", "from", "to", "points")
    return [
        Text([title]),
        Table(columns("", ""), [("best fit", values)]),
        Table(axes, [("", _axis_rows(found))], indent=""),
        *_paths(found),
    ]


_OTHERS = {"fixed": "fixed", "profile": "fitted at every point"}


def _axis_rows(found: Landscape) -> list[tuple[str, ...]]:
    return [
        (_labelled(name, unit), short(axis[0]), short(axis[-1]), str(len(axis)))
        for name, unit, axis in zip(found.over, found.units, found.axes, strict=True)
    ]


def _labelled(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name


def _paths(found: Landscape) -> list[Table]:
    """A line for each path: settings, end on the axes, distance to the best fit."""
    if not found.paths:
        return []
    settings = ("path", "rate", "batch", "steps")
    titles = columns(*settings, *found.over, "distance (sigma)", "end")
    best = np.array([*found.values.values()])
    stderr = np.array([*found.stderr.values()])
    rows = [
        (
            own.method,
            own.schedule,
            str(own.batch_size),
            str(own.n_steps),
            *(short(value) for value in seen[-1]),
            short(distance(own.end, best, stderr), 3),
            "diverged" if own.status is Status.DIVERGED else "epochs done",
        )
        for own, seen in zip(found.paths, found.coordinates, strict=True)
    ]
    return [Table(titles, [("", rows)], indent="")]


def rates_document(found: RateTest) -> Document:
    """The loss at about two rates a decade, and the suggestion."""
    every = max(1, len(found.rates) // 16)
    rows = [
        (
            f"{rate:.2g}",
            short(loss, 5) if math.isfinite(loss) else "not finite",
            "diverges" if lost else f"{100.0 * (loss / found.start_loss - 1.0):+.1f} %",
        )
        for rate, loss, lost in list(
            zip(found.rates, found.losses, found.lost, strict=True)
        )[::every]
    ]
    title = (
        f"{found.expression}, {found.loss}: {found.steps} steps of {found.method} at "
        f"each rate, batches of {found.batch_size}"
    )
    start = f"mean loss at the start: {short(found.start_loss, 5)}"
    titles = columns("rate", "loss", "change", left=0)
    return [
        Text([title, start]),
        Table(titles, [("", rows)], indent=""),
        Text(advice(found)),
    ]


def advice(found: RateTest) -> list[str]:
    """What to do with it, in a sentence or two."""
    lines = []
    if found.blow_up is None:
        lines.append(f"no rate up to {found.rates[-1]:.2g} diverges")
    else:
        lines.append(f"from a rate of {found.blow_up:.2g} on the loss blows up")
    if found.suggestion is None:
        lines.append("at none of the rates the loss falls: begin further away, or fit")
    else:
        lines.append(f"suggested rate: {found.suggestion:.2g}")
    return lines


def sweep_document(found: Sweep) -> Document:
    """A line for each run, and the best one."""
    rows = [
        (
            *(str(value) for value in run.settings.values()),
            "-" if run.diverged else short(run.distance, 3),
            "-" if run.diverged else short(run.loss, 6),
            str(run.n_steps),
            f"{run.seconds:.3f}",
            "diverged" if run.diverged else "",
        )
        for run in found.runs
    ]
    titles = (*found.vary, "distance (sigma)", "loss", "steps", "time (s)", "")
    best = ", ".join(f"{name} {value}" for name, value in found.best.settings.items())
    lost = sum(run.diverged for run in found.runs)
    verdict = f"nearest to the exact answer: {best}"
    if lost == len(rows):
        verdict = f"{lost} of {len(rows)} runs diverged"
    return [
        Text([f"{found.expression}, {found.loss}: {found.method}, {len(rows)} runs"]),
        Table(columns(*titles, left=0), [("", rows)], indent=""),
        Text([verdict]),
    ]
