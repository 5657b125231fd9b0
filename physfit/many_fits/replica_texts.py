"""Reports of bootstraps and toys, and what a reader must not overlook in them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from physfit.document import blocks
from physfit.document.blocks import Document, Heading, Notes, Table, Text
from physfit.result.rounding import duration, rounded, share, short
from physfit.typing import FloatArray
from physfit.uncertainty.intervals import ONE_SIGMA, percentile_interval

if TYPE_CHECKING:
    from physfit.many_fits.bootstrap import Bootstrap, BootstrapEstimate
    from physfit.many_fits.replicas import Replicas
    from physfit.many_fits.toys_result import Toys, ToysEstimate

__all__ = ["bootstrap_caveats", "bootstrap_document", "toys_caveats", "toys_document"]

#: Share of fits that may fail, or end on a bound, without a word.
FEW = 0.03
#: Deviations below this are of no use to anybody, relative to an error.
SMALL = 0.05
#: Uncertainties from which on a deviation is one.
CERTAIN = 4.0
#: Standard deviation over half the middle 68 % from which on it says little.
STRAGGLING = 2.0


def bootstrap_document(found: Bootstrap) -> Document:
    """Report of a bootstrap."""
    result = found.result
    title = (
        f"{result.model.expression}, {result.loss}: {found.n} refits, {found.kind} "
        f"bootstrap, seed {found.seed}"
    )
    rows = [_bootstrap_cells(own) for own in found.estimates.values()]
    head = ("", "value", "stated", "refits", "ratio", "bias", "68 % interval", "unit")
    return [
        Heading(title),
        _outcome(found),
        blocks.without_empty(Table("lrrrrrrr", {"": rows}, head)),
        Notes(found.warnings),
    ]


def _bootstrap_cells(own: BootstrapEstimate) -> tuple[str, ...]:
    unit = own.stderr if own.stderr > 0.0 else own.stated
    value, stderr = rounded(own.value, unit)
    is_corrected = not math.isnan(own.bca[0])
    low, high = own.bca if is_corrected else own.interval
    return (
        own.name,
        value,
        rounded(own.value, own.stated)[1],
        stderr,
        _factors([(own.ratio, own.ratio_stderr)]) if math.isfinite(own.ratio) else "",
        f"{own.bias:+.1g}",
        f"{rounded(low, unit)[0]} to {rounded(high, unit)[0]}"
        + ("" if is_corrected else " (percentiles)"),
        own.unit,
    )


def bootstrap_caveats(found: Bootstrap) -> tuple[str, ...]:
    """Sentences: failures, bounds, and errors that the refits do not confirm."""
    counts = zip(found.result.free_names, found.n_at_bound.tolist(), strict=True)
    ratios = [
        (own.name, own.ratio, own.ratio_stderr) for own in found.estimates.values()
    ]
    return (
        *_failures("refits", found),
        *_bounds("is at a bound", found, counts),
        *_stragglers("refits", ((name, found.values(name)) for name in found)),
        *_wrong_errors(ratios, "the refits spread {} times as much."),
    )


def toys_document(found: Toys) -> Document:
    """Report of toys."""
    title = (
        f"{found.model.expression}, {found.loss}: {found.n} toys of {found.n_points} "
        f"samples, seed {found.seed}"
    )
    within = (f"{found.expected(width):.1%}" for width in (1.0, 2.0))
    aim = ("expected", "", "0", "", "", "0", short(found.expected_width, 3), *within)
    rows = blocks.rows_of(TOYS, found.estimates.values())
    right = [
        f"the errors are right, as far as {found.n} toys tell; a bias below a tenth",
        "of the spread is let pass",
    ]
    return [
        Heading(title),
        _outcome(found),
        Table("lrrrrrrrr", {"": [*rows, aim]}, tuple(TOYS)),
        Notes(found.warnings) if found.warnings else Text(right, indent="  "),
    ]


TOYS = {
    "": "{0.name}",
    "truth": "{0.truth:.6g}",
    "bias": "{0.bias:+.2g}",
    "spread": "{0.spread:.3g}",
    "stated": "{0.stated:.3g}",
    "pull": "{0.pull_mean:+.2f} +- {0.pull_mean_stderr:.2f}",
    "width": "{0.pull_width:.2f} +- {0.pull_width_stderr:.2f}",
    "in 1": "{0.within_1:.1%}",
    "in 2": "{0.within_2:.1%}",
}


def toys_caveats(found: Toys) -> tuple[str, ...]:
    """Sentences: failures, bounds, bias, and errors that are not those of the fits."""
    estimates, aim = found.estimates.values(), found.expected_width
    missing = ((own.name, found.fits.n_rows - own.n) for own in estimates)
    widths = [(own.name, own.pull_width, own.pull_width_stderr) for own in estimates]
    text = f"the pulls are {{}} wide, not {aim:.3g}."
    return (
        *_failures("toys", found),
        *_bounds("has no error, as at a bound,", found, missing),
        *_stragglers("fits", found.values.items()),
        *_biases(estimates),
        *_wrong_errors(widths, text, aim),
    )


def _biases(estimates: Iterable[ToysEstimate]) -> Iterator[str]:
    for own in estimates:
        uncertain = CERTAIN * own.spread / math.sqrt(own.n) if own.n else math.inf
        if abs(own.bias) > max(2.0 * SMALL * own.spread, uncertain):
            size = math.copysign(math.inf, own.bias)
            size = own.bias / own.spread if own.spread else size
            yield f"`{own.name}` is biased by {size:+.2f} of its spread."


def _failures(what: str, found: Replicas[Any]) -> Iterator[str]:
    if found.n_failed > FEW * found.n:
        yield (
            f"{found.n_failed} of {found.n} {what} "
            f"({share(found.n_failed, found.n)}) have no converged fit and are left "
            "out; what is told is that of the others."
        )


def _bounds(
    what: str, found: Replicas[Any], counts: Iterable[tuple[str, int]]
) -> Iterator[str]:
    n = found.fits.n_rows
    for name, count in counts:
        if count > FEW * n:
            yield (
                f"`{name}` {what} in {share(count, n)} of the fits: its "
                "distribution is not normal."
            )


def _stragglers(what: str, columns: Iterable[tuple[str, FloatArray]]) -> Iterator[str]:
    for name, values in columns:
        low, high = percentile_interval(values, ONE_SIGMA)
        spread, middle = float(values.std()), 0.5 * (high - low)
        if spread > STRAGGLING * middle:
            yield (
                f"Some {what} have `{name}` far away: the standard deviation of all is "
                f"{spread:.2g}, half the range of the middle 68 % {middle:.2g}; take "
                "the interval."
            )


def _wrong_errors(
    widths: Sequence[tuple[str, float, float]], text: str, aim: float = 1.0
) -> Iterator[str]:
    """Errors that are too small or too large for certain, by widths that say so.

    Parameters
    ----------
    widths : sequence of (str, float, float)
        Name of a quantity, how wide it scatters, and the uncertainty of that.
    text : str
        How it scatters, with a place for the factors.
    aim : float
        The width if the errors are right.
    """
    for word, sign in (("small", 1.0), ("large", -1.0)):
        wrong = [own for own in widths if _is_off(own[1] / aim, own[2] / aim, sign)]
        if wrong:
            names = ", ".join(f"`{name}`" for name, *_ in wrong)
            noun, verb = ("error", "is") if len(wrong) == 1 else ("errors", "are")
            factors = text.format(_factors([own[1:] for own in wrong]))
            yield f"The {noun} stated of {names} {verb} too {word}: {factors}"


def _is_off(ratio: float, error: float, sign: float) -> bool:
    """Whether a ratio of errors is above 1 (below, for a sign of -1) for certain."""
    if not (math.isfinite(ratio) and ratio > 0.0):
        return False
    return sign * math.log(ratio) > max(SMALL, CERTAIN * error / ratio)


def _factors(pairs: Sequence[tuple[float, float]]) -> str:
    """One factor with its uncertainty, or the range of several."""
    if len(pairs) == 1:
        return f"{pairs[0][0]:.2f} +- {max(pairs[0][1], 0.01):.2f}"
    values = np.array(pairs)[:, 0]
    return f"{values.min():.2f} to {values.max():.2f}"


def _outcome(found: Replicas[Any]) -> Text:
    n_failed, seconds = found.n_failed, found.seconds
    failed = "none failed" if not n_failed else f"{n_failed} failed and are left out"
    times = f"{duration(seconds)}, {duration(seconds / found.n)} each"
    return Text([f"{failed}; {times}"], indent="  ")
