"""Every entry of the catalogue: values, partials, limits and starts, by its case.

`PHYSFIT_CASES` says how many curves the test of starts fits for each entry; the bars
of the catalogue are those of 1000.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import mpmath as mp
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import physfit as pf
from physfit.models.declaration import DECLARATIONS
from tests.models.catalogue.cases import CASES, freed
from tests.models.catalogue.cases.case import Sample, Values

Array = NDArray[np.float64]
EVERY = pytest.mark.parametrize("name", sorted(CASES))
N_DRAWN = 12
N_CURVES = int(os.environ.get("PHYSFIT_CASES", "16"))
DIGITS = 40
#: Allowed errors of values and of partials, of the largest at these coordinates.
OF_VALUES, OF_PARTIALS = 1e-12, 1e-10
#: A limit is approached so far by the reference.
NEAR = mp.mpf(10) ** -20


def generator(name: str, salt: int = 0) -> np.random.Generator:
    """Random numbers of an entry, the same in every run."""
    return np.random.default_rng([crc32(name.encode()), salt])


def samples(name: str) -> Iterator[Sample]:
    """Special coordinates first, then drawn ones."""
    case, rng = CASES[name], generator(name)
    for coordinates, values in case.special:
        yield np.array(coordinates, dtype=float), values
    for _ in range(N_DRAWN):
        yield case.draw(rng)


def columns(x: Array) -> Array:
    """Coordinates as (n, n_inputs)."""
    return np.atleast_2d(x).T


def parts(number: Any, n_outputs: int) -> list[mp.mpf]:
    """Real number, or real and imaginary part."""
    return [number] if n_outputs == 1 else [mp.re(number), mp.im(number)]


def exact_values(name: str, x: Array, values: Values) -> Array:
    """The reference, (n_outputs, n)."""
    n_outputs = DECLARATIONS[name].kernel.n_outputs
    p = [mp.mpf(one) for one in values.values()]
    with mp.workdps(DIGITS):
        found = [
            parts(CASES[name].reference(*map(mp.mpf, own), *p), n_outputs)
            for own in columns(x)
        ]
    return np.array(found, dtype=float).T


def exact_partials(name: str, x: Array, values: Values) -> Array:
    """Derivatives of the reference, (P, n_outputs, n); one-sided, as domains end."""
    declaration, reference = DECLARATIONS[name], CASES[name].reference
    n_outputs = declaration.kernel.n_outputs
    p = [mp.mpf(one) for one in values.values()]

    def slope(own: Array, k: int, output: int) -> float:
        def along(value: mp.mpf) -> mp.mpf:
            found = reference(*map(mp.mpf, own), *p[:k], value, *p[k + 1 :])
            return parts(found, n_outputs)[output]

        side = -1 if p[k] == declaration.parameters[k].upper else 1
        return float(mp.diff(along, p[k], direction=side))

    with mp.workdps(DIGITS):
        return np.array(
            [
                [[slope(own, k, o) for own in columns(x)] for o in range(n_outputs)]
                for k in range(len(p))
            ]
        )


def computed(name: str, x: Array, values: Values) -> tuple[Array, Array]:
    """Values and partials of the compiled entry, shaped as those of the reference."""
    value, jac = freed(name).with_partials(x, **values)
    if np.iscomplexobj(value):
        return np.array([value.real, value.imag]), np.stack([jac.real, jac.imag], 1)
    return value[None], jac[:, None]


def worst(found: Array, exact: Array, least: float = 0.0) -> float:
    """Largest error, relative to the largest of the exact numbers, `least` at least."""
    size = max(np.abs(exact).max(), least)
    return float(np.abs(found - exact).max() / (size if size > 0.0 else 1.0))


def test_every_entry_has_a_case():
    """A new entry comes with a line in the cases of its family."""
    assert set(CASES) == set(DECLARATIONS)


@EVERY
def test_draws_name_the_parameters_in_order(name):
    """Cases draw all parameters, in the order of the declaration, and they differ."""
    names = [own.name for own in DECLARATIONS[name].parameters]
    case = CASES[name]
    drawn = [draw(generator(name, k)) for k in (1, 2) for draw in case[1:3] if draw]
    assert all(sorted(values) == sorted(names) for _, values in drawn)
    assert drawn[0][1] != drawn[-1][1]


@EVERY
def test_values_agree_with_an_independent_reference(name):
    """Over the whole domain, of the largest at the coordinates of one sample."""
    errors = []
    for x, values in samples(name):
        values = ordered(name, values)
        errors.append(
            worst(computed(name, x, values)[0], exact_values(name, x, values))
        )
    assert max(errors) < OF_VALUES * CASES[name].roundings


@EVERY
def test_partials_are_those_of_the_reference(name):
    """By 40 digits, of the largest of each partial at the coordinates of one sample."""
    errors = []
    for x, values in samples(name):
        values = ordered(name, values)
        exact, found = exact_partials(name, x, values), computed(name, x, values)[1]
        errors += [worst(*pair) for pair in zip(found, exact, strict=True)]
    assert max(errors) < OF_PARTIALS * max(1.0, CASES[name].roundings)


def ordered(name: str, values: Values) -> Values:
    """Values in the order of the declaration."""
    return {own.name: values[own.name] for own in DECLARATIONS[name].parameters}


def bounds(name: str) -> list[tuple[str, float]]:
    """Finite bounds at which there is a model."""
    return [
        (own.name, bound)
        for own in DECLARATIONS[name].parameters
        for bound in (own.lower, own.upper)
        if np.isfinite(bound) and own.name not in CASES[name].no_limit
    ]


BOUNDS = [(name, *own) for name in sorted(CASES) for own in bounds(name)]


@pytest.mark.parametrize(
    ("name", "parameter", "bound"), BOUNDS, ids=[f"{n}-{p}={b:g}" for n, p, b in BOUNDS]
)
def test_at_a_bound_the_model_is_its_limit(name, parameter, bound):
    """Values and partials at a bound are what the reference has close to it, inside."""
    x, values = CASES[name].draw(generator(name, 3))
    values = ordered(name, values) | {parameter: bound}
    value, jac = computed(name, x, values)
    limits = {own.name: own for own in DECLARATIONS[name].parameters}[parameter]
    inside = NEAR if bound == limits.lower else -NEAR
    beside = values | {parameter: mp.mpf(bound) + inside}
    exact = exact_partials(name, x, beside)
    # values and partials may vanish at the bound, or nearly so
    least = 1e-5 * float(max(np.abs(exact).max(), np.abs(value).max()))
    assert worst(value, exact_values(name, x, beside), least) < OF_PARTIALS
    errors = [worst(*pair, least) for pair in zip(jac, exact, strict=True)]
    assert max(errors) < OF_PARTIALS


OUTSIDE = [(name, k) for name in sorted(CASES) for k in range(len(CASES[name].outside))]


@pytest.mark.parametrize(("name", "k"), OUTSIDE)
def test_outside_its_domain_an_entry_is_nan(name, k):
    """No clamping: what is no value of the model is NaN."""
    x = np.array(CASES[name].special[0][0], dtype=float)
    value, _ = computed(name, x, ordered(name, CASES[name].outside[k]))
    assert np.isnan(value).all()


PEERS = [name for name in sorted(CASES) if CASES[name].peer is not None]


@pytest.mark.parametrize("name", PEERS)
def test_values_agree_with_a_peer(name):
    """scipy or another library has the same values."""
    peer = CASES[name].peer
    errors = []
    rng = generator(name, 5)
    for _ in range(N_DRAWN):
        x, values = CASES[name].curve(rng)
        values = ordered(name, values)
        theirs = peer(*columns(x).T, *values.values())
        value = freed(name)(x, **values)
        errors.append(worst(value, theirs))
    assert max(errors) < OF_VALUES * CASES[name].roundings


MEASURED = [name for name in sorted(CASES) if CASES[name].curve is not None]


def ends_right(name: str, k: int) -> bool:
    """Whether a fit of noisy data without a start costs no more than from the truth."""
    rng = generator(name, 100 + k)
    x, truth = CASES[name].curve(rng)
    y = freed(name)(x, **truth)
    model = freed(name, with_fixed=truth)
    sigma = 0.1 * float(np.abs(y - np.median(y)).max() or np.abs(y).max())
    noise = sigma * rng.normal(size=(2, *y.shape))
    y = y + (noise[0] + 1j * noise[1] if np.iscomplexobj(y) else noise[0])
    start = {own: truth[own] for own in model.free_names}
    theirs = pf.fit(model, x, y, sigma=sigma, start=start)
    ours = pf.fit(model, x, y, sigma=sigma)
    return bool(ours.chi2 <= theirs.chi2 + 0.1)


@pytest.mark.parametrize("name", MEASURED)
def test_a_fit_without_start_ends_at_the_right_minimum(name):
    """Of curves at a signal-to-noise ratio of 10, the share that the case states."""
    missed = [k for k in range(N_CURVES) if not ends_right(name, k)]
    allowed = stats.binom.ppf(1.0 - 1e-4, N_CURVES, 1.0 - CASES[name].share)
    if N_CURVES >= 1000:
        print(f"{name}: {100.0 - 100.0 * len(missed) / N_CURVES:.1f} % right")
        allowed = (1.0 - CASES[name].share) * N_CURVES
    assert len(missed) <= allowed, f"curves {missed[:9]} of {N_CURVES}"
