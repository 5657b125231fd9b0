"""Whether rows are of the kind that a model takes, and compiled code may read them."""

from __future__ import annotations

from physfit.data.row_data import RowData
from physfit.engine.layout import Layout
from physfit.errors import InputError
from physfit.models.loss import Loss

__all__ = ["check_kind"]


def check_kind(layout: Layout, loss: Loss, data: RowData) -> None:
    """Refuse rows that compiled code would misread: other numbers or coordinates."""
    is_complex = data.y.dtype.kind == "c"
    if is_complex != (layout.n_outputs == 2):
        raise InputError(
            f"`y` is {'complex' if is_complex else 'real'}, but the model is "
            f"{'real' if is_complex else 'complex'}; fit "
            f"{'np.abs(y), y.real or y.imag' if is_complex else 'complex data'}."
        )
    loss.check_kind(data.sigma is not None, layout.n_outputs)
    n_inputs = data.x.shape[-2]
    if n_inputs != layout.n_inputs or data.x.shape[-1] != data.n_points:
        raise InputError(
            f"the rows have {n_inputs} coordinates of {data.x.shape[-1]} samples, but "
            f"the model needs {layout.n_inputs} of {data.n_points}; pass x of shape "
            f"({layout.n_inputs}, {data.n_points})."
        )
