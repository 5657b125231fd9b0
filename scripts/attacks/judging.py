"""What the end of a case means."""

from __future__ import annotations

from attacks.counting import Outcome
from attacks.running import Ended

__all__ = ["LIMIT", "judged"]

#: Bytes of memory that a case may hold at most.
LIMIT = 1 << 30
#: Exit codes of the command line when it did what was asked.
DONE = (0, 2, 3, 4)
INTERRUPTED = (130, 143)
UNFORESEEN = 70


def judged(ended: Ended) -> Outcome:
    """Outcome of a command or a piece of Python, by how it ended.

    Refused means code 1 with exactly one line of stderr that begins with `physfit:
    error:`, the last. Whether a success is a right one, the attack must know.
    """
    if ended.code is None:
        return Outcome.HANG
    if ended.code < 0:
        return Outcome.CRASH
    if ended.code == UNFORESEEN or "Traceback (most recent call last)" in ended.stderr:
        return Outcome.TRACEBACK
    if ended.peak > LIMIT:
        return Outcome.MEMORY
    if ended.code in DONE:
        return Outcome.HELD
    if ended.code in INTERRUPTED:
        return Outcome.INTERRUPTED
    refused = ended.code == 1 and _is_one_sentence(ended.stderr)
    return Outcome.REFUSED if refused else Outcome.UNCLEAR


def _is_one_sentence(stderr: str) -> bool:
    lines = stderr.rstrip("\n").split("\n")
    errors = [line for line in lines if line.startswith("physfit: error: ")]
    return len(errors) == 1 and lines[-1] == errors[0]
