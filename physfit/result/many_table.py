"""Results of many rows in memory: a table of pandas, a data set of xarray."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from physfit.data.jobs.map_rows import plain_name, unique_names
from physfit.result.many_columns import (
    columns,
    named_columns,
    provenance,
    units,
    words_of,
)
from physfit.result.packages import needed

if TYPE_CHECKING:
    import pandas
    import xarray

    from physfit.result.many_fitted import ManyFitted

__all__ = ["dataset", "frame"]


def frame(many: ManyFitted) -> pandas.DataFrame:
    """Table with a line for each row; see `ManyResult.to_frame`."""
    module = needed("a table", "pandas")
    found: dict[str, Any] = named_columns(many)
    for name, values in found.items():
        if words := words_of(name, values):
            known, codes = np.unique(values, return_inverse=True)
            categories = module.Index([words[number] for number in known.tolist()])
            found[name] = module.Categorical.from_codes(codes, categories)
    table: pandas.DataFrame = module.DataFrame(found)
    return table


def dataset(many: ManyFitted) -> xarray.Dataset:
    """Maps over their axes, with units; see `ManyResult.to_xarray`."""
    module = needed("a data set of maps", "xarray", extra="netcdf")
    known, found = units(many), dict(columns(many))
    dims = unique_names((plain_name(axis.name) for axis in many.axes), found)
    maps: xarray.Dataset = module.Dataset(
        {
            name: (dims, values.reshape(many.shape), _attributes(name, values, known))
            for name, values in found.items()
        },
        {
            dim: (dim, axis.values, {"units": axis.unit, "long_name": axis.name})
            for dim, axis in zip(dims, many.axes, strict=True)
        },
        {name: str(own).replace("\0", "") for name, own in provenance(many).items()},
    )
    return maps


def _attributes(name: str, values: Any, known: dict[str, str]) -> dict[str, Any]:
    """Attributes of a map after the conventions of CF."""
    attributes: dict[str, Any] = {"units": known[name]} if name in known else {}
    if f"{name}_stderr" in known:
        attributes["ancillary_variables"] = f"{name}_stderr"
    if words := words_of(name, values):
        attributes["flag_values"] = np.array(list(words), dtype=np.uint8)
        attributes["flag_meanings"] = " ".join(words.values())
    return attributes
