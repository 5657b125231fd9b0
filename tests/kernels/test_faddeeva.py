"""The Faddeeva function in the whole plane, Dawson's integral and the Voigt profile."""

from __future__ import annotations

import re
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import special

from physfit.engine import jit
from physfit.engine.blocks import elementwise
from physfit.engine.source import module_text
from physfit.kernels import faddeeva as kernels
from physfit.kernels import voigt_profile as voigt
from tests.kernels.precision import Points, logarithmic, neighbours, scalar_loops
from tests.kernels.scalar_cases import Case, absolute_errors, of, slope_errors
from tests.kernels.test_special import exact_faddeeva

random = np.random.default_rng(1)


def planes() -> Points:
    """Points of all four quadrants and both axes."""
    x = np.concatenate([random.uniform(-9.0, 9.0, 120), np.zeros(4)])
    y = logarithmic(2, -6.0, 0.95, 124)
    y[:6], y[6:8] = 0.0, [-0.002, -1e-300]
    return np.array([x, y])


def exact_w(x: Any, y: Any) -> tuple[Any, Any]:
    """w and w' in the whole plane."""
    if y >= 0:
        return exact_faddeeva(x, y)
    z = mpmath.mpc(x, y)
    w, slope = exact_faddeeva(-x, -y)
    gauss = mpmath.exp(-z * z)
    return 2 * gauss - w, slope - 4 * z * gauss


def test_w_in_the_whole_plane() -> None:
    """Relative to |w| and |w'|, below the real axis too, and as scipy has it."""
    x, y = planes()
    parts = elementwise(kernels.wofz, 2, 4)(x, y)
    with mpmath.workdps(50):
        rows = np.array([x, y]).T.tolist()
        exact = [exact_w(mpmath.mpf(a), mpmath.mpf(b)) for a, b in rows]
        w = np.array([complex(row[0]) for row in exact])
        slope = np.array([complex(row[1]) for row in exact])
    assert (np.abs(parts[0] + 1j * parts[1] - w) / np.abs(w)).max() < 4e-14
    assert (np.abs(parts[2] + 1j * parts[3] - slope) / np.abs(slope)).max() < 5e-12
    own = special.wofz(x + 1j * y)
    assert (np.abs(parts[0] + 1j * parts[1] - own) / np.abs(own)).max() < 5e-14


def test_parts_of_w() -> None:
    """Each function of one part is that part."""
    x, y = planes()
    parts = elementwise(kernels.wofz, 2, 4)(x, y)
    names = ["wofz_re", "wofz_im", "wofz_slope_re", "wofz_slope_im"]
    own = [of(getattr(kernels, name))(x, y) for name in names]
    np.testing.assert_allclose(own, parts, rtol=1e-12)


def dawson(x: Any) -> Any:
    """Exact Dawson integral."""
    with mpmath.extradps(20):
        return mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(-x * x) * mpmath.erfi(x)


def test_dawson_and_its_derivative() -> None:
    """Relative errors as stated; the derivative loses nothing where it is small."""
    x = np.concatenate(
        [
            random.uniform(-12.0, 12.0, 150),
            logarithmic(3, -50.0, 1.5, 100),
            neighbours(np.array([8.0])),
        ]
    )
    case = Case(kernels.dawsn, dawson, x, 0.0, (of(kernels.dawsn_slope),))
    assert (absolute_errors(case) / np.abs(of(kernels.dawsn)(x))).max() < 4e-15
    points = x[np.abs(x) > 1e-3]
    assert max(slope_errors(case._replace(points=points), 60, floor=2e-3)) < 1e-12
    ends = np.array([0.0, np.inf, -np.inf, np.nan, 1e200, -1e-300])
    found = of(kernels.dawsn)(ends)
    np.testing.assert_allclose(found, special.dawsn(ends), rtol=1e-15)


