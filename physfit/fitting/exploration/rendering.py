"""Explorations as text, and as plain records for JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from physfit.result.rounding import rounded, short
from physfit.solve.base import Status
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.fitting.exploration.landscape_result import Landscape
    from physfit.fitting.exploration.many_starts import MultiStart
    from physfit.fitting.exploration.minima import Minimum
    from physfit.fitting.exploration.rates import RateTest
    from physfit.fitting.exploration.sweeps import Sweep

__all__ = [
    "advice",
    "aligned",
    "as_record",
    "distance_of",
    "landscape_text",
    "minima_text",
]
__all__ += ["plain", "rates_text", "sweep_text"]

#: Minima that a report lists, and those whose parameters it shows.
LISTED = 12
SHOWN = 4
_HEADER = ("minimum", "delta chi2", "cost", "starts", "share", "forms")


def as_record(record: Any, **more: Any) -> dict[str, Any]:
    """Fields of a dataclass as plain values, with further entries behind them."""
    found = {own.name: plain(getattr(record, own.name)) for own in fields(record)}
    return {**found, **plain(more)}


def plain(value: Any) -> Any:
    """Value for JSON: lists, dicts, texts, numbers; None for what is not finite."""
    if isinstance(value, Mapping):
        return {str(key): plain(own) for key, own in value.items()}
    if hasattr(value, "sentence"):
        return {"number": int(value), "sentence": value.sentence}
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, list | tuple):
        return [plain(own) for own in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def aligned(rows: Sequence[tuple[str, ...]], *, left: int = 1) -> list[str]:
    """Lines of a table; columns from number `left` on end at the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if k < left else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


@np.errstate(all="ignore")
def minima_text(found: MultiStart) -> str:
    """Text with a line for each minimum, and the parameters of the deepest ones."""
    title = (
        f"{found.expression}, {found.loss}, {found.n_samples} samples, "
        f"{found.n_starts} starts by {found.method}, seed {found.seed}"
    )
    rows = [
        _minimum_cells(k, own) for k, own in enumerate(found.minima[:LISTED], start=1)
    ]
    lines = [title, "", *aligned([_HEADER, *rows])]
    if len(found.minima) > LISTED:
        rest = sum(own.count for own in found.minima[LISTED:])
        more = len(found.minima) - LISTED
        lines.append(f"and {more} shallower minima of {rest} starts together")
    return "\n".join([*lines, "", *_parameter_lines(found), _verdict(found)])


def _minimum_cells(number: int, own: Minimum) -> tuple[str, ...]:
    return (
        str(number),
        short(own.delta_chi2, 5),
        short(own.cost, 8),
        str(own.count),
        f"{100.0 * own.share:.1f} %",
        str(own.forms),
    )


def _parameter_lines(found: MultiStart) -> list[str]:
    """Values with errors, a column for each of the deepest minima."""
    shown = found.minima[:SHOWN]
    if not shown or not found.names:
        return []
    rows = [("parameter", *(f"minimum {k}" for k in range(1, len(shown) + 1)))]
    for name in found.names:
        cells = (rounded(own.values[name], own.stderr[name]) for own in shown)
        rows.append((name, *(_with_error(*cell) for cell in cells)))
    return [*aligned(rows), ""]


def _with_error(value: str, error: str) -> str:
    return f"{value} +- {error or '?'}"


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


@np.errstate(all="ignore")
def landscape_text(found: Landscape) -> str:
    """Text with the best fit, the axes and the end of each path."""
    lines = [
        f"{found.expression}, {found.loss}: landscape over {' and '.join(found.over)}, "
        f"others {_OTHERS[found.others]}",
        "",
        "best fit",
        *aligned(
            [
                ("  " + name, _with_error(*rounded(value, found.stderr[name])))
                for name, value in found.values.items()
            ]
        ),
        "",
        *aligned([("axis", "from", "to", "points"), *_axis_rows(found)]),
        *_path_lines(found),
    ]
    return "\n".join(lines)


_OTHERS = {"fixed": "fixed", "profile": "fitted at every point"}


def _axis_rows(found: Landscape) -> list[tuple[str, ...]]:
    return [
        (_labelled(name, unit), short(axis[0]), short(axis[-1]), str(len(axis)))
        for name, unit, axis in zip(found.over, found.units, found.axes, strict=True)
    ]


def _labelled(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name


def _path_lines(found: Landscape) -> list[str]:
    """A line for each path: settings, end on the axes, distance to the best fit."""
    if not found.paths:
        return []
    head = ("path", "rate", "batch", "steps", *found.over, "distance (sigma)", "end")
    rows = [
        (
            own.method,
            own.schedule,
            str(own.batch_size),
            str(own.n_steps),
            *(short(value) for value in seen[-1]),
            short(distance_of(own.end, found.values, found.stderr), 3),
            "diverged" if not _is_finished(own) else "epochs done",
        )
        for own, seen in zip(found.paths, found.coordinates, strict=True)
    ]
    return ["", *aligned([head, *rows])]


def _is_finished(path: Any) -> bool:
    return path.status is not Status.DIVERGED


def distance_of(
    theta: FloatArray, values: Mapping[str, float], stderr: Mapping[str, float]
) -> float:
    """Largest distance of a parameter from its value, in standard errors."""
    aim, unit = np.array(list(values.values())), np.array(list(stderr.values()))
    known = np.isfinite(unit) & (unit > 0.0)
    if not known.any():
        return math.nan
    return float(np.max(np.abs(theta - aim)[known] / unit[known]))


@np.errstate(all="ignore")
def rates_text(found: RateTest) -> str:
    """Text with the loss at about two rates a decade, and the suggestion."""
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
    head = (
        f"{found.expression}, {found.loss}: {found.steps} steps of {found.method} at "
        f"each rate, batches of {found.batch_size}"
    )
    lines = [head, f"mean loss at the start: {short(found.start_loss, 5)}", ""]
    table = aligned([("rate", "loss", "change"), *rows], left=0)
    return "\n".join([*lines, *table, "", *advice(found)])


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


@np.errstate(all="ignore")
def sweep_text(found: Sweep) -> str:
    """Text with a line for each run, and the best one."""
    rows = [
        (
            *(str(value) for value in own.settings.values()),
            "-" if own.diverged else short(own.distance, 3),
            "-" if own.diverged else short(own.loss, 6),
            str(own.n_steps),
            f"{own.seconds:.3f}",
            "diverged" if own.diverged else "",
        )
        for own in found.runs
    ]
    head = (*found.vary, "distance (sigma)", "loss", "steps", "time (s)", "")
    best = ", ".join(f"{name} {value}" for name, value in found.best.settings.items())
    lost = sum(own.diverged for own in found.runs)
    return "\n".join(
        [
            f"{found.expression}, {found.loss}: {found.method}, {len(rows)} runs",
            "",
            *aligned([head, *rows], left=0),
            "",
            f"{lost} of {len(rows)} runs diverged"
            if lost == len(rows)
            else f"nearest to the exact answer: {best}",
        ]
    )
