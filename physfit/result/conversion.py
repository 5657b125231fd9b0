"""Quantities that follow from a fit, with their errors and covariance.

A quantity is a parameter, a derived one, a word of the vocabulary of oscillators or an
expression of these; in another unit of spectra where that is asked for. Errors are
propagated to first order, with all correlations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from physfit.document.blocks import Document, Notes, table
from physfit.document.documented import Documented
from physfit.errors import InputError, ModelError, did_you_mean
from physfit.models.expression import Expression
from physfit.models.oscillator_words import OSCILLATOR_WORDS, oscillator_word
from physfit.models.spectral_units import conversion
from physfit.models.tree import Leaf, leaves
from physfit.result.estimate import Estimate
from physfit.typing import FloatArray
from physfit.uncertainty.covariance import correlation_of
from physfit.uncertainty.propagation import quantity

if TYPE_CHECKING:
    from physfit.result.fitted import Fitted

__all__ = ["Converted", "converted"]


class _Value(NamedTuple):
    """A quantity, its partials by the free parameters, its unit and what it is."""

    value: float
    gradient: FloatArray
    unit: str
    description: str


@dataclass(frozen=True, eq=False, repr=False)
class Converted(Documented):
    """Quantities with their covariance; `converted["Q"]` is the `Estimate` of one.

    Attributes
    ----------
    estimates : mapping of str to Estimate
        In the order in which they were asked for.
    covariance : ndarray, shape (n, n)
        To first order; NaN where an error is not known.
    notes : tuple of str
        What a reader must know.
    """

    estimates: Mapping[str, Estimate]
    covariance: FloatArray
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Estimate:
        if name in self.estimates:
            return self.estimates[name]
        raise InputError(
            f"{name!r} was not converted; {did_you_mean(name, self.estimates)}"
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self.estimates)

    def __len__(self) -> int:
        return len(self.estimates)

    @property
    def correlation(self) -> FloatArray:
        """Correlations of the quantities, shape (n, n)."""
        return correlation_of(self.covariance)

    def _record(self) -> dict[str, Any]:
        shown = ("value", "stderr", "unit", "description")
        return {
            "quantities": {
                name: {word: getattr(own, word) for word in shown}
                for name, own in self.estimates.items()
            },
            "covariance": self.covariance,
            "correlation": self.correlation,
            "warnings": self.notes,
        }

    def _document(self) -> Document:
        correlation = self.correlation
        names = list(self.estimates)
        rows = [
            (own.name, str(own), own.description, *correlations)
            for k, own in enumerate(self.estimates.values())
            for correlations in [[f"{c:+.4f}" for c in correlation[k, :k]]]
        ]
        width = len(names) + 2
        padded = [(*row, *[""] * (width - len(row)))[:width] for row in rows]
        titles = ("quantity", "value", "meaning", *names[:-1])
        return [table("l", titles, padded), Notes(self.notes)]


def converted(
    result: Fitted,
    names: tuple[str, ...],
    expressions: Mapping[str, str],
    unit: str | None,
) -> Converted:
    """Quantities of a fit; see `FitResult.convert`."""
    if not names and not expressions:
        raise InputError(
            'convert takes names of quantities, as in convert("Q", "tau"), or '
            'expressions, as in convert(ratio="a_amplitude / b_amplitude").'
        )
    _check_texts(*names, *expressions.values(), *([] if unit is None else [unit]))
    known = _Known(result)
    taken = sorted({*names, *result.names, *result.derived} & {*expressions})
    if taken:
        raise InputError(
            f"`{taken[0]}` is a quantity already; give the expression "
            f"{expressions[taken[0]]!r} a name of its own."
        )
    found = {name: known.named(name) for name in names}
    found |= {name: known.expressed(name, text) for name, text in expressions.items()}
    notes: list[str] = []
    if unit is not None:
        found = {
            name: known.in_unit(name, own, unit, notes) for name, own in found.items()
        }
    gradients = np.array([own.gradient for own in found.values()])
    covariance = result.uncertainty.propagate(gradients)
    with np.errstate(all="ignore"):
        errors = np.sqrt(covariance.diagonal())
    values = np.array([own.value for own in found.values()])
    has_error = gradients.any(axis=1) & np.isfinite(values)
    errors = np.where(has_error, errors, np.nan)
    estimates = {
        name: Estimate(
            name=name,
            value=own.value,
            stderr=float(error),
            unit=own.unit,
            description=own.description,
            is_derived=True,
        )
        for (name, own), error in zip(found.items(), errors, strict=True)
    }
    return Converted(estimates, covariance, tuple(dict.fromkeys(notes)))


class _Known:
    """The quantities of a fit, by name."""

    def __init__(self, result: Fitted) -> None:
        self.result = result

    def named(self, name: str) -> _Value:
        """A parameter, a derived quantity, or a word of oscillators.

        Raises
        ------
        InputError
            When it is none of them.
        """
        result = self.result
        if name in result.model.index:
            own, k = result[name], result.model.index[name]
            return _Value(own.value, result._chain[k], own.unit, own.description)
        for derived in result.model.derived:
            if derived.name == name:
                return self._of(
                    derived.expression,
                    result._unit(derived.unit),
                    derived.description,
                )
        word = self._word(name)
        if word is None:
            choices = (*result.names, *result.derived, *self._words)
            raise InputError(
                f"{name!r} is no quantity of {result.model.expression}; "
                f"{did_you_mean(name, choices)}"
            )
        return word

    def expressed(self, name: str, text: str) -> _Value:
        """An expression of quantities, by its partials."""
        try:
            expression = Expression.parse(text)
        except ModelError as error:
            raise InputError(f"`{name}`: {error}") from None
        parts = {own: self.named(own) for own in expression.names}
        value, slopes = expression.gradient(
            {own: part.value for own, part in parts.items()}
        )
        gradient = sum(
            (slopes[own] * part.gradient for own, part in parts.items()),
            np.zeros(len(self.result.free_names)),
        )
        return _Value(value, gradient, "", text)

    def in_unit(self, name: str, own: _Value, unit: str, notes: list[str]) -> _Value:
        """A quantity along the spectrum in another unit; widths by the slope there."""
        if not own.unit:
            raise InputError(
                f"`{name}` has no unit; say those of the data with "
                'units=("eV", "counts") in the fit.'
            )
        change = conversion(own.unit, unit)
        if _is_angular(name) and own.unit.endswith("Hz") and not unit.endswith("Hz"):
            raise InputError(
                f"`{name}` is 2 pi times a frequency, of which {unit} would make no "
                'position; convert "f0" or "fwhm".'
            )
        if not change.is_inverse or _is_place(name):
            return own._replace(
                value=change.value(own.value),
                gradient=change.slope(own.value) * own.gradient,
                unit=unit,
            )
        place = self._place_of(name, own.unit)
        notes.append(
            f"`{name}` is converted by the slope at the position: to first order in "
            "the width over the position."
        )
        slope = abs(change.slope(place.value))
        curvature = -2.0 * slope / place.value
        gradient = slope * own.gradient + curvature * own.value * place.gradient
        return own._replace(value=slope * own.value, gradient=gradient, unit=unit)

    def _place_of(self, name: str, unit: str) -> _Value:
        """The position that belongs to a width, in the same unit.

        Raises
        ------
        InputError
            When there is none.
        """
        for leaf in leaves(self.result.model.tree):
            known = _units(leaf)
            if not name.startswith(leaf.prefix):
                continue
            if name.removeprefix(leaf.prefix) not in known:
                continue
            for own in leaf.declaration.parameters:
                if _is_place(own.name):
                    place = self.named(leaf.prefix + own.name)
                    if place.unit == unit:
                        return place
        raise InputError(
            f"`{name}` is no position, and its component has no `center` in {unit} at "
            "which a width could be converted."
        )

    @property
    def _words(self) -> list[str]:
        """Words of the components that are oscillators, with their prefix."""
        return [
            leaf.prefix + word
            for leaf in leaves(self.result.model.tree)
            for word in OSCILLATOR_WORDS
            if _said(leaf, word) is not None
        ]

    def _word(self, name: str) -> _Value | None:
        """A word of oscillators, of the component whose prefix it has."""
        for leaf in leaves(self.result.model.tree):
            if not name.startswith(leaf.prefix):
                continue
            found = _said(leaf, name.removeprefix(leaf.prefix))
            if found is not None:
                text, unit, description = found
                value = self.expressed(name, Expression.parse(text, leaf.prefix).text)
                return value._replace(
                    unit=self.result._unit(unit), description=description
                )
        return None

    def _of(self, expression: Expression, unit: str, description: str) -> _Value:
        result = self.result
        value, gradient = quantity(
            expression, result.model.index, result._full, result._chain
        )
        return _Value(value, gradient, unit, description)


def _check_texts(*texts: object) -> None:
    for text in texts:
        if not isinstance(text, str):
            raise InputError(
                "convert takes names, expressions and a unit as texts, not "
                f"{repr(text)[:40]}."
            )


def _said(leaf: Leaf, word: str) -> tuple[str, str, str] | None:
    """A word of oscillators by the parameters, or by what is derived from them too."""
    parameters = {own.name: own.unit for own in leaf.declaration.parameters}
    return oscillator_word(word, parameters) or oscillator_word(word, _units(leaf))


def _units(leaf: Leaf) -> dict[str, str]:
    """Declared units of parameters and derived quantities, without prefix."""
    known = {own.name: own.unit for own in leaf.declaration.parameters}
    return known | {own[0]: own[2] for own in leaf.declaration.derived}


_PLACES = ("center", "f", "frequency", "mode", "mean", "peak", "TO", "LO")


def _is_place(name: str) -> bool:
    """Whether a quantity is a position along x, by its name."""
    return name.rpartition("_")[2].rstrip("0123456789") in _PLACES


def _is_angular(name: str) -> bool:
    """Whether a quantity is 2 pi times a frequency, by its name."""
    return name.rpartition("_")[2] in ("omega0", "rate", "kappa")
