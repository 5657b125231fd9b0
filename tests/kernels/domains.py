"""For every point function and loss: where to try it, and an independent reference.

A reference shares no formula with the kernel: probability densities of mpmath, complex
forms, matrix exponentials, textbook expressions with many digits. Samples are drawn
over the domain in the variables that matter (distance in widths, phase, regime,
temperature over coupling), over many orders of magnitude.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath as mp
import numpy as np

from tests.kernels.reference import faddeeva

Arguments = tuple[float, ...]
NAN = float("nan")
CRITICAL = float(2 / mp.log(1 + mp.sqrt(2)))


class Domain(NamedTuple):
    """Where a kernel is tried and what it is held against.

    `roundings` is the allowed error of each result (value, then partials) in units of
    roundoff 1.1e-16 times the sum of the result and of its movement under relative
    changes of the arguments; a single number serves all results.
    """

    reference: Callable[..., Any]
    sample: Callable[[np.random.Generator], Arguments]
    special: tuple[Arguments, ...]
    outside: tuple[Arguments, ...]
    roundings: float | tuple[float, ...]


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number between `low` and `high`, uniform in its logarithm."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def signed(rng: np.random.Generator, low: float, high: float) -> float:
    """`log_uniform` with a random sign."""
    return float(rng.choice([-1.0, 1.0])) * log_uniform(rng, low, high)


# ------------------------------------------------------------------------ line shapes


def gaussian(x, amplitude, center, sigma):
    """Area times the normal density."""
    return amplitude * mp.npdf(x, center, sigma)


def gaussian_2d_isotropic(x, y, amplitude, centerx, centery, sigma):
    """Volume times two normal densities."""
    return amplitude * mp.npdf(x, centerx, sigma) * mp.npdf(y, centery, sigma)


def lorentzian(x, amplitude, center, gamma):
    """Area times the imaginary part of a resolvent."""
    return amplitude * (1 / (center - x - mp.mpc(0, gamma))).imag / mp.pi


def pseudo_voigt(x, amplitude, center, sigma, fraction):
    """The two densities at one half width."""
    narrow = gaussian(x, 1, center, sigma / mp.sqrt(2 * mp.log(2)))
    return amplitude * (
        (1 - fraction) * narrow + fraction * lorentzian(x, 1, center, sigma)
    )


def voigt(x, amplitude, center, sigma, gamma):
    """Area times the real part of w(z)."""
    width = sigma * mp.sqrt(2)
    w = faddeeva(mp.mpc((x - center) / width, gamma / width))
    return amplitude * w.real / (sigma * mp.sqrt(2 * mp.pi))


def peak(low: float, high: float) -> Callable[[np.random.Generator], Arguments]:
    """Sampler of (x, amplitude, center, width) with x `low` to `high` widths away."""

    def sample(rng: np.random.Generator) -> Arguments:
        width, center = log_uniform(rng, 1e-3, 1e3), rng.normal(0.0, 10.0)
        x = center + width * signed(rng, low, high)
        return x, signed(rng, 1e-3, 1e3), center, width

    return sample


def sample_spot(rng: np.random.Generator) -> Arguments:
    """Up to 20 widths from the centre along either coordinate."""
    sigma, centers = log_uniform(rng, 1e-3, 1e3), rng.normal(0.0, 10.0, 2)
    x, y = (own + sigma * signed(rng, 1e-3, 20.0) for own in centers)
    return x, y, signed(rng, 1e-3, 1e3), *map(float, centers), sigma


def sample_voigt(rng: np.random.Generator) -> Arguments:
    """Ratios gamma / sigma from 1e-6 to 1e6, up to 50 full widths from the centre."""
    sigma, ratio = log_uniform(rng, 1e-2, 1e2), log_uniform(rng, 1e-6, 1e6)
    gamma = sigma * ratio
    width = 1.07 * gamma + np.sqrt(0.87 * gamma**2 + 5.55 * sigma**2)
    center = rng.normal(0.0, 10.0)
    x = center + width * signed(rng, 1e-3, 50.0)
    return x, signed(rng, 1e-3, 1e3), center, sigma, gamma


# ------------------------------------------------------------------------ backgrounds


def exponential(x, amplitude, decay):
    """Reciprocal of a power of e."""
    return amplitude * mp.power(mp.e, x / decay) ** -1


def sample_line(count: int) -> Callable[[np.random.Generator], Arguments]:
    """Sampler of `count` numbers of either sign."""

    def sample(rng: np.random.Generator) -> Arguments:
        return tuple(signed(rng, 1e-4, 1e4) for _ in range(count))

    return sample


def sample_exponential(rng: np.random.Generator) -> Arguments:
    """Growth and decay over up to 300 lengths."""
    decay = signed(rng, 1e-3, 1e3)
    return decay * signed(rng, 1e-3, 300.0), signed(rng, 1e-3, 1e3), decay


# ------------------------------------------------------------------------ oscillators


def damped_oscillator(t, x0, v0, omega0, rate):
    """First entry of exp(A t) (x0, v0) with A the matrix of the equation of motion."""
    with mp.extradps(30):
        motion = mp.matrix([[0, 1], [-(omega0**2), -2 * rate]])
        return (mp.expm(motion * t) * mp.matrix([x0, v0]))[0]


def complex_ringdown(t, amplitude, frequency, rate, phase):
    """One complex exponential."""
    exponent = mp.mpc(-rate * t, 2 * mp.pi * frequency * t + phase)
    z = amplitude * mp.exp(exponent)
    return z.real, z.imag


def ringdown(t, amplitude, frequency, rate, phase):
    """Real part of a complex exponential."""
    return complex_ringdown(t, amplitude, frequency, rate, phase)[0]


def sample_oscillator(rng: np.random.Generator) -> Arguments:
    """Ratios rate / omega0 from 0.001 to 1000, a third of them close to 1."""
    omega0 = log_uniform(rng, 1e-2, 1e2)
    ratio = log_uniform(rng, 1e-3, 1e3)
    if rng.random() < 0.33:
        ratio = 1.0 + signed(rng, 1e-12, 1e-1)
    rate = omega0 * ratio
    slowest = min(rate, omega0 / max(2.0 * ratio, 1.0))
    t = signed(rng, 1e-3, 1.0) if rng.random() < 0.2 else log_uniform(rng, 1e-3, 20.0)
    t = t / max(omega0, rate) if rng.random() < 0.5 else abs(t) / slowest
    return t, rng.normal(), omega0 * rng.normal(), omega0, rate


def sample_ringdown(rng: np.random.Generator) -> Arguments:
    """Up to 30 decays and 1e12 periods."""
    rate = signed(rng, 1e-3, 1e3)
    t = signed(rng, 1e-3, 30.0) / abs(rate)
    frequency = signed(rng, 1e-3, 1e12) / abs(t)
    return t, signed(rng, 1e-3, 1e3), frequency, rate, rng.uniform(-4.0, 4.0)


# --------------------------------------------------------------------- thermodynamics


def chain_energy(T, J):
    """-d log(lambda) / d beta, lambda = 2 cosh(beta J) of the transfer matrix."""
    up, down = mp.exp(J / T), mp.exp(-J / T)
    return -J * (up - down) / (up + down)


def chain_heat(T, J):
    """Square of (J / T) / cosh(J / T)."""
    return (2 * J / T / (mp.exp(J / T) + mp.exp(-J / T))) ** 2


def square_energy(T, J):
    """Onsager's energy by the complete elliptic integral K."""
    with mp.workdps(160):
        K = J / T
        k, k1 = 2 * mp.sinh(2 * K) / mp.cosh(2 * K) ** 2, 2 * mp.tanh(2 * K) ** 2 - 1
        return -J * mp.coth(2 * K) * (1 + 2 / mp.pi * k1 * mp.ellipk(k * k))


