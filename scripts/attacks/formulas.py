"""Formulas and stored graphs that try to escape, or to take all memory or time.

Each is refused in a sentence, within 10 ms of work and 100 MiB, and nothing runs.
"""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

from attacks.bad.hostile import TEXTS, hostile_records
from attacks.counting import Log, Outcome

__all__ = ["FULL", "QUICK", "attack", "cases", "watched"]

QUICK = 2000
FULL = 2000
#: Seconds of work, the best of three, and bytes that a refusal may take.
MOST_SECONDS, MOST_BYTES = 0.010, 100 << 20
#: What Python tells of when it runs, opens or loads something.
EVENTS = ("exec", "import", "open", "os.", "subprocess.", "shutil.", "ctypes.")


class _Watch:
    """Events of the interpreter, kept while it is on; hooks cannot be taken off."""

    def __init__(self) -> None:
        self.is_on, self.seen = False, list[str]()
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.is_on and event.startswith(EVENTS):
            self.seen.append(f"{event} {arguments!r:.80}")


_watch: list[_Watch] = []


def watched(call: Callable[[Any], object], text: Any) -> tuple[str, list[str]]:
    """What a call raises, "" for nothing, and what it has run or opened."""
    from physfit.errors import PhysfitError

    _watch[:] = _watch or [_Watch()]
    watch = _watch[0]
    watch.seen.clear()
    watch.is_on = True
    try:
        call(text)
        raised = ""
    except PhysfitError as error:
        raised = str(error) or "an error without a sentence"
    except Exception as error:
        raised = f"TRACEBACK {error!r:.80}"
    finally:
        watch.is_on = False
    return raised, list(watch.seen)


def cases() -> Iterator[tuple[str, str, Callable[[Any], object], Any]]:
    """Kind, name, door and input of each."""
    import physfit as pf
    from physfit.document.records import plain
    from physfit.result.record import model_of, model_record

    def tied(text: str) -> object:
        return pf.models.Linear().where(slope=pf.tie(text))

    doors = {"formula": pf.formula, "model": pf.parse_model, "tie": tied}
    for kind, door in doors.items():
        for text in TEXTS:
            yield kind, text[:60], door, text
    model = pf.model(lambda x, a, tau: a * x * (x < tau), x="x")
    record = plain(model_record(model.bound_to([0.0, 1.0, 2.0])[0]))
    for name, altered in hostile_records(record):
        yield "file", name, model_of, altered


def attack(log: Log, seed: int, count: int) -> None:
    """Try all of them, whatever the seed."""
    for kind, name, door, text in list(cases())[:count]:
        watched(door, text)  # what is loaded on first use is none of the input
        gc.collect()
        seconds = min(_seconds(door, text) for _ in range(3))
        tracemalloc.start()
        raised, seen = watched(door, text)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        outcome = Outcome.REFUSED
        if seen:
            outcome = Outcome.EXECUTED
        elif not raised:
            outcome = Outcome.WRONG_SUCCESS
        elif raised.startswith("TRACEBACK"):
            outcome = Outcome.TRACEBACK
        elif seconds > MOST_SECONDS:
            outcome = Outcome.HANG
        elif peak > MOST_BYTES:
            outcome = Outcome.MEMORY
        log(kind, name, outcome, said=raised, seconds=seconds, peak=peak, seen=seen)


def _seconds(door: Callable[[Any], object], text: Any) -> float:
    began = time.process_time()
    watched(door, text)
    return time.process_time() - began
