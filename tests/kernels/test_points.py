"""Point functions: values, partials, laws and vector code, driven by their registry."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from zlib import crc32

import mpmath as mp
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

import physfit.kernels
from physfit.engine.blocks import elementwise, llvm_of_point
from physfit.kernels.kernel import Kernel
from tests.kernels.domains import CRITICAL, POINT_DOMAINS, Arguments
from tests.kernels.points import POINTS
from tests.kernels.reference import DIGITS, conditions, excess, partials, rebuilt
from tests.models.catalogue.cases import CASES

for _module in iter_modules(physfit.kernels.__path__):
    import_module(f"physfit.kernels.{_module.name}")

Array = NDArray[np.float64]
OWN = {
    name: point
    for name, point in POINTS.items()
    if point.function.__module__.startswith("physfit.kernels.")
}
each_point = pytest.mark.parametrize("name", sorted(OWN.keys() & POINT_DOMAINS.keys()))
GRID = np.linspace(-8.0, 8.0, 161)
TURN = 2.0 * np.pi
PEAKS = ("gaussian", "lorentzian", "pseudo_voigt", "voigt")
#: Parameters after amplitude and center.
SHAPES = {
    "gaussian": (0.7,),
    "lorentzian": (0.7,),
    "pseudo_voigt": (0.7, 0.4),
    "voigt": (0.7, 0.3),
}
each_peak = pytest.mark.parametrize("name", PEAKS)
REGIMES = {
    "undamped": (3.0, 0.0),
    "under-damped": (3.0, 0.4),
    "critical": (3.0, 3.0),
    "over-damped": (3.0, 7.0),
    "free": (0.0, 2.0),
}
each_regime = pytest.mark.parametrize(
    ("omega0", "rate"), REGIMES.values(), ids=REGIMES.keys()
)


@cache
def compiled(name: str) -> Callable[..., Array]:
    """Map of a point function over arrays: rows are value, then partials."""
    point = OWN[name]
    n_in = len(point.inputs) + len(point.parameters)
    return elementwise(
        point.function, n_in, point.n_outputs * (1 + len(point.parameters))
    )


def draws(name: str, count: int) -> list[Arguments]:
    """Random arguments of a point function, the same in every run."""
    rng = np.random.default_rng(crc32(name.encode()))
    return [POINT_DOMAINS[name].sample(rng) for _ in range(count)]


@cache
def cases(name: str) -> tuple[Arguments, ...]:
    """Special arguments first, then random ones."""
    return (*POINT_DOMAINS[name].special, *draws(name, 40))


def allowed(name: str) -> Array:
    """Roundings allowed for each row of results."""
    point = OWN[name]
    rows = np.broadcast_to(POINT_DOMAINS[name].roundings, 1 + len(point.parameters))
    return np.repeat(rows, point.n_outputs)


def outputs(point: Kernel, result: object) -> list[mp.mpf]:
    """Value of a reference as a list, for real and complex points alike."""
    return [result] if point.n_outputs == 1 else list(result)  # type: ignore[call-overload]


def value_excess(name: str) -> Array:
    """Errors of values against the independent reference, a row per case."""
    point, domain = OWN[name], POINT_DOMAINS[name]
    results = compiled(name)(*np.array(cases(name)).T)[: point.n_outputs].T
    rows = []
    for arguments, row in zip(cases(name), results, strict=True):
        _, moves = conditions(rebuilt(point.function), arguments)
        exact = outputs(point, domain.reference(*map(mp.mpf, arguments)))
        triples = zip(row, exact, moves, strict=False)
        rows.append([excess(*triple, mp.mpf(0)) for triple in triples])
    return np.array(rows)


def partial_excess(
    name: str, value: Callable[..., object], chosen: tuple[Arguments, ...]
) -> Array:
    """Errors of partials against derivatives of `value`, a row per case."""
    point = OWN[name]
    variables = range(len(point.inputs), len(point.inputs) + len(point.parameters))
    results = compiled(name)(*np.array(chosen).T)[point.n_outputs :].T
    rows = []
    for arguments, row in zip(chosen, results, strict=True):
        values, moves = conditions(rebuilt(point.function), arguments)
        # A difference of 50-digit values is no better than this where it is zero.
        noise = mp.mpf(10) ** (8 - DIGITS) * (abs(values[0]) + moves[0])
        exact = [
            partials(lambda *a, o=o: outputs(point, value(*a))[o], arguments, variables)
            for o in range(point.n_outputs)
        ]
        flat = [
            exact[o][k] for k in range(len(variables)) for o in range(point.n_outputs)
        ]
        triples = zip(row, flat, moves[point.n_outputs :], strict=True)
        rows.append([excess(*triple, noise) for triple in triples])
    return np.array(rows)


# ------------------------------------------------------------------ the registry's laws


def test_every_point_function_has_a_domain() -> None:
    """A new point function comes with its domain and reference in domains.py.

    Or with a case in tests/models/catalogue, where allowed errors are those of a curve.
    """
    missing = sorted(OWN.keys() - POINT_DOMAINS.keys() - CASES.keys())
    assert not missing, f"add an entry to POINT_DOMAINS in domains.py for: {missing}"


@each_point
def test_values_agree_with_an_independent_reference(name: str) -> None:
    """Values are as near as rounded arguments allow, up to the stated roundings."""
    point = OWN[name]
    with mp.workdps(DIGITS):
        worst = value_excess(name).max(axis=0)
    np.testing.assert_array_less(worst, allowed(name)[: point.n_outputs])


@each_point
def test_partials_are_the_derivative_of_the_value(name: str) -> None:
    """Every partial agrees with a difference of the same source, over the domain."""
    point = OWN[name]
    source = rebuilt(point.function)

    def value(*arguments: mp.mpf) -> object:
        results = source(*arguments)
        return results[0] if point.n_outputs == 1 else results[: point.n_outputs]

    with mp.workdps(DIGITS):
        worst = partial_excess(name, value, cases(name)).max(axis=0)
    np.testing.assert_array_less(worst, allowed(name)[point.n_outputs :])


@each_point
def test_partials_at_special_points_agree_with_the_reference(name: str) -> None:
    """At centres, tails and borders of regimes, partials are those of the reference."""
    domain = POINT_DOMAINS[name]
    with mp.workdps(DIGITS):
        worst = partial_excess(name, domain.reference, domain.special).max(axis=0)
    np.testing.assert_array_less(worst, allowed(name)[OWN[name].n_outputs :])


@each_point
def test_outside_its_domain_a_point_function_is_nan(name: str) -> None:
    """No clamping: an argument outside the domain, or NaN, gives NaN."""
    results = compiled(name)(*np.array(POINT_DOMAINS[name].outside).T)
    assert np.isnan(results[: OWN[name].n_outputs]).all()


@each_point
def test_the_interpreter_computes_the_same(name: str) -> None:
    """Uncompiled, on floats, a point function gives the compiled numbers."""
    chosen = cases(name)[-5:]
    interpreted = np.array([OWN[name].function(*arguments) for arguments in chosen]).T
    results = compiled(name)(*np.array(chosen).T)
    # Fused multiply-add moves results within what the reference tests allow.
    np.testing.assert_allclose(results, interpreted, rtol=1e-8, atol=1e-300)


@each_point
def test_loops_over_a_point_function_are_vector_code(name: str) -> None:
    """All loops, with and without partials, are vector loops without calls into libm.

    Blocks of 16 points have to reach them too.
    """
    code = llvm_of_point(OWN[name])
    loops = 2 * len(OWN[name].branches)
    assert len(re.findall(r"^vector\.body\d*:", code, re.MULTILINE)) >= loops
    assert re.search(r"(fadd|fsub|fmul|fdiv|store)\b[a-z ]* <\d+ x double>", code)
    entered = re.findall(r"%min\.iters\.check\S* = icmp ult i64 %arg\.n, (\d+)", code)
    assert sum(int(count) <= 16 for count in entered) >= loops
    called = set(re.findall(r"\bcall [^@\n]*@([\w.$]+)\(", code))
    # sqrt is an instruction; its call is the path for negative numbers outside loops.
    foreign = {f for f in called if not f.startswith(("llvm.", "_ZN")) and f != "sqrt"}
    assert not foreign


# ------------------------------------------------------------------- the samplers' laws


@each_point
def test_draws_of_arguments_differ(name: str) -> None:
    """A sampler gives new arguments every time, in every coordinate it varies."""
    sample = np.array(draws(name, 100))
    assert len(np.unique(sample, axis=0)) == 100
    assert all(len(np.unique(column)) == 100 for column in sample.T)


@pytest.mark.parametrize(
    "name",
    [n for n in sorted(OWN.keys() & POINT_DOMAINS.keys()) if OWN[n].choose is not None],
)
def test_draws_reach_every_branch(name: str) -> None:
    """Cases of a point function with branches visit each of them five times."""
    point = OWN[name]
    chosen = [point.choose(*arguments[1:]) for arguments in cases(name)]  # type: ignore[misc]
    assert np.bincount(chosen, minlength=len(point.branches)).min() >= 5


@pytest.mark.parametrize("name", ["ising_square_energy", "ising_square_heat"])
def test_draws_lie_on_both_sides_of_the_critical_point(name: str) -> None:
    """Temperatures are drawn below, above and within a percent of T_c."""
    sample = np.array(draws(name, 40))
    ratio = sample[:, 0] / np.abs(sample[:, 1]) / CRITICAL
    assert (ratio < 0.9).sum() >= 5
    assert (ratio > 1.1).sum() >= 5
    assert (np.abs(ratio - 1.0) < 0.01).sum() >= 5


# ------------------------------------------------------------------------- line shapes


@each_peak
def test_the_amplitude_is_the_area(name: str) -> None:
    """The integral over x is `amplitude`; tan maps the line to a periodic integrand."""
    angle = (np.arange(4000) + 0.5) * (np.pi / 4000) - 0.5 * np.pi
    x = 2.0 + 1.5 * np.tan(angle)
    values = compiled(name)(x, 3.0, 2.0, *SHAPES[name])[0]
    area = (values * 1.5 / np.cos(angle) ** 2).sum() * np.pi / 4000
    assert area == pytest.approx(3.0, rel=1e-12)


@each_peak
def test_a_peak_is_symmetric(name: str) -> None:
    """Left and right of the centre are equal to the last bit, slopes are opposite."""
    x = np.linspace(0.0, 30.0, 301)
    right = compiled(name)(x, 3.0, 0.0, *SHAPES[name])
    left = compiled(name)(-x, 3.0, 0.0, *SHAPES[name])
    left[2] *= -1.0
    np.testing.assert_array_equal(left, right)


@each_peak
def test_a_peak_moves_with_its_center(name: str) -> None:
    """Shifting x and center by one number changes nothing (exactly representable)."""
    x = np.arange(-200, 200) / 8.0
    here = compiled(name)(x, 3.0, 0.25, *SHAPES[name])
    there = compiled(name)(x + 1024.0, 3.0, 1024.25, *SHAPES[name])
    np.testing.assert_array_equal(there, here)


@each_peak
def test_a_peak_scales_with_its_unit(name: str) -> None:
    """In a unit 8 times smaller, values are 8 times smaller, to the last bit."""
    x, (width, *rest) = np.linspace(-9.0, 9.0, 181), SHAPES[name]
    finer = [8.0 * gamma for gamma in rest] if name == "voigt" else rest
    small = compiled(name)(x, 3.0, 0.5, width, *rest)[0]
    large = compiled(name)(8.0 * x, 3.0, 4.0, 8.0 * width, *finer)[0]
    np.testing.assert_array_equal(8.0 * large, small)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gaussian", stats.norm.pdf(GRID, 0.5, 0.7)),
        ("lorentzian", stats.cauchy.pdf(GRID, 0.5, 0.7)),
        ("voigt", special.voigt_profile(GRID - 0.5, 0.7, 0.3)),
    ],
    ids=["norm", "cauchy", "voigt_profile"],
)
def test_peaks_agree_with_scipy(name: str, expected: Array) -> None:
    """Densities of scipy.stats and voigt_profile, to its own accuracy of 1e-13."""
    values = compiled(name)(GRID, 1.0, 0.5, *SHAPES[name])[0]
    np.testing.assert_allclose(values, expected, rtol=1e-12)


@pytest.mark.parametrize("gamma", [1e-3, 0.1, 3.0], ids=str)
def test_voigt_is_a_convolution(gamma: float) -> None:
    """The integral of Gaussian times shifted Lorentzian, by 30-digit quadrature."""
    with mp.workdps(30):
        ends = [-12, -1, 2 - 3 * gamma, 2, 2 + 3 * gamma, 12]
        integral = mp.quad(
            lambda s: mp.npdf(s) * gamma / mp.pi / ((2 - s) ** 2 + gamma**2), ends
        )
    value = compiled("voigt")(2.0, 1.0, 0.0, 1.0, gamma)[0, 0]
    assert value == pytest.approx(float(integral), rel=1e-12)


def test_voigt_without_gamma_is_the_gaussian() -> None:
    """At gamma = 0, value and partials are the Gaussian's, out to 37 sigma.

    The exponents are rounded differently: up to z^2 roundings, and twice that for z^2
    in the partial by sigma.
    """
    x = np.linspace(-26.0, 26.0, 1041)
    voigt = compiled("voigt")(x, 3.0, 0.25, 0.7, 0.0)
    gaussian = compiled("gaussian")(x, 3.0, 0.25, 0.7)
    scale = gaussian[0]
    np.testing.assert_allclose(
        voigt[:4] / scale, gaussian / scale, rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("y", [0.00200000001, 0.0025, 0.01])
@pytest.mark.parametrize("u", [6.14, 7.02, 7.79])
def test_voigt_keeps_its_stated_errors_in_the_worst_tails(y: float, u: float) -> None:
    """Against mpmath where gamma is small and a Gaussian's tail meets a Lorentzian's.

    The value and its partials by amplitude and gamma to 2e-11, by center to 1e-9, by
    sigma to 4e-8, as the docstring says.
    """
    x, gamma = u * np.sqrt(2.0), y * np.sqrt(2.0)
    got = compiled("voigt")(x, 1.0, 0.0, 1.0, gamma)[:, 0]
    with mp.workdps(40):
        z = mp.mpc(x, gamma) / mp.sqrt(2)
        w = mp.exp(-z * z) * mp.erfc(-1j * z)
        slope = 2j / mp.sqrt(mp.pi) - 2 * z * w
        parts = (w, w, -slope / mp.sqrt(2), -w - z * slope, 1j * slope / mp.sqrt(2))
        true = [float(part.real / mp.sqrt(2 * mp.pi)) for part in parts]
    bounds = np.array([2e-11, 2e-11, 1e-9, 4e-8, 2e-11])
    assert (np.abs(got / true - 1.0) < bounds).all()


@pytest.mark.parametrize("ratio", [0.0, 1e-200, 1e-155, 1e-7])
@pytest.mark.parametrize("scale", [1e-100, 0.7, 1e100])
def test_voigt_with_no_sigma_beside_gamma_is_the_lorentzian(ratio, scale) -> None:
    """For sigma <= 1e-7 gamma they agree to (sigma / gamma)^2, partials too.

    At 0 the partial by sigma is 0, and not only small beside the others.
    """
    x = np.linspace(-700.0, 700.0, 1001) * scale
    arguments = (3.0, 0.25 * scale, ratio * scale, scale)
    voigt = compiled("voigt")(x, *arguments)
    lorentzian = compiled("lorentzian")(x, 3.0, 0.25 * scale, scale)
    size, units = lorentzian[0], np.array([1.0, 1.0, scale, scale])[:, None]
    rows = units * voigt[[0, 1, 2, 4]] / size
    np.testing.assert_allclose(rows, units * lorentzian / size, rtol=1e-12, atol=1e-12)
    assert (voigt[3] == 0.0).all() or ratio > 0.0


@pytest.mark.parametrize("ratio", [1e4, 1e6], ids=str)
def test_the_partial_by_sigma_obeys_the_heat_equation(ratio: float) -> None:
    """d/dsigma = sigma d2/dx2, where it is (sigma / gamma)^2 of the other partials.

    The second derivative is the Lorentzian's, true to 15 (sigma / gamma)^2.
    """
    z = np.linspace(-40.0, 40.0, 801)
    bend = (6.0 * z**2 - 2.0) / (1.0 + z**2) ** 3 / np.pi
    scale = np.abs(bend) + (1.0 + z**2) ** -3
    d_sigma = compiled("voigt")(z, 1.0, 0.0, 1.0 / ratio, 1.0)[3]
    worst = np.abs(d_sigma * ratio - bend) / scale
    assert worst.max() < 1e-12 + 15.0 / ratio**2


@pytest.mark.parametrize("y", [0.002, 12.0], ids=["small", "large"])
def test_voigt_is_continuous_where_its_method_changes(y: float) -> None:
    """On both sides of a border of regimes, values agree to 1e-10, partials to 1e-8."""
    x = np.linspace(-60.0, 60.0, 1201)
    below, above = y * np.sqrt(2.0) * (1.0 + 1e-13 * np.array([-1.0, 1.0]))
    point = OWN["voigt"]
    assert point.choose(1.0, 0.0, 1.0, below) != point.choose(1.0, 0.0, 1.0, above)  # type: ignore[misc]
    one = compiled("voigt")(x, 1.0, 0.0, 1.0, below)
    other = compiled("voigt")(x, 1.0, 0.0, 1.0, above)
    np.testing.assert_allclose(one[0], other[0], rtol=1e-10)
    np.testing.assert_allclose(one / one[0], other / one[0], rtol=1e-8, atol=1e-8)


# ------------------------------------------------------------------------- oscillators


def motion(t: object, omega0: float, rate: float) -> tuple[Array, Array]:
    """Displacement and velocity from x0 = 1, v0 = -0.5: v solves the equation too."""
    x0, v0 = 1.0, -0.5
    kick = -2.0 * rate * v0 - omega0**2 * x0
    free = compiled("damped_oscillator")
    return free(t, x0, v0, omega0, rate)[0], free(t, v0, kick, omega0, rate)[0]


@each_regime
def test_the_energy_never_grows(omega0: float, rate: float) -> None:
    """v^2 / 2 + omega0^2 x^2 / 2 falls in time, or stays without damping."""
    x, v = motion(np.linspace(0.0, 20.0, 2001), omega0, rate)
    energy = 0.5 * v**2 + 0.5 * (omega0 * x) ** 2
    # 1e-14 of the start: phases up to 60 rad carry an error of 60 roundings.
    assert np.diff(energy).max() <= 1e-14 * energy[0]


@each_regime
def test_the_equation_of_motion_holds(omega0: float, rate: float) -> None:
    """x'' + 2 rate x' + omega0^2 x = 0 by differences of the rebuilt source."""
    source = rebuilt(OWN["damped_oscillator"].function)
    with mp.workdps(DIGITS):
        numbers = [mp.mpf(number) for number in (1.0, -0.5, omega0, rate)]
        x, slope, bend = mp.diffs(lambda t: source(t, *numbers)[0], mp.mpf(0.9), 2)
        rest = bend + 2 * numbers[3] * slope + numbers[2] ** 2 * x
    assert abs(rest) < 1e-25