def square_heat(T, J):
    """Onsager's heat capacity by the complete elliptic integrals."""
    with mp.workdps(160):
        K = J / T
        k, k1 = 2 * mp.sinh(2 * K) / mp.cosh(2 * K) ** 2, 2 * mp.tanh(2 * K) ** 2 - 1
        first, second = mp.ellipk(k * k), mp.ellipe(k * k)
        bracket = 2 * (first - second) - (1 - k1) * (mp.pi / 2 + k1 * first)
        return 2 / mp.pi * (K * mp.coth(2 * K)) ** 2 * bracket


def sample_ising(rng: np.random.Generator) -> Arguments:
    """T / |J| from 0.05 to 1000, a third of them within 10 % of the critical point."""
    J, ratio = signed(rng, 1e-2, 1e2), log_uniform(rng, 0.05, 1e3)
    if rng.random() < 0.33:
        ratio = CRITICAL * (1.0 + signed(rng, 1e-9, 0.1))
    return abs(J) * ratio, J


ISING_SPECIAL = ((1.0, 1.0), (1.0, -1.0), (1e6, 1.0), (0.06, 1.0), (2.3, 1.0))
ISING_OUTSIDE = ((-0.1, 1.0), (-1.0, 1.0), (NAN, 1.0), (1.0, NAN))

