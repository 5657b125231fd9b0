"""What files hold of components that no text stands for."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from physfit.data.files.schema import Array
from physfit.models.graph.stored import MOST_COORDINATES, GraphRecord
from physfit.models.motion.stated import MOST_STATES
from physfit.typing import FloatArray, IntArray

__all__ = ["LONGEST_TEXT", "MOST_PARAMETERS", "CurveRecord", "DeclaredRecord"]
__all__ += ["FunctionRecord", "GridRecord", "MotionRecord", "ResponseRecord"]

#: Characters of a name, and of a description.
LONGEST_TEXT = 10_000
MOST_PARAMETERS = 5_000


class DeclaredRecord(msgspec.Struct):
    """What a function says of a parameter; None is no start, no bound."""

    unit: str
    description: str
    start: float | None
    lower: float | None
    upper: float | None
    fixed: bool = False


class GridRecord(msgspec.Struct):
    """Samples on which alone a function is what its graph says."""

    rows: Annotated[FloatArray, Array("*", "*")]
    shape: Annotated[IntArray, Array("*")]
    form: Literal["arrays", "tuple", "rows", "columns"]


class CurveRecord(msgspec.Struct):
    """Values and partials of a function that is no graph, at a solution.

    The partials are those of each value by each parameter, in a row for both.
    """

    rows: Annotated[FloatArray, Array("*", "*")]
    at: Annotated[FloatArray, Array("*")]
    value: Annotated[FloatArray, Array("*", "*")]
    slopes: Annotated[FloatArray, Array("*", "*")]
    derivatives: str


class MotionRecord(msgspec.Struct):
    """How equations of motion are followed, whose graph has states as parameters."""

    states: Annotated[list[str], msgspec.Meta(max_length=MOST_STATES)]
    rtol: float
    atol: float
    max_steps: int


class ResponseRecord(msgspec.Struct):
    """A measured response of unit area, on uniform places."""

    x: Annotated[FloatArray, Array("*")]
    y: Annotated[FloatArray, Array("*")]


class FunctionRecord(msgspec.Struct):
    """A component by its graph; without one by its curve, where it has one."""

    name: str
    inputs: Annotated[list[str], msgspec.Meta(max_length=MOST_COORDINATES)]
    order: Annotated[list[str], msgspec.Meta(max_length=MOST_PARAMETERS)]
    parameters: Annotated[
        dict[str, DeclaredRecord], msgspec.Meta(max_length=MOST_PARAMETERS)
    ]
    graph: GraphRecord | None = None
    motion: MotionRecord | None = None
    description: str = ""
    formula: str = ""
    note: str = ""
    scale: str | None = None
    grid: GridRecord | None = None
    curve: CurveRecord | None = None
    response: ResponseRecord | None = None
