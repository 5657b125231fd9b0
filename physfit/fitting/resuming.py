"""Checkpoints of a minibatch run: written at intervals, refused on another job.

A checkpoint holds the state of the run at the end of a window, and a fingerprint of
everything that decides how it goes on: model, loss, optimiser, learning rate, batches,
seed, start, data, and the processor and versions that the numbers depend on to the
last bit.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from physfit.data.files.checkpoint import (
    check_previous,
    load_checkpoint,
    previous_of,
    save_checkpoint,
)
from physfit.data.files.output_lock import OutputLock, output_lock
from physfit.data.files.outputs import refuse_inputs
from physfit.data.files.paths import target_of
from physfit.data.stream import Stream
from physfit.engine import jit
from physfit.errors import DataError, InputError
from physfit.fitting.fit_plan import FitPlan
from physfit.fitting.minibatch_settings import Minibatches
from physfit.solve.descent_run import DescentRun
from physfit.solve.first_order import Saved
from physfit.typing import FloatArray

__all__ = ["Checkpoints", "fingerprint"]

#: The mark that is told last: where it is not given it depends on others.
RATE = "learning_rate"
#: What marks were called in files of before.
FORMER = {
    "schedule": RATE,
    "learning rate": RATE,
    "batch size": "batch_size",
    "number of epochs": "epochs",
    "averaging": "averaged",
    "limit of steps": "max_steps",
    "policy for NaN": "nan",
}


class Checkpoints:
    """The checkpoint file of one run, or none; no other run writes it meanwhile.

    Parameters
    ----------
    plan : FitPlan
        Its settings say where the file is, how often it is written, and whether the run
        goes on from it.
    options : Minibatches
    theta : ndarray, shape (P,)
        Start values; all of these make the fingerprint of the run.

    Attributes
    ----------
    saved : Saved or None
        Where the run goes on.
    """

    def __init__(self, plan: FitPlan, options: Minibatches, theta: FloatArray) -> None:
        path = plan.settings.minibatch.get("checkpoint")
        self._path = None if path is None else Path(path)
        self._plan = plan
        self._every = plan.settings.interval
        self._marks = fingerprint(plan, options, theta)
        self._last = time.monotonic()
        self._lock: OutputLock | None = None
        with ExitStack() as stack:
            if self._path is not None:
                target_of(self._path, overwrite=True)
                names = {"`checkpoint`": self._path}
                names["the checkpoint before the last"] = previous_of(self._path)
                refuse_inputs(names, [plan.rows.name])
                self._lock = stack.enter_context(output_lock(self._path))
            self.saved = self._found(bool(plan.settings.minibatch.get("resume")))
            self._stack = stack.pop_all()

    def close(self) -> None:
        """Let other runs write the file."""
        self._stack.close()

    def _found(self, resume: bool) -> Saved | None:
        if self._path is None:
            if resume:
                raise InputError(
                    "`resume` needs the file to go on from; give `checkpoint` its path."
                )
            return None
        check_previous(previous_of(self._path))
        record = load_checkpoint(self._path)
        if record is None:
            return None
        if not resume:
            raise DataError(
                f"`{self._path}` is the checkpoint of a run; go on from it with "
                "resume=True (--resume), or give another path."
            )
        from physfit.fitting.checkpoint_record import checked_saved

        try:
            marks, saved = checked_saved(record)
            marks = {FORMER.get(name, name): mark for name, mark in marks.items()}
        except DataError as error:
            raise DataError(f"`{self._path}` cannot be read: {error}") from error
        _check_marks(self._path, marks, self._marks)
        return saved

    def check(self, run: DescentRun, stream: Stream) -> None:
        """Refuse a saved state that cannot be of this run; see `faults`.

        Raises
        ------
        DataError
        """
        if self.saved is None:
            return
        from physfit.fitting.checkpoint_record import faults

        n_rows, all_rows = self._plan.rows.n_rows, self._plan.nan != "omit"
        for fault in faults(self.saved, run, stream, n_rows, all_rows=all_rows):
            raise DataError(
                f"`{self._path}` was altered: {fault}; begin anew with another "
                "checkpoint."
            )

    def keep(self, saved: Saved, at_once: bool) -> None:
        """Write the file when it is time to, or at once."""
        if self._path is None:
            return
        if at_once or time.monotonic() - self._last >= self._every:
            record = {"run": dict(self._marks), **saved._asdict()}
            save_checkpoint(self._path, record, lock=self._lock)
            self._last = time.monotonic()


def fingerprint(
    plan: FitPlan, options: Minibatches, theta: FloatArray
) -> dict[str, str]:
    """What a resumed run must share with the one before, in words by name."""
    from physfit.result.record import model_record

    model, settings = plan.model, {**options.marks(), "nan": plan.nan}
    marks = {
        "model": model.expression,
        **{
            f"parameter {name}": str(asked)
            for name, asked in model_record(model)["parameters"].items()
        },
        "loss": str(plan.loss),
        "start": " ".join(repr(float(value)) for value in theta),
        **{f"kernel {name}": own for name, own in model.own_kernels.items()},
        **{name: str(value) for name, value in settings.items()},
    }
    data = plan.rows.fingerprint()
    marks |= {f"data {name}": str(value) for name, value in data.items()}
    return marks | jit.machine()


def _check_marks(path: Path, found: Mapping[str, str], own: Mapping[str, str]) -> None:
    # The learning rate last: left out, it follows from how long the run is.
    for name in sorted({*found, *own}, key=lambda each: (each == RATE, each)):
        before, now = found.get(name), own.get(name)
        if before != now:
            raise DataError(
                f"`{path}` belongs to another run: its {name} was {before!r}, but now "
                f"is {now!r}; use the same, or begin anew with another checkpoint."
            )