@each_regime
def test_motion_continues_from_any_state(omega0: float, rate: float) -> None:
    """Starting anew from the state at t = 0.7 gives the same motion."""
    t = np.linspace(-0.7, 4.0, 95)
    (x,), (v,) = motion(0.7, omega0, rate)
    later = compiled("damped_oscillator")(t, x, v, omega0, rate)[0]
    np.testing.assert_allclose(later, motion(0.7 + t, omega0, rate)[0], atol=1e-14)


@pytest.mark.parametrize("t", [0.01, 0.3, 2.0, 12.0], ids=str)
def test_the_regimes_meet_smoothly(t: float) -> None:
    """Through critical damping, value and gradient move with rate t and no more.

    The rate changes by 1e-13 of itself, so s = (rate^2 - omega0^2) t^2 changes by
    2e-13 (rate t)^2.
    """
    rate = 2.0 * (1.0 + np.array([-1e-13, -1e-16, 0.0, 1e-16, 1e-13]))
    results = compiled("damped_oscillator")(t, 1.0, 0.5, 2.0, rate)
    spread = np.ptp(results, axis=1).max()
    assert 0.0 < spread <= 1e-12 * (1.0 + 2.0 * t) ** 2 * np.abs(results).max()


def test_an_underdamped_oscillator_is_a_ringdown() -> None:
    """Both forms of the same motion agree, with w = sqrt(omega0^2 - rate^2)."""
    t, omega0, rate = np.linspace(0.0, 20.0, 201), 3.0, 0.4
    w = np.sqrt(omega0**2 - rate**2)
    x0, v0 = 2.0 * np.cos(0.6), -2.0 * (rate * np.cos(0.6) + w * np.sin(0.6))
    free = compiled("damped_oscillator")(t, x0, v0, omega0, rate)[0]
    ringdown = compiled("ringdown")(t, 2.0, w / (2.0 * np.pi), rate, 0.6)[0]
    np.testing.assert_allclose(free, ringdown, atol=1e-14)