POINT_DOMAINS: dict[str, Domain] = {
    "gaussian": Domain(
        gaussian,
        peak(1e-3, 37.0),
        ((5.0, 2.0, 5.0, 0.3), (6.0, 2.0, 5.0, 1.0), (-32.0, 1.0, 5.0, 1.0)),
        ((0.0, 1.0, 0.0, 0.0), (0.0, 1.0, 0.0, -1.0), (NAN, 1.0, 0.0, 1.0)),
        8.0,
    ),
    "gaussian_2d_isotropic": Domain(
        gaussian_2d_isotropic,
        sample_spot,
        ((5.0, 4.0, 2.0, 5.0, 4.0, 0.3), (6.0, 4.0, 2.0, 5.0, 4.0, 1.0)),
        (
            (0.0, 0.0, 1.0, 0.0, 0.0, 0.0),
            (0.0, 0.0, 1.0, 0.0, 0.0, -1.0),
            (0.0, NAN, 1.0, 0.0, 0.0, 1.0),
        ),
        10.0,
    ),
    "lorentzian": Domain(
        lorentzian,
        peak(1e-3, 1e6),
        ((5.0, 2.0, 5.0, 0.3), (6.0, 2.0, 5.0, 1.0), (1e150, 1.0, 5.0, 1.0)),
        ((0.0, 1.0, 0.0, 0.0), (0.0, 1.0, 0.0, -1.0), (NAN, 1.0, 0.0, 1.0)),
        8.0,
    ),
    "pseudo_voigt": Domain(
        pseudo_voigt,
        lambda rng: (*peak(1e-3, 100.0)(rng), rng.uniform(0.0, 1.0)),
        (
            (5.0, 2.0, 5.0, 0.3, 0.5),
            (6.0, 2.0, 5.0, 1.0, 0.0),
            (7.0, 2.0, 5.0, 1.0, 1.0),
        ),
        (
            (0.0, 1.0, 0.0, 0.0, 0.5),
            (0.0, 1.0, 0.0, -1.0, 0.5),
            (0.0, 1.0, 0.0, 1.0, NAN),
        ),
        8.0,
    ),
    "voigt": Domain(
        voigt,
        sample_voigt,
        (
            (5.0, 2.0, 5.0, 0.3, 0.2),
            (7.0, 2.0, 5.0, 1.0, 0.0),
            (25.0, 2.0, 5.0, 1.0, 0.0),
            (5.0, 2.0, 5.0, 1.0, 1e-300),
            *((x, 1.0, 0.0, 1.0, y) for x in (11.31, 11.32) for y in (0.001, 0.1)),
            *((3.0, 1.0, 0.0, 1.0, y) for y in (0.00282, 0.00283, 16.97, 16.98)),
            *((x, 2.0, 5.0, 1e-12, 0.3) for x in (5.0, 6.0, -95.0)),
        ),
        (
            (0.0, 1.0, 0.0, 0.0, 0.0),
            (0.0, 1.0, 0.0, 0.0, -0.5),
            (0.0, 1.0, 0.0, -1.0, 0.5),
            (0.0, 1.0, 0.0, 1.0, -0.1),
            (0.0, 1.0, 0.0, NAN, 0.5),
            (0.0, 1.0, 0.0, 1.0, NAN),
        ),
        # The Faddeeva function is good to 2e-14 of |w|, and Re w is down to 1 % of |w|
        # where the asymptotic series begins; its slope and curvature, which make the
        # partials by center and sigma, lose a factor |z|^2 < 64 each.
        (5e4, 5e4, 5e6, 5e7, 5e4),
    ),
    "constant": Domain(
        lambda x, c: c, sample_line(2), ((0.0, 0.0),), ((1.0, NAN),), 1.0
    ),
    "linear": Domain(
        lambda x, slope, intercept: mp.polyval([slope, intercept], x),
        sample_line(3),
        ((0.0, 2.0, 3.0),),
        ((NAN, 1.0, 0.0),),
        2.0,
    ),
    "quadratic": Domain(
        lambda x, a, b, c: mp.polyval([a, b, c], x),
        sample_line(4),
        ((0.0, 2.0, 3.0, 4.0),),
        ((NAN, 1.0, 0.0, 0.0),),
        2.0,
    ),
    "exponential": Domain(
        exponential,
        sample_exponential,
        ((0.0, 2.0, 3.0), (3.0, 2.0, -3.0)),
        ((1.0, 1.0, 0.0), (NAN, 1.0, 1.0)),
        8.0,
    ),
    "damped_oscillator": Domain(
        damped_oscillator,
        sample_oscillator,
        (
            (0.0, 1.0, 2.0, 3.0, 0.1),
            (2.0, 1.0, 2.0, 0.0, 0.0),
            (2.0, 1.0, 2.0, 0.0, 0.3),
            (2.0, 1.0, 2.0, 3.0, 0.0),
            (-2.0, 1.0, 2.0, 0.4, 1.0),
            (1e4, 1.0, 2.0, 1.0, 100.0),
            *((t, 1.0, 0.5, 2.0, 2.0 + d) for t in (0.5, 5.0) for d in (1e-14, -1e-14)),
        ),
        (
            (1.0, 1.0, 1.0, 1.0, -0.1),
            (1.0, 1.0, 1.0, -1.0, 0.1),
            (1.0, 1.0, 1.0, NAN, 1.0),
        ),
        8.0,
    ),
    "ringdown": Domain(
        ringdown,
        sample_ringdown,
        ((0.0, 2.0, 3.0, 0.1, 0.0), (1.0, 2.0, 0.0, 0.0, 1.0)),
        ((NAN, 1.0, 1.0, 1.0, 0.0),),
        8.0,
    ),
    "complex_ringdown": Domain(
        complex_ringdown,
        sample_ringdown,
        ((0.0, 2.0, 3.0, 0.1, 0.0), (1.0, 2.0, -3.0, 0.0, 1.0)),
        ((NAN, 1.0, 1.0, 1.0, 0.0),),
        8.0,
    ),
    "ising_chain_energy": Domain(
        chain_energy, sample_ising, ISING_SPECIAL, ISING_OUTSIDE, 8.0
    ),
    "ising_chain_heat": Domain(
        chain_heat, sample_ising, ISING_SPECIAL, ISING_OUTSIDE, 8.0
    ),
    "ising_square_energy": Domain(
        square_energy, sample_ising, ISING_SPECIAL, ISING_OUTSIDE, 8.0
    ),
    "ising_square_heat": Domain(
        square_heat, sample_ising, ISING_SPECIAL, ISING_OUTSIDE, 8.0
    ),
}