def profile(x: Any, sigma: Any, gamma: Any) -> Any:
    """Exact Voigt profile."""
    scale = 1 / (sigma * mpmath.sqrt(2))
    w, _ = exact_faddeeva(x * scale, gamma * scale)
    return w.real * scale / mpmath.sqrt(mpmath.pi)


@pytest.mark.parametrize("ratio", [1e-4, 0.01, 0.3, 3.0, 30.0, 1e3], ids="{:g}".format)
def test_voigt_profile_and_derivatives(ratio: float) -> None:
    """All are exact to 1e-12 of the largest, for every gamma / sigma."""
    sigma, gamma = 0.7, 0.7 * ratio
    x = np.concatenate(
        [random.uniform(-3.0, 3.0, 10) * (sigma + gamma), random.uniform(-20, 20, 6)]
    )
    columns = np.array([x, np.full(16, sigma), np.full(16, gamma)])
    functions = [voigt.voigt_profile, voigt.voigt_by_x, voigt.voigt_by_sigma]
    functions.append(voigt.voigt_by_gamma)
    found = np.array([of(function)(*columns) for function in functions])
    with mpmath.workdps(50):
        exact = np.array([exact_profile(*row) for row in columns.T.tolist()]).T
    assert (np.abs(found - exact) / np.abs(exact).max(axis=1)[:, None]).max() < 1e-12


def exact_profile(*row: float) -> list[float]:
    """Value and central differences by x, sigma and gamma."""
    place = [mpmath.mpf(value) for value in row]
    results = [profile(*place)]
    for k in range(3):
        step = mpmath.mpf(10) ** -14 * (place[1] + place[2])
        ends = [[v + s * step * (j == k) for j, v in enumerate(place)] for s in (1, -1)]
        results.append((profile(*ends[0]) - profile(*ends[1])) / (2 * step))
    return [float(value) for value in results]


def test_voigt_profile_is_that_of_scipy() -> None:
    """Pure Lorentzians and Gaussians included; negative widths give NaN."""
    sigma, gamma = 10.0 ** random.uniform(-3.0, 1.0, (2, 200))
    sigma[:5], gamma[5:10] = 0.0, 0.0
    x = random.uniform(-5.0, 5.0, 200) * (sigma + gamma)
    found = of(voigt.voigt_profile)(x, sigma, gamma)
    np.testing.assert_allclose(
        found, special.voigt_profile(x, sigma, gamma), rtol=1e-11
    )
    outside = of(voigt.voigt_profile)(0.1, [-1.0, 1.0, 0.0], [1.0, -1.0, 0.0])
    assert np.isnan(outside).all()


@pytest.mark.parametrize(
    ("functions", "n_widths"),
    [
        ((kernels.wofz_re, kernels.wofz_im), 1),
        ((voigt.voigt_profile, voigt.voigt_by_sigma), 2),
    ],
    ids=["w", "voigt"],
)
def test_loops_with_the_same_widths_are_vector_code(
    functions: tuple[Any, ...], n_widths: int
) -> None:
    """The branches on them are taken out of the loop."""
    widths = ", ".join(f"x[n + {k}]" for k in range(n_widths))
    lines = ["def main(x, out, n):", f"    width = ({widths},)"]
    lines += ["    for i in range(n):", "        t = x[i]"]
    arguments = ", ".join(f"width[{k}]" for k in range(n_widths))
    for k, function in enumerate(functions):
        lines += [f"        r{k} = {function.__name__}(t, {arguments})"]
    lines += [f"        out[{k} * n + i] = r{k}" for k in range(len(functions))]
    text = module_text("\n".join(lines), "void(f64*, f64*, i64)", *functions)
    code = jit.llvm_of(text)
    assert len(re.findall(r"^vector\.body\d*:", code, re.MULTILINE)) >= 2


def test_loops_are_vector_code() -> None:
    """A loop over Dawson's integral becomes vector instructions."""
    functions = [(kernels.dawsn, 1, 1), (kernels.dawsn_slope, 1, 1)]
    assert scalar_loops(functions) == (0, [])
