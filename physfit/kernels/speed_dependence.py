"""Averages over the speeds of molecules that relax at rates that depend on them.

A molecule of velocity v (in units of the most probable speed) leaves its coherence at
the rate c v^2 + L - i D v_z, L = rate + i (frequency - position). With Maxwell's
distribution of velocities, the averages

    A = <1 / (L + c v^2 - i D v_z)>,    B = <v^2 / (L + c v^2 - i D v_z)>

give all line shapes of quadratic speed dependence (`kernels.hartmann_tran`). With
W = sqrt(D^2 + 4 c L), Z- = 2 L / (D + W) and Z+ = (D + W) / (2 c), which do not cancel,
and with g(Z) = sqrt(pi) exp(Z^2) erfc(Z), k(Z) = g - Z g' / 2,

    D A = g(Z-) - g(Z+),    D B = k(Z-) - k(Z+),

and derivatives follow from g' = 2 (Z g - 1), k' = -1 - Z^2 g', and from dZ- = (dL -
Z-^2 dc - Z- dD) / W, dZ+ = (dL - Z+^2 dc + Z+ dD) / W. B_L = A_c, and both averages are
homogeneous of degree -1 in (L, c, D).

Each function returns eight complex numbers, from which nothing large has to be taken
off afterwards: 1 / A - L; its derivatives by L, c and D; B / A and its derivatives.
They differ in where they are good:

* `collisional`, where |Z-| >= 8: the asymptotic series in 1 / Z. The differences are
  (1 / L) times polynomials T_n in e = c / L and r = (D / L)^2, T_0 = 1, T_1 = r + 3 e,
  T_(n+1) = (r + 2 e) T_n - e^2 T_(n-1): no division by c or D, which may be 0.
* `direct`, where |c| is not much larger than D: as above, g by a polynomial in
  (5.5 - Z) / (5.5 + Z) inside |Z| = 8, by its asymptotic series outside.
* `slow`, where D is smaller: Taylor series around R = (Z- + Z+) / 2 in powers of
  s = D / (2 c) inside |Z-| = 8, `collisional` outside.

The polynomial was fitted by least squares, relative to |g|, to the part of the disc
|Z| <= 8 with Re Z >= -1.3, which is where Z- may be for any gamma2 (see
`hartmann_tran`).

The module is long because both branches of an average must return the same numbers in
the same order, and share the polynomials.

References
----------
N. H. Ngo, D. Lisak, H. Tran, J.-M. Hartmann, JQSRT 129 (2013) 89; H. Tran, N. H. Ngo,
J.-M. Hartmann, JQSRT 129 (2013) 199, with its erratum, 134 (2014) 104.
"""

from __future__ import annotations

import math

from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import straight_line

__all__ = ["FAR", "SLOW", "collisional", "direct", "slow"]

#: |Z-| from which `collisional` serves.
FAR = 8.0
#: |c| / D from which `slow` serves.
SLOW = 4.0
#: |Z|^2 from which `_OUTER` serves.
_OUTSIDE = 1.96
_LENGTH = 5.0
#: g(Z) in powers of t = (5 - Z) / (5 + Z), to 6e-15, for |Z| < 1.43, Re Z > -1.25.
_INNER = (
    0.19621886790513304,
    0.3781137165799569,
    0.33808100459058943,
    0.2801927283555839,
    0.21488563095001736,
    0.15179512100425113,
    0.09910775189873398,
    0.05759998187354532,
    0.03314229362242465,
    0.01241277268351492,
    0.009793511221088314,
    -0.0015066922160242209,
    0.004097757664016866,
    -0.002557889300427378,
    0.001717791507647484,
    -0.0009250263336623626,
    0.00038792306233365135,
    -0.00013101819844124835,
    3.1967283598464415e-05,
    -4.484181532905716e-06,
    5.90094689436965e-08,
    9.696110341230916e-08,
    -1.5921399644384797e-08,
    8.839955110981953e-10,
)
#: -2 Z^2 k'(Z) in powers of t, to 3e-15, for |Z| > 1.38, Re Z >= 0.
_OUTER = (
    2.7357682884697843,
    -0.9345117316764696,
    -1.4481970638369068,
    -1.350719385344689,
    -0.7661889423999965,
    -0.02896342476182081,
    0.5233372145988492,
    0.7197939043682681,
    0.597230149088777,
    0.3200044274005768,
    0.05806685969459638,
    -0.09536104654198899,
    -0.1352394366311453,
    -0.10683703037650685,
    -0.06005869784022013,
    -0.024063008500526815,
    -0.005644194319948003,
    0.00035681713724966025,
    0.0009379036062801726,
    0.0003471151379942009,
    1.2198569178837307e-06,
    -4.958234536054163e-05,
    -1.6087923175147154e-05,
    2.718070027007595e-06,
    3.172978817061815e-06,
    3.3982362849296265e-07,
    -4.27939481018672e-07,
    -1.375803250612975e-07,
    4.628919895422066e-08,
    2.991633107445647e-08,
    -3.861851132550658e-09,
    -5.576349388172754e-09,
    1.3799502312266255e-10,
    9.965530646156482e-10,
    3.6292721343351834e-11,
    -1.8028683691736022e-10,
    -1.272728072158707e-11,
    3.302115704027331e-11,
    2.0447521002652618e-12,
    -6.67735406270592e-12,
    -4.732144751234923e-13,
    1.133348775913406e-12,
    -1.1069445508114061e-13,
    -3.233933997285875e-13,
    -2.224017315056224e-14,
    2.32935902496381e-14,
    -2.470007332372865e-14,
    -1.709523247561884e-14,
)