def test_the_ringdown_is_the_real_part_of_the_complex_one() -> None:
    """Value and partials agree to the last bit; the modulus decays without beats."""
    t = np.linspace(0.0, 5.0, 501)
    real = compiled("ringdown")(t, 2.0, 7.0, 0.8, 0.3)
    both = compiled("complex_ringdown")(t, 2.0, 7.0, 0.8, 0.3)
    np.testing.assert_array_equal(both[::2], real)
    modulus = np.hypot(both[0], both[1])
    np.testing.assert_allclose(modulus, 2.0 * np.exp(-0.8 * t), rtol=2e-15)


# ---------------------------------------------------------------------- thermodynamics


@pytest.mark.parametrize("lattice", ["chain", "square"])
@pytest.mark.parametrize("T", [0.3, 2.0, 2.5, 40.0], ids=str)
def test_the_heat_is_the_slope_of_the_energy(lattice: str, T: float) -> None:
    """c = du/dT, the derivative taken of the rebuilt energy."""
    energy = rebuilt(OWN[f"ising_{lattice}_energy"].function)
    with mp.workdps(DIGITS):
        slope = mp.diff(lambda temperature: energy(temperature, mp.mpf(1.3))[0], T)
    heat = compiled(f"ising_{lattice}_heat")(T, 1.3)[0, 0]
    assert heat == pytest.approx(float(slope), rel=1e-13)


