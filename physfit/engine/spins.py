"""Sums of products of spins: a kernel that reads rows of int8.

The model is linear in its parameters, so no Jacobian is stored for a gradient: the
values of a block go to the loss, and the slopes that come back go through the same
products. Pairs with parameters of their own take `lookup_tables`, pairs that share a
few the counts of `spin_counts`. Partials sample by sample are computed from columns,
for whatever needs them.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import STRIDE, address_at, as_spins, is_null, offset
from physfit.engine.lookup_tables import (
    add_slopes,
    collect_products,
    energies,
    fill_tables,
)
from physfit.engine.roles import routine
from physfit.engine.spin_counts import (
    add_features,
    count_features,
    feature_energies,
)
from physfit.engine.spin_table import (
    ENTRIES,
    Products,
    facts_of,
    pairs_in,
    spin_context,
)
from physfit.engine.spin_words import pack_columns, pack_states, words_at
from physfit.kernels.kernel import Kernel

__all__ = ["spin_kernel"]


def spin_kernel(name: str, products: Products, parameters: tuple[str, ...]) -> Kernel:
    """Kernel of a sum of products of spins."""
    context, n_work = spin_context(products)
    return Kernel(
        name=name,
        function=spin_block,
        inputs=tuple(f"s{k}" for k in range(products.n_spins)),
        parameters=parameters,
        is_block=True,
        context=context,
        scratch=n_work,
        prepare=prepare_spins,
        pull=pull_spins,
        takes_spins=True,
    )


@routine
def prepare_spins(
    params: Any, x: Any, ldx: Any, n: Any, wanted: Any, context: Any, scratch: Any
) -> None:
    """Tables of energies for new parameters; empty histograms."""
    facts = facts_of(context)
    if facts.is_dense == 0:
        return
    fill_tables(context, params, scratch, offset(scratch, facts.tables))
    histogram = offset(scratch, facts.histogram)
    for k in range(facts.n_groups * (facts.n_groups - 1) // 2 * ENTRIES):
        histogram[k] = 0.0


@routine
def spin_block(
    params: Any,
    x: Any,
    ldx: Any,
    start: Any,
    n: Any,
    value: Any,
    jac: Any,
    context: Any,
    scratch: Any,
) -> None:
    """Values of a block, its spins packed in the kernel's own memory; partials."""
    facts = facts_of(context)
    address = address_at(x)
    if facts.is_dense != 0:
        states = words_at(scratch, facts.states)
        pack_states(address, ldx, n, facts.n_spins, facts.n_groups, states)
        energies(states, facts.n_groups, offset(scratch, facts.tables), n, value)
    else:
        columns = words_at(scratch, facts.bytes)
        features = offset(scratch, facts.features)
        pack_columns(address, ldx, n, facts.n_spins, columns)
        counter = words_at(scratch, facts.counter)
        count_features(context, columns, counter, n, features)
        feature_energies(features, params, facts.n_parameters, n, value)
    if not is_null(jac):
        _partials(address, ldx, n, jac, context, offset(scratch, facts.columns))


@routine
def pull_spins(
    slope: Any, start: Any, n: Any, total: Any, context: Any, scratch: Any
) -> None:
    """Slopes of the block last computed back to the parameters."""
    facts = facts_of(context)
    if facts.is_dense == 0:
        if not is_null(slope):
            features = offset(scratch, facts.features)
            add_features(features, slope, facts.n_parameters, n, total)
        return
    histogram = offset(scratch, facts.histogram)
    if is_null(slope):
        collect_products(context, histogram, scratch, total)
    else:
        states = words_at(scratch, facts.states)
        add_slopes(states, facts.n_groups, slope, n, histogram)


@routine
def _partials(
    address: Any, ldx: Any, n: Any, jac: Any, context: Any, columns: Any
) -> None:
    """Derivative of each sample by each parameter, from columns of float64."""
    facts = facts_of(context)
    for r in range(n):
        spins = as_spins(address + r * ldx)
        for i in range(facts.n_spins):
            columns[i * STRIDE + r] = float(spins[i])
    for k in range(facts.n_parameters):
        _fill(offset(jac, k * STRIDE), 1.0 if k == facts.constant else 0.0, n)
    pairs = pairs_in(context)
    for p in range(facts.n_pairs):
        left = offset(columns, pairs[3 * p] * STRIDE)
        right = offset(columns, pairs[3 * p + 1] * STRIDE)
        _subtract_products(left, right, n, offset(jac, pairs[3 * p + 2] * STRIDE))
    if facts.field >= 0:
        row = offset(jac, facts.field * STRIDE)
        for i in range(facts.n_spins):
            _subtract(offset(columns, i * STRIDE), n, row)


@routine
def _fill(target: Any, value: Any, n: Any) -> None:
    for r in range(n):
        target[r] = value


@routine
def _subtract_products(left: Any, right: Any, n: Any, out: Any) -> None:
    """out -= left right."""
    for r in range(n):
        out[r] -= left[r] * right[r]


@routine
def _subtract(column: Any, n: Any, out: Any) -> None:
    """out -= column."""
    for r in range(n):
        out[r] -= column[r]