def _together(*tables, places):
    """Function of (re, im) of places, with (a, b) of each polynomial at one of them.

    As `complex_polynomial`, in steps of all: none waits for the result of the last.
    """
    lines = [f"u{k}, v{k} = 2.0 * x{k}, x{k} * x{k} + y{k} * y{k}" for k in set(places)]
    rows = list(enumerate(zip(places, tables, strict=True)))
    lines += [
        f"a{i}, b{i} = {table[-2]!r} + u{k} * {table[-1]!r}, {table[-1]!r}"
        for i, (k, table) in rows
    ]
    for j in range(3, max(map(len, tables)) + 1):
        lines += [
            f"a{i}, b{i} = ({table[-j]!r} - v{k} * b{i}) + u{k} * a{i}, a{i}"
            for i, (k, table) in rows
            if j <= len(table)
        ]
    arguments = ", ".join(f"x{k}, y{k}" for k in sorted(set(places)))
    results = ", ".join(f"a{i}, b{i}" for i, _ in rows)
    return straight_line(arguments, [*lines, f"return {results}"])


_of_one = _together(_INNER, _OUTER, places=(0, 0))
_of_two = _together(_INNER, _OUTER, _INNER, _OUTER, places=(0, 0, 1, 1))
#: Terms of the series of `collisional` beyond the first, and of those of `slow`.
_N_FAR, _N_SLOW = 18, 7


@scalar
def reciprocal(z):
    """1 / z."""
    return z.conjugate() * (1.0 / (z.real * z.real + z.imag * z.imag))


@scalar
def _root(z):
    """Square root with a real part that is not negative, and its reciprocal."""
    size = math.sqrt(z.real * z.real + z.imag * z.imag)
    larger = math.sqrt(0.5 * (size + math.fabs(z.real)))
    inverse = 1.0 / (larger * size)
    smaller = 0.5 * math.fabs(z.imag) * (size * inverse)
    right = z.real >= 0.0
    re = larger if right else smaller
    im = math.copysign(smaller if right else larger, z.imag)
    return complex(re, im), (larger * inverse) * complex(re, -im)


@scalar
def _quotient(top, low):
    """Z = top / low, 1 / Z, whether `_OUTER` serves, and t.

    Finite for top = 0, and in what counts for low = 0.
    """
    n = top.real * top.real + top.imag * top.imag
    m = low.real * low.real + low.imag * low.imag
    total = _LENGTH * low + top
    size = total.real * total.real + total.imag * total.imag
    product = top * low.conjugate()
    z = (1.0 / (m if m > 0.0 else 1.0)) * product
    inverse = (1.0 / (n if n > 0.0 else 1.0)) * product.conjugate()
    t = (1.0 / size) * ((_LENGTH * low - top) * total.conjugate())
    return z, inverse, n > _OUTSIDE * m, t