@pytest.mark.parametrize("lattice", ["chain", "square"])
@pytest.mark.parametrize("kind", ["energy", "heat"])
def test_the_sign_of_the_coupling_is_a_relabelling(lattice: str, kind: str) -> None:
    """On a bipartite lattice u and c are even in J, their partials odd."""
    T = np.geomspace(0.1, 100.0, 101)
    positive = compiled(f"ising_{lattice}_{kind}")(T, 1.3)
    negative = compiled(f"ising_{lattice}_{kind}")(T, -1.3)
    np.testing.assert_array_equal(negative, positive * [[1.0], [-1.0]])


@pytest.mark.parametrize("T", [1.3, 3.1, 8.0], ids=str)
def test_the_square_lattice_is_onsagers_integral(T: float) -> None:
    """u by the double integral of Onsager's free energy, whose sum converges fast."""
    angle = 2.0 * np.pi * np.arange(400) / 400
    waves = np.cos(angle) + np.cos(angle)[:, np.newaxis]
    high, low = np.cosh(2.0 / T), np.sinh(2.0 / T)
    slope = (2.0 * high * low - high * waves) / (high**2 - low * waves)
    value = compiled("ising_square_energy")(T, 1.0)[0, 0]
    assert value == pytest.approx(-slope.mean(), rel=1e-13)


