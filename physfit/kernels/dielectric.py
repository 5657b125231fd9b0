"""What optics measures of a dielectric function eps = re + i im.

Each function gives a real number and its derivatives by re and im.
"""

from __future__ import annotations

import math

from physfit.kernels.kernel import scalar

__all__ = ["energy_loss_of", "reflectivity_of"]


@scalar
def reflectivity_of(re, im):
    """Share that a half space of dielectric function eps reflects, at normal incidence.

    ``R = |(n - 1) / (n + 1)|^2``, n = sqrt(eps), taken as (eps - 1) / (n + 1)^2, in
    which nothing cancels near eps = 1; and dR = 2 Re(conj(r) d eps / (n (n + 1)^2)).

    Parameters
    ----------
    re, im : float
        Parts of eps; both signs of im give the same.

    Returns
    -------
    tuple of float
        R and its derivatives by re and im; these are NaN at eps = 0.
    """
    size = math.sqrt(re * re + im * im)
    larger = math.sqrt(0.5 * (size + math.fabs(re)))
    smaller = 0.5 * math.fabs(im) / (larger if larger > 0.0 else 1.0)
    n = larger if re >= 0.0 else smaller
    k = math.copysign(smaller if re >= 0.0 else larger, im)
    # 1 / (n + 1)^2 = p + i q
    inverse = 1.0 / ((n + 1.0) * (n + 1.0) + k * k)
    a, b = (n + 1.0) * inverse, -k * inverse
    p, q = (a - b) * (a + b), 2.0 * a * b
    r, s = (re - 1.0) * p - im * q, (re - 1.0) * q + im * p
    # conj(r) / (n (n + 1)^2)
    u, v = (p * n + q * k) / size, (q * n - p * k) / size
    return r * r + s * s, 2.0 * (r * u + s * v), 2.0 * (s * u - r * v)


@scalar
def energy_loss_of(re, im):
    """Energy loss function Im(-1 / eps), and its derivatives by re and im."""
    inverse = 1.0 / (re * re + im * im)
    value = im * inverse
    return value, -2.0 * re * inverse * value, inverse - 2.0 * im * inverse * value