@scalar
def _terms(z, inverse, far, g, q):
    """g, g', Z g', k, k', Z k', Z^2 k' and g'' / 2 at Z = 1 / inverse.

    Far out they follow from q = -2 Z^2 k', by which nothing cancels.
    """
    v = -0.5 * (inverse * inverse)
    first = 1.0 + v * q
    tail = v * first
    slope = 2.0 * (z * g - 1.0)
    turned = z * slope
    k_slope = -1.0 - z * turned
    return (
        inverse * (1.0 + tail) if far else g,
        2.0 * tail if far else slope,
        -inverse * first if far else turned,
        inverse * (1.0 + tail + 0.5 * first) if far else g - 0.5 * turned,
        v * q if far else k_slope,
        -0.5 * inverse * q if far else z * k_slope,
        -0.5 * q if far else z * (z * k_slope),
        inverse * (tail - v * q) if far else g + turned,
    )


@scalar
def _parts(rate, a, a_rate, a_c, a_doppler, b, b_c, b_doppler):
    """The eight numbers from A and B and their derivatives, of which B_L is A_c."""
    inverse = reciprocal(a)
    negative = -(inverse * inverse)
    ratio = b * inverse
    return (
        inverse - rate,
        negative * a_rate - 1.0,
        negative * a_c,
        negative * a_doppler,
        ratio,
        inverse * (a_c - ratio * a_rate),
        inverse * (b_c - ratio * a_c),
        inverse * (b_doppler - ratio * a_doppler),
    )


@scalar
def direct(rate, c, doppler):
    """The eight numbers by values of g at Z- and Z+; see the module.

    Parameters
    ----------
    rate, c : complex
        L and c, in the unit of x; the domain is that of `hartmann_tran`.
    doppler : float
        D > 0, in the unit of x.

    Returns
    -------
    tuple of complex
        1 / A - L, its derivatives by L, c and D; B / A and its derivatives.
    """
    w, by_w = _root(doppler * doppler + 4.0 * (c * rate))
    half = 0.5 * (doppler + w)
    lower, lower_inverse, lower_far, s = _quotient(rate, half)
    upper, upper_inverse, upper_far, t = _quotient(half, c)
    a0, b0, a1, b1, a2, b2, a3, b3 = _of_two(s.real, s.imag, t.real, t.imag)
    g, slope, turned, k, k_slope, k_turned, k_end, _ = _terms(
        lower,
        lower_inverse,
        lower_far,
        a0 - s.conjugate() * b0,
        a1 - s.conjugate() * b1,
    )
    h, h_slope, h_turned, m, m_slope, m_turned, m_end, _ = _terms(
        upper,
        upper_inverse,
        upper_far,
        a2 - t.conjugate() * b2,
        a3 - t.conjugate() * b3,
    )
    own = 1.0 / doppler
    by_rate = own * by_w
    a = own * (g - h)
    b = own * (k - m)
    return _parts(
        rate,
        a,
        by_rate * (slope - h_slope),
        by_rate * (k_slope - m_slope),
        -own * a - by_rate * (turned + h_turned),
        b,
        by_rate * (m_end - k_end),
        -own * b - by_rate * (k_turned + m_turned),
    )


def _far_text():
    """Lines of `_far_series`: T_n with its derivatives, and their weighted sums."""
    lines = ["m = r + 2.0 * e", "p = e * e", "t, tr, te = m + e, 1.0, 3.0"]
    lines += ["u, ur, ue = 1.0 + 0.0 * e, 0.0, 0.0"]
    weight = 1.0
    for n in range(1, _N_FAR + 1):
        weight *= -0.5 * (2 * n - 1)
        for own, term in (("s", "t"), ("sr", "tr"), ("se", "te")):
            other = own.replace("s", "b", 1)
            first = n == 1
            lines.append(f"{own} = {'' if first else own + ' + '}{weight!r} * {term}")
            lines.append(
                f"{other} = {'' if first else other + ' + '}"
                f"{weight * (n + 1.5)!r} * {term}"
            )
        lines.append(
            "t, tr, te, u, ur, ue = m * t - p * u, t + m * tr - p * ur, "
            "2.0 * (t - e * u) + m * te - p * ue, t, tr, te"
        )
    return [*lines[:-1], "return s, sr, se, b, br, be"]


#: Sums over n >= 1 of c_n T_n and (n + 3/2) c_n T_n, c_n = (-1/2)^n (2 n - 1)!!, and
#: their derivatives by r and e.
_far_series = straight_line("r, e", _far_text())


