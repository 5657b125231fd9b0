"""What a checkpoint of a minibatch run holds; checked before the run goes on with it.

A checksum tells damage, not whether the numbers belong together. So what the run itself
knows must be there unchanged (scales, bounds, limits), counters must fit the place in
the data, and how the run ended must be what its own loop can say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
import numpy as np

from physfit.data.files.schema import check_arrays, convert
from physfit.data.files.tuples import record_kind, restored
from physfit.data.stream import Stream
from physfit.engine import descent as loop
from physfit.engine.descent import DescentState
from physfit.solve.base import Status
from physfit.solve.descent_run import DescentRun, vectors_of
from physfit.solve.first_order import Saved
from physfit.typing import FloatArray

__all__ = ["checked_saved", "faults"]

#: How a run can have ended, by the status of its loop.
ENDS = {
    loop.RUNNING: (
        *(Status.RUNNING, Status.SETTLED, Status.DIVERGED),
        Status.NOT_FINITE_AT_START,
    ),
    loop.DIVERGED: (Status.DIVERGED,),
    loop.NOT_FINITE: (Status.DIVERGED, Status.NOT_FINITE_AT_START),
    loop.ENOUGH: (Status.MAX_STEPS,),
}
#: Rounding of scaled parameters turned back into the user's units.
ROUNDING = 1e-12


class CheckpointHead(msgspec.Struct):
    """What a checkpoint holds besides a run at the end of a window: its fingerprint."""

    run: dict[str, str]
    seconds: Annotated[float, msgspec.Meta(ge=0.0, le=1e12)]


def checked_saved(record: Mapping[str, Any]) -> tuple[dict[str, str], Saved]:
    """Fingerprint and state of a run, every entry of its type and shape.

    Raises
    ------
    DataError
    """
    kept = convert(record, record_kind(Saved, CheckpointHead, {}))
    check_arrays(kept)
    return kept.run, restored(kept, Saved)


def faults(
    saved: Saved, run: DescentRun, stream: Stream, n_rows: int, *, all_rows: bool
) -> Iterator[str]:
    """What of a saved state cannot be of this run; nothing if all of it can.

    Parameters
    ----------
    saved : Saved
    run : DescentRun
        Fresh: as it was before its first window.
    stream : Stream
        Of the windows that the run goes through.
    n_rows : int
        Rows of an epoch.
    all_rows : bool
        Whether all rows are used; else some may be left out.
    """
    state, n = saved.state, run.n_free
    if state.shape != run.state.shape:
        yield f"its state has {state.size} numbers instead of {run.state.size}"
        return
    yield from _constants(state, run)
    yield from _counters(saved, run, n_rows, all_rows)
    yield from _place(saved, stream.n_windows, stream.epochs)
    if 0.0 <= state[DescentState.n_records] < 2.0**31:
        yield from _history(saved, n)
    else:
        yield "its number of records is out of range"
    if saved.status not in ENDS.get(state[DescentState.status], ()):
        yield f"its status {int(saved.status)} is none that its run can have"
    elif saved.status is Status.RUNNING or saved.status is Status.SETTLED:
        sums = np.delete(state, DescentState.max_steps)[: DescentState.SIZE]
        if not np.isfinite(sums).all():
            yield "its sums are not finite"
        yield from _parameters(state, n)


def _constants(state: FloatArray, run: DescentRun) -> Iterator[str]:
    """Numbers that do not change during a run."""
    fresh = run.state
    for word, places in {
        "size of the loss": DescentState.loss_size,
        "limit of the loss": DescentState.limit,
        "limit of steps": DescentState.max_steps,
    }.items():
        if state[places] != fresh[places]:
            yield f"its {word} is {state[places]:g}, not {fresh[places]:g}"
    now, before = vectors_of(state, run.n_free), vectors_of(fresh, run.n_free)
    for word, number in {
        "scales": loop.SCALE,
        "lower bounds": loop.LOWER,
        "upper bounds": loop.UPPER,
        "metric": loop.METRIC,
    }.items():
        if not np.array_equal(now[number], before[number], equal_nan=True):
            yield f"its {word} are others"


def _counters(
    saved: Saved, run: DescentRun, n_rows: int, all_rows: bool
) -> Iterator[str]:
    """Steps, rows of the open batch, and rows seen, which go together."""
    state, batch = saved.state, run.batch_size
    places = (DescentState.t, DescentState.count, DescentState.n_seen)
    steps, count, seen = state[list(places)].tolist()
    whole = all(
        0.0 <= number < 2.0**53 and number == int(number)
        for number in (steps, count, seen)
    )
    # The last batch of an epoch may be smaller; one that is not finite makes no step.
    is_over = saved.status is not Status.RUNNING
    least, most = n_rows * saved.epoch, n_rows * (saved.epoch + (saved.window > 0))
    if is_over or not all_rows:
        least = 0
    if (
        not (whole and count < batch and least <= seen + count <= most)
        or not (steps - saved.epoch - is_over) * batch <= seen
        or seen > (steps + is_over) * batch
    ):
        yield f"its {steps:g} steps do not fit {seen:g} + {count:g} rows at its place"


def _place(saved: Saved, n_windows: int, epochs: int) -> Iterator[str]:
    """The window that comes next, which must be there."""
    if saved.window >= n_windows or saved.epoch + bool(saved.window) > epochs:
        yield (
            f"it goes on at window {saved.window} of epoch {saved.epoch}, but there "
            f"are {n_windows} windows in {epochs} epochs"
        )
    elif saved.epoch == saved.window == 0:
        yield "it stands before its first window"


def _history(saved: Saved, n_free: int) -> Iterator[str]:
    """Records and checks: steps and rows that grow, up to those of the state."""
    state, records = saved.state, saved.records
    n_records = int(state[DescentState.n_records])
    if records.shape != (n_records, loop.RECORD + n_free):
        yield f"it has {len(records)} records instead of {n_records}"
        return
    if saved.checks.shape[1] != 1 + n_free:
        yield "its checks are of another number of parameters"
        return
    for word, column, last in (
        ("records", records[:, 0], state[DescentState.t]),
        ("records", records[:, 3], state[DescentState.n_seen]),
        ("checks", saved.checks[:, 0], state[DescentState.t]),
        ("times", saved.record_seconds, np.inf),
    ):
        grows = np.diff(column, prepend=0.0, append=last) >= 0.0
        if not grows.all():
            yield f"its {word} are not in order"


def _parameters(state: FloatArray, n: int) -> Iterator[str]:
    """Parameters within their bounds, and the same in both units."""
    vectors = vectors_of(state, n)
    z, theta = vectors[loop.Z], vectors[loop.THETA]
    with np.errstate(all="ignore"):
        back = z * vectors[loop.SCALE]
    if not np.allclose(back, theta, rtol=ROUNDING, atol=0.0):
        yield "its parameters differ between their two units"
    if not ((z >= vectors[loop.LOWER]) & (z <= vectors[loop.UPPER])).all():
        yield "its parameters are not within their bounds"