# ----------------------------------------------------------------------------- losses


def poisson(y, f, w):
    """Log likelihood ratio of the saturated model, with y^y = 1 at y = 0."""
    return f - y if y == 0 else y * mp.log(y) - y - (y * mp.log(f) - f)


def robust(shape: Callable[[mp.mpf], mp.mpf]) -> Callable[..., mp.mpf]:
    """Half of scipy's rho with f_scale: 0.5 delta^2 shape((z / delta)^2)."""

    def rho(y, f, w, delta):
        return delta**2 * shape(((f - y) * w / delta) ** 2) / 2

    return rho


def sample_residual(rng: np.random.Generator) -> Arguments:
    """Residuals from 0.001 to 1000 sigma."""
    y, w = rng.normal(0.0, 10.0), log_uniform(rng, 1e-3, 1e3)
    return y, y + signed(rng, 1e-3, 1e3) / w, w


def sample_robust(rng: np.random.Generator) -> Arguments:
    """The same, with a bend from 0.01 to 100 sigma."""
    return (*sample_residual(rng), log_uniform(rng, 1e-2, 1e2))


def sample_counts(rng: np.random.Generator) -> Arguments:
    """Counts up to 1e8, half of the models close to them."""
    y = float(rng.poisson(log_uniform(rng, 0.1, 1e8)))
    near = max(y, 1.0) * (1.0 + signed(rng, 1e-7, 0.9))
    return y, near if rng.random() < 0.5 else log_uniform(rng, 1e-6, 1e9), 1.0


ROBUST_SPECIAL = ((1.0, 1.0, 2.0, 1.0), (1.0, 2.1, 1.0, 1.0), (1.0, -9.0, 3.0, 0.5))
ROBUST_OUTSIDE = ((1.0, 2.0, 1.0, 0.0), (1.0, 2.0, 1.0, -1.0), (1.0, NAN, 1.0, 1.0))

LOSS_DOMAINS: dict[str, Domain] = {
    "chi2": Domain(
        lambda y, f, w: ((f - y) * w) ** 2 / 2,
        sample_residual,
        ((1.0, 1.0, 2.0), (1.0, 3.0, 2.0)),
        ((NAN, 1.0, 1.0), (1.0, NAN, 1.0)),
        8.0,
    ),
    "poisson": Domain(
        poisson,
        sample_counts,
        ((0.0, 2.0, 1.0), (3.0, 3.0, 1.0), (1e15, 1e15 + 1e8, 1.0), (5.0, 1e-12, 1.0)),
        ((1.0, 0.0, 1.0), (1.0, -1.0, 1.0), (-1.0, 1.0, 1.0), (1.0, NAN, 1.0)),
        8.0,
    ),
    "huber": Domain(
        robust(lambda s: s if s <= 1 else 2 * mp.sqrt(s) - 1),
        sample_robust,
        ROBUST_SPECIAL,
        ROBUST_OUTSIDE,
        8.0,
    ),
    "soft_l1": Domain(
        robust(lambda s: 2 * (mp.sqrt(1 + s) - 1)),
        sample_robust,
        ROBUST_SPECIAL,
        ROBUST_OUTSIDE,
        8.0,
    ),
    "cauchy": Domain(
        robust(mp.log1p), sample_robust, ROBUST_SPECIAL, ROBUST_OUTSIDE, 8.0
    ),
}