@pytest.mark.parametrize(
    ("T", "u"),
    [
        (1.0, -1.9971602041123),
        (1.5, -1.9511165730784),
        (2.0, -1.7455645753126),
        (3.0, -0.81730959250242),
    ],
    ids=str,
)
def test_exact_energies_of_the_square_lattice(T: float, u: float) -> None:
    """Numbers computed elsewhere, quoted to 14 digits."""
    assert compiled("ising_square_energy")(T, 1.0)[0, 0] == pytest.approx(u, rel=1e-13)


def test_the_energy_is_continuous_at_the_critical_point() -> None:
    """u(T_c) = -sqrt(2) J, while c and du/dJ grow without bound towards it."""
    energy = compiled("ising_square_energy")(CRITICAL, 1.0)
    assert energy[0, 0] == pytest.approx(-np.sqrt(2.0), rel=1e-14)
    T = CRITICAL * (1.0 - 10.0 ** -np.arange(1.0, 14.0))
    assert (np.diff(compiled("ising_square_heat")(T, 1.0)[0]) > 0.0).all()
    assert (np.diff(compiled("ising_square_energy")(T, 1.0)[1]) < 0.0).all()


@pytest.mark.parametrize(("lattice", "bonds"), [("chain", 1.0), ("square", 2.0)])
def test_cold_and_hot_limits_of_ising_models(lattice: str, bonds: float) -> None:
    """u goes to -|J| per bond for T -> 0 and to -J^2 / T per bond for T -> inf."""
    cold = compiled(f"ising_{lattice}_energy")([1e-300, 1e-3], -1.3)
    np.testing.assert_allclose(cold[0], -1.3 * bonds, rtol=1e-15)
    np.testing.assert_allclose(cold[1], bonds, rtol=1e-15)
    hot = compiled(f"ising_{lattice}_energy")([1e12, 1e200], 1.3)[0]
    np.testing.assert_allclose(hot * [1e12, 1e200], -(1.3**2) * bonds, rtol=1e-15)
    heat = compiled(f"ising_{lattice}_heat")([1e-300, 1e-3, 1e12, np.inf], 1.3)
    np.testing.assert_allclose(heat[:, [0, 1, 3]], 0.0)
    assert heat[0, 2] * 1e24 == pytest.approx(1.3**2 * bonds, rel=1e-15)


