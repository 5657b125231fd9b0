"""One process whose calls are interrupted again and again: KIND SEED COUNT.

Prints, as JSON, how many calls were interrupted, and everything that did not hold.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any, NoReturn

import h5py
import numpy as np

import physfit as pf

__all__ = ["KINDS"]

#: Raised by the handler of the signal, or by a progress callback.
RAISED = (KeyboardInterrupt, SystemExit, RuntimeError)
#: Sizes of arrays that are made after each interrupt, as large as those of the calls.
SIZES = (6000, 6000 * 5, 6000 * 15, 64 * 6000, 1000, 400)
ROWS = 200_000

Call = Callable[[Callable[..., None] | None], Any]


def _calls(folder: str) -> dict[str, Call]:
    """Kinds of calls, each with a progress callback or None."""
    x = np.linspace(-5.0, 5.0, 64)
    center = np.random.default_rng(0).uniform(-1.0, 1.0, (6000, 1))
    noise = np.random.default_rng(1).normal(size=(6000, 64))
    y = 20.0 * np.exp(-0.5 * (x - center) ** 2) + 3.0 + noise
    voigt = pf.models.Voigt() + pf.models.Constant()
    gauss = pf.models.Gaussian() + pf.models.Constant()
    first = pf.fit(voigt, x, y[0], sigma=1.0)
    path = os.path.join(folder, "rows.h5")
    at = np.random.default_rng(2).uniform(-5.0, 5.0, ROWS)
    with h5py.File(path, "w") as file:
        more = np.random.default_rng(3).normal(size=ROWS)
        file["x"], file["y"] = at, 20.0 * np.exp(-0.5 * at**2) + 3.0 + more
        file["sigma"] = np.ones(ROWS)
    rows = pf.Hdf5Source(path)
    adam = {"method": "adam", "epochs": 3, "batch_size": 1000, "tolerance": 0.0}

    def values(result: Any) -> Any:
        return np.array(list(result.values.values()))

    def one(k: int) -> float:
        return float(pf.fit(voigt, x, y[k], sigma=1.0)["center"].value)

    def many(threads: int | None) -> Call:
        return lambda told: (
            pf.fit_many(voigt, x, y, sigma=1.0, threads=threads, progress=told)[
                "center"
            ].value
        )

    return {
        "fit_many": many(None),
        "fit_many 1 thread": many(1),
        "fit": lambda told: np.array([one(k) for k in range(60)]),
        "bootstrap": lambda told: pf.bootstrap(first, 4000).covariance,
        "toys": lambda told: (
            pf.toys(voigt, x, first.values, sigma=1.0, n=4000)["center"].bias
        ),
        "multistart": lambda told: (
            pf.multistart(
                voigt, x, y[0], sigma=1.0, n_starts=60, threads=2, progress=told
            ).best.share
        ),
        "adam": lambda told: values(
            pf.fit(gauss, rows, start={"center": 0.2}, progress=told, **adam)
        ),
        "lm stream": lambda told: values(
            pf.fit(gauss, rows, method="lm", progress=told)
        ),
        "landscape": lambda told: (
            pf.landscape(
                *(gauss, x, y[0]),
                sigma=1.0,
                over=("center", "sigma"),
                points=41,
                others="profile",
                progress=told,
            ).delta_chi2
        ),
    }


def _threads_are_left() -> bool:
    """Whether there are other threads a second after a call ended.

    One that has given its lock back, or that comes too late, still has to end.
    """
    end = time.monotonic() + 1.0
    while len(sys._current_frames()) > 1 and time.monotonic() < end:
        time.sleep(0.001)
    return len(sys._current_frames()) > 1


#: Names of the kinds.
KINDS = (
    *("fit_many", "fit_many 1 thread", "fit", "bootstrap", "toys", "multistart"),
    *("adam", "lm stream", "landscape"),
)


class _Attack:
    """Interrupts one kind of call."""

    def __init__(self, call: Call, seed: int) -> None:
        self.call, self.random = call, random.Random(seed)
        self.expected = np.asarray(call(None))
        began = time.perf_counter()
        call(None)
        self.seconds = time.perf_counter() - began
        self.obeyed, self.has_raised = [0], False
        self.n_interrupted, self.faults = 0, list[str]()
        signal.signal(signal.SIGALRM, self._raise)

    def _raise(self, number: int, frame: object) -> None:
        if self.obeyed[0]:
            self.has_raised = True
            raise self.random.choice(RAISED)

    def interrupted(self, turn: int) -> None:
        """One call, interrupted at a random moment, once or several times."""
        delay = self.random.uniform(1e-5, (0.25 if turn % 2 else 1.05) * self.seconds)
        again = self.random.uniform(1e-4, 3e-3) if turn % 3 == 0 else 0.0
        told = self._callback() if turn % 5 == 0 else None
        self.has_raised = False
        try:
            signal.setitimer(signal.ITIMER_REAL, delay, again)
            self._attempt(told)
        except BaseException as error:
            # numpy turns some exceptions, all but KeyboardInterrupt, into TypeError
            if not self.has_raised and not isinstance(error, RAISED):
                raise
            self.n_interrupted += 1
        signal.setitimer(signal.ITIMER_REAL, 0)
        mine = [np.full(size, 7.25) for size in SIZES]
        time.sleep(0.005)
        if any((array != 7.25).any() for array in mine):
            self.faults.append(f"turn {turn}: arrays of others were written to")
        if _threads_are_left():
            self.faults.append(f"turn {turn}: threads are left")

    def _attempt(self, told: Callable[..., None] | None) -> None:
        try:
            self.obeyed[0] = 1
            self.call(told)
        finally:
            self.obeyed[0] = 0

    def _callback(self) -> Callable[..., None]:
        """Progress callback that raises when it is told for the n-th time."""
        left = [self.random.randrange(1, 4)]

        def told(*progress: object) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt

        return told

    def compare(self, turn: int) -> None:
        """The next call that nobody interrupts gives the same bits."""
        found = np.asarray(self.call(None))
        if not np.array_equal(found, self.expected, equal_nan=True):
            self.faults.append(f"turn {turn}: the next result differs")


def main(kind: str, seed: str, count: str) -> NoReturn:
    """Interrupt so many calls, compare now and then, and say what happened."""
    with tempfile.TemporaryDirectory() as folder:
        attack = _Attack(_calls(folder)[kind], int(seed))
        for turn in range(int(count)):
            attack.interrupted(turn)
            if turn % 50 == 49 or turn == int(count) - 1:
                attack.compare(turn)
    print(json.dumps({"interrupted": attack.n_interrupted, "faults": attack.faults}))
    sys.exit(1 if attack.faults else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
