"""Functions with complex values and matrices in the ways of lab scripts."""

from __future__ import annotations

import cmath

import numpy as np

from scripts import Cases

CASES = Cases()
case = CASES.add
OMEGA = np.logspace(-1, 2, 31)
ANGLES = np.linspace(0.05, 1.3, 30)
Q = np.linspace(0.01, 0.25, 40)


@case(3.0, 5.0, 0.4, x=OMEGA)
def impedance(w, r, q, c):
    z = r + 1 / (1j * w * c + 1 / q)
    return np.hstack([z.real, z.imag])


@case(3.0, 0.8, 0.7, x=OMEGA)
def cole_cole(w, strength, tau, alpha):
    eps = 1.5 + strength / (1 + (1j * w * tau) ** (1 - alpha))
    return -np.imag(eps)


@case(3.0, 0.8, 0.7, x=OMEGA)
def havriliak_negami(w, strength, tau, beta):
    eps = strength / (1 + (1j * w * tau) ** 0.8) ** beta
    return np.abs(eps) + np.angle(eps, deg=True)


@case(3.0, 0.8, 0.7, x=OMEGA)
def warburg(w, r, s, c):
    z = r + s / np.sqrt(1j * w) + np.tanh(np.sqrt(1j * w * c)) / np.sqrt(1j * w * c)
    return np.concatenate((np.real(z), -np.imag(z)))


@case(0.9, 1.7, 0.3, x=OMEGA)
def transfer(w, k, w0, zeta):
    h = k * w0**2 / (w0**2 - w**2 + 2j * zeta * w0 * w)
    return 20 * np.log10(np.abs(h))


@case(1.3, 2.1, 0.05, x=ANGLES)
def fresnel(theta, n1, n2, k):
    n = complex(n2, k)
    s = n1 * np.sin(theta) / n
    c = np.sqrt(1 - s * s)
    r = (n1 * np.cos(theta) - n * c) / (n1 * np.cos(theta) + n * c)
    return abs(r) ** 2


@case(1.7, 3.9, 0.8, x=ANGLES + 0.3)
def transfer_matrix(wavelength, n, d, n_s):
    delta = 2 * np.pi * n * d / wavelength
    m11, m12 = np.cos(delta), 1j * np.sin(delta) / n
    m21, m22 = 1j * n * np.sin(delta), np.cos(delta)
    m = np.array([[m11, m12], [m21, m22]])
    b, c = np.einsum("ijk,j->ik", m, np.array([1.0, n_s]))
    r = (b - c) / (b + c)
    return (r * np.conj(r)).real


@case(1.7, 0.4, x=ANGLES + 0.3)
def product_of_matrices(wavelength, n, d):
    out = []
    for w in wavelength:
        total = np.eye(2)
        for layer in (n, 1.4 * n):
            p = 2 * np.pi * layer * d / w
            m = np.array(
                [
                    [np.cos(p), 1j * np.sin(p) / layer],
                    [1j * layer * np.sin(p), np.cos(p)],
                ]
            )
            total = total @ m
        out.append(abs(total[0, 0] + total[0, 1]) ** 2)
    return np.array(out)


def parratt(q, thickness, contrast, roughness):
    k0 = q / 2
    sld = [0.0, contrast, 2.5e-4, 1e-4 + 2e-6j]
    kz = [np.sqrt(k0**2 - 4 * np.pi * s + 0j) for s in sld]
    r = np.zeros_like(q) + 0j
    for j in range(len(sld) - 2, -1, -1):
        f = (kz[j] - kz[j + 1]) / (kz[j] + kz[j + 1])
        f = f * np.exp(-2 * kz[j] * kz[j + 1] * roughness**2)
        phase = np.exp(2j * kz[j + 1] * thickness)
        r = (f + r * phase) / (1 + f * r * phase)
    return np.abs(r) ** 2


case(60.0, 1.3e-4, 4.0, x=Q)(parratt)


@case(0.9, 1.7, 0.4)
def eigenvalues(x, a, b, c):
    h = np.array([[a * x, c * np.ones_like(x)], [c * np.ones_like(x), b - x]])
    w = np.linalg.eigvalsh(np.moveaxis(h, -1, 0))
    return w[:, 1] - w[:, 0]


@case(0.9, 1.7, 0.4)
def inverse(x, a, b, c):
    m = np.array([[a, c, 0.0], [c, b, 0.2], [0.0, 0.2, 1.0]])
    v = np.linalg.inv(m) @ np.array([1.0, 2.0, 3.0])
    return v[0] * x + v[1] * x**2 + np.linalg.det(m) * v[2]


@case(0.9, 1.7, 0.4)
def solved(x, a, b, c):
    m = np.array([[a, c], [-c, b]])
    y = np.linalg.solve(m, [1.0, 2.0])
    return y @ np.array([np.sin(x), np.cos(x)])


@case(0.9, 1.7, 0.4)
def rotation(x, a, b, phi):
    turn = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
    u, v = turn @ np.array([x, x**2])
    return np.exp(-(((u - a) / 2) ** 2) - ((v - b) / 9) ** 2)


@case(0.9, 1.7, 0.4)
def complex_scalar(x, a, b, c):
    root = cmath.sqrt(b**2 - 4 * a * c) if False else np.sqrt(complex(b**2 - 9 * a * c))
    return (np.exp(1j * root * x / 9)).real


@case(0.9, 1.7, 0.4)
def complex_exponent(x, a, b, c):
    z = a * np.exp((-c + 1j * b) * x) + complex(a, b) ** 2
    return z.real + z.conj().imag + np.abs(z)


@case(0.9, 1.7, 0.4)
def accumulated_complex(x, a, b, c):
    z = np.zeros(len(x), dtype=complex)
    for k in range(1, 4):
        z += c / (x - k * b + 1j * a)
    return z.imag**2 + z.real


@case(0.9, 1.7, 0.4)
def negative_roots(x, a, b, c):
    s = np.lib.scimath.sqrt(b - x)
    return np.real(s) + a * np.imag(s) + c
