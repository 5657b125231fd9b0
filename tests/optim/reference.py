"""The optimisers again, in a few lines of numpy each: z, g -> z, step after step.

Each is a generator function of its rate at every step: it is sent scaled gradients and
gives scaled parameters. `metric` and `scale` are as in the transforms.
"""

from __future__ import annotations

import numpy as np


def gd(z, gradients, rates):
    for g, rate in zip(gradients, rates, strict=True):
        z = z - rate * g
        yield z


def momentum(z, gradients, rates, beta=0.9):
    m = np.zeros_like(z)
    for g, rate in zip(gradients, rates, strict=True):
        m = beta * m + (1 - beta) * g
        z = z - rate * m
        yield z


def momentum_debiased(z, gradients, rates, beta=0.9):
    m = np.zeros_like(z)
    for t, (g, rate) in enumerate(zip(gradients, rates, strict=True), 1):
        m = beta * m + (1 - beta) * g
        z = z - rate * m / (1 - beta**t)
        yield z


def heavy_ball(z, gradients, rates, mu=0.9):
    b = np.zeros_like(z)
    for g, rate in zip(gradients, rates, strict=True):
        b = mu * b + g
        z = z - rate * b
        yield z


def nesterov(z, gradients, rates, mu=0.9):
    b = np.zeros_like(z)
    for g, rate in zip(gradients, rates, strict=True):
        b = mu * b + g
        z = z - rate * (g + mu * b)
        yield z


def rmsprop(z, gradients, rates, decay=0.9, eps=1e-8):
    v = np.zeros_like(z)
    for g, rate in zip(gradients, rates, strict=True):
        v = decay * v + (1 - decay) * g**2
        z = z - rate * g / np.sqrt(v + eps)
        yield z


def adam(z, gradients, rates, beta1=0.9, beta2=0.999, eps=1e-8, decoupled=0.0):
    m, v = np.zeros_like(z), np.zeros_like(z)
    for t, (g, rate) in enumerate(zip(gradients, rates, strict=True), 1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        u = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
        z = z - rate * (u + decoupled * z)
        yield z


def lecture_adam(z, gradients, rates, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = np.zeros_like(z), np.zeros_like(z)
    for g, rate in zip(gradients, rates, strict=True):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        z = z - rate * m / np.sqrt(v + eps)
        yield z


def adagrad(z, gradients, rates, initial=0.0, eps=1e-10):
    v = np.zeros_like(z)
    for g, rate in zip(gradients, rates, strict=True):
        v = v + g**2
        z = z - rate * g / (np.sqrt(initial + v) + eps)
        yield z


def clipped_by_norm(z, gradients, rates, limit):
    for g, rate in zip(gradients, rates, strict=True):
        z = z - rate * g * min(1.0, limit / np.linalg.norm(g))
        yield z


def clipped_by_value(z, gradients, rates, limit):
    for g, rate in zip(gradients, rates, strict=True):
        z = z - rate * np.clip(g, -limit, limit)
        yield z


def coupled(z, gradients, rates, decay, metric):
    for g, rate in zip(gradients, rates, strict=True):
        z = z - rate * (g + decay * metric * z)
        yield z


def decoupled(z, gradients, rates, decay):
    for g, rate in zip(gradients, rates, strict=True):
        z = z - rate * g - rate * decay * z
        yield z


def shrunk(z, gradients, rates, decay, metric, scale):
    for g, rate in zip(gradients, rates, strict=True):
        moved = z - rate * g
        size = np.maximum(np.abs(moved) - rate * decay * metric / scale, 0.0)
        z = np.sign(moved) * size
        yield z


def bounded(z, gradients, rates, lower, upper):
    for g, rate in zip(gradients, rates, strict=True):
        z = np.clip(z - rate * g, lower, upper)
        yield z
