"""Sums of products of spins: a kernel that reads rows of int8.

The model is linear in its parameters, so no Jacobian is stored for a gradient: the
values of a block go to the loss, and the slopes that come back go through the same
products. Pairs with parameters of their own take `lookup_tables`, pairs that share a
few the counts of `spin_counts`, which also give the partials sample by sample, for
whatever needs them.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import address_at, is_null, offset
from physfit.engine.dense import fill
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
    n_entries = facts.n_groups * (facts.n_groups - 1) // 2 * ENTRIES
    fill(offset(scratch, facts.histogram), 0.0, n_entries)


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
        features = offset(scratch, facts.features)
        _count(address, ldx, n, context, scratch, features)
        feature_energies(features, params, facts.n_parameters, n, value)
    if not is_null(jac):
        _count(address, ldx, n, context, scratch, jac)


@routine
def _count(
    address: Any, ldx: Any, n: Any, context: Any, scratch: Any, features: Any
) -> None:
    """Derivative of each sample by each parameter."""
    facts = facts_of(context)
    columns = words_at(scratch, facts.columns)
    pack_columns(address, ldx, n, facts.n_spins, columns)
    count_features(context, columns, words_at(scratch, facts.counter), n, features)


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