@pytest.mark.parametrize("name", ["ringdown", "complex_ringdown", "damped_oscillator"])
def test_a_phase_keeps_its_digits_after_1e11_turns(name: str) -> None:
    """50 Hz in the seconds of 2026: 1e-9 of what is exact for these very numbers.

    The angle itself, rounded to a double, is 4e-5 rad off. That of the oscillator has
    the rounding of its frequency alone, once for all times.
    """
    t = 1.79e9 + np.linspace(0.0, 0.1, 50)
    ends = (2.0, 50.0, 0.0, 0.3) if "ring" in name else (2.0, 0.0, 314.0, 0.0)
    value = compiled(name)(t, *ends)[0]
    with mp.workdps(40):
        omega = 2 * mp.pi * 50 if "ring" in name else 2 * mp.pi * mp.mpf(314.0 / TURN)
        phases = [omega * mp.mpf(time) + mp.mpf(ends[3]) for time in t.tolist()]
        exact = np.array([float(2 * mp.cos(phase)) for phase in phases])
    assert np.abs(value - exact).max() < 1e-9


@pytest.mark.parametrize("T", [0.0, 1e-310, 1e-3])
def test_spins_are_frozen_at_low_temperatures(T: float) -> None:
    """The energy is that of the ground state, -|J| a bond, and nothing depends on T."""
    J = np.array([-2.0, 0.5])
    for name, bonds in (("ising_chain_energy", 1.0), ("ising_square_energy", 2.0)):
        expected = [-bonds * np.abs(J), -bonds * np.sign(J)]
        np.testing.assert_array_equal(compiled(name)(T, J), expected)
    for name in ("ising_chain_heat", "ising_square_heat"):
        np.testing.assert_array_equal(np.abs(compiled(name)(T, J)), 0.0)
