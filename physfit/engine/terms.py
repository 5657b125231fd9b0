"""Sums of an objective that has several terms: data sets, priors, penalties.

Each term has sums of its own (see `abi`), a problem, and the places of its parameters
among all free ones. To a driver the list of terms is one problem like any other: cost,
gradient and Gauss-Newton matrix are those of the terms, added where they belong.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import SUMS, as_floats, as_integers, at, call_sums, offset
from physfit.engine.dense import fill
from physfit.engine.roles import entry, routine
from physfit.engine.struct import Float64, Struct

__all__ = ["Normal", "Term", "Terms", "prior_sums", "sums_of_terms"]


class Term(Struct):
    """One term: address of its sums, of its problem, and where its parameters are."""

    sums: int
    problem: int
    n_free: int
    places: int


class Terms(Struct):
    """A list of terms; the memory holds theta, gradient and matrix of the largest."""

    terms: int
    n_terms: int
    n_free: int
    memory: int


class Normal(Struct):
    """A normal distribution of one parameter, 1 / sigma being the weight."""

    mean: Float64
    weight: Float64


#: Bytes of a term.
TERM = 8 * Term.SIZE


@entry(SUMS)
def sums_of_terms(address: Any, theta: Any, gradient: Any, gauss_newton: Any) -> Any:
    """Cost at `theta`; fills its gradient (P) and Gauss-Newton matrix (P, P)."""
    terms = at(address, Terms)
    n = terms.n_free
    fill(gradient, 0.0, n)
    fill(gauss_newton, 0.0, n * n)
    cost = 0.0
    for number in range(terms.n_terms):
        term = at(terms.terms + number * TERM, Term)
        memory = as_floats(terms.memory)
        cost += _add(term, theta, gradient, gauss_newton, n, memory)
    return cost


@routine
def _add(
    term: Any, theta: Any, gradient: Any, gauss_newton: Any, n: Any, memory: Any
) -> Any:
    """Add the sums of a term; its cost."""
    size = term.n_free
    places = as_integers(term.places)
    slopes = offset(memory, size)
    matrix = offset(slopes, size)
    for k in range(size):
        memory[k] = theta[places[k]]
    cost = call_sums(term.sums, term.problem, memory, slopes, matrix)
    for k in range(size):
        gradient[places[k]] += slopes[k]
        for j in range(size):
            gauss_newton[places[k] * n + places[j]] += matrix[k * size + j]
    return cost


@entry(SUMS)
def prior_sums(address: Any, theta: Any, gradient: Any, gauss_newton: Any) -> Any:
    """Half the square of the distance of a parameter from its mean, in sigmas."""
    normal = at(address, Normal)
    z = (theta[0] - normal.mean) * normal.weight
    gradient[0] = z * normal.weight
    gauss_newton[0] = normal.weight * normal.weight
    return 0.5 * z * z