@scalar
def collisional(rate, c, doppler):
    """The eight numbers where |Z-| >= 8, c and D may be 0; see the module.

    Parameters
    ----------
    rate, c : complex
        L and c, in the unit of x.
    doppler : float
        D, in the unit of x.

    Returns
    -------
    tuple of complex
        1 / A - L, its derivatives by L, c and D; B / A and its derivatives.
    """
    inverse = reciprocal(rate)
    e = c * inverse
    d = doppler * inverse
    r = d * d
    s, by_r, by_e, b, b_by_r, b_by_e = _far_series(r, e)
    whole = 1.0 + s
    one = reciprocal(whole)
    square = one * one
    ratio = one * (1.5 + b)
    ratio_r = one * (b_by_r - ratio * by_r)
    ratio_e = one * (b_by_e - ratio * by_e)
    return (
        -(rate * s) * one,
        square * (2.0 * (r * by_r) + e * by_e - whole * s),
        -(square * by_e),
        -2.0 * (square * (d * by_r)),
        ratio,
        -inverse * (2.0 * (r * ratio_r) + e * ratio_e),
        inverse * ratio_e,
        2.0 * (d * inverse) * ratio_r,
    )


def _slow_text():
    """Lines of `_slow_series`: derivatives of g and k over n!, and their sums."""
    last = 2 * _N_SLOW + 1
    lines = [f"g3 = {2.0 / 3.0!r} * (z * g2 + g1)"]
    for n in range(3, last):
        lines.append(f"g{n + 1} = {2.0 / (n + 1)!r} * (z * g{n} + g{n - 1})")
    for n in range(2, last):
        lines.append(
            f"k{n} = {1.0 - 0.5 * n!r} * g{n} - {0.5 * (n + 1)!r} * z * g{n + 1}"
        )
    for own in ("g", "k"):
        odd = [f"{own}{2 * j + 1}" for j in range(_N_SLOW)]
        even = [f"{2.0 * j + 2.0!r} * {own}{2 * j + 2}" for j in range(_N_SLOW)]
        bend = [f"{float(j)!r} * {own}{2 * j + 1}" for j in range(1, _N_SLOW)]
        for name, terms in (("s", odd), ("z", even), ("q", bend)):
            lines.append(f"{own}{name} = {terms[-1]}")
            lines += [
                f"{own}{name} = {term} + q * {own}{name}" for term in terms[-2::-1]
            ]
    return [*lines, "return gs, gz, gq, ks, kz, kq"]


#: Sums over j of q^j g^(2 j + 1)(z) / (2 j + 1)!, and of k; derivatives by z and q.
_slow_series = straight_line("z, q, g1, g2, k1", _slow_text())


@scalar
def slow(rate, c, doppler):
    """The eight numbers for |c| >= 4 D; D may be 0; see the module.

    Parameters
    ----------
    rate, c : complex
        L and c, in the unit of x; the domain is that of `hartmann_tran`.
    doppler : float
        D, in the unit of x.

    Returns
    -------
    tuple of complex
        1 / A - L, its derivatives by L, c and D; B / A and its derivatives.
    """
    w, _ = _root(doppler * doppler + 4.0 * (c * rate))
    inverse = reciprocal(c)
    d = 0.5 * (doppler * inverse)
    z, over, is_far, t = _quotient(0.5 * w, c)
    a0, b0, a1, b1 = _of_one(t.real, t.imag)
    _, slope, _, _, k_slope, _, _, bend = _terms(
        z, over, is_far, a0 - t.conjugate() * b0, a1 - t.conjugate() * b1
    )
    a, a_z, a_q, b, b_z, b_q = _slow_series(z, d * d, slope, bend, k_slope)
    over = 0.5 * over
    a = -inverse * a
    b = -inverse * b
    factor = -(inverse * inverse)
    a_rate = factor * (over * a_z)
    a_doppler = factor * (d * (a_q + over * a_z))
    a_c = -inverse * (a + rate * a_rate + doppler * a_doppler)
    b_doppler = factor * (d * (b_q + over * b_z))
    b_c = -inverse * (b + rate * a_c + doppler * b_doppler)
    near = _parts(rate, a, a_rate, a_c, a_doppler, b, b_c, b_doppler)
    far = collisional(rate, c, doppler)
    lower = z - d
    is_far = lower.real * lower.real + lower.imag * lower.imag > FAR * FAR
    return (
        far[0] if is_far else near[0],
        far[1] if is_far else near[1],
        far[2] if is_far else near[2],
        far[3] if is_far else near[3],
        far[4] if is_far else near[4],
        far[5] if is_far else near[5],
        far[6] if is_far else near[6],
        far[7] if is_far else near[7],
    )
