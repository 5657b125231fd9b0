"""How far a job has come, from its parts alone."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from physfit.data.jobs.job_record import Block
from physfit.data.jobs.parts import Part, Parts
from physfit.errors import DataError
from physfit.solve.base import Status

__all__ = ["JobStatus", "job_status"]

#: Ranges of rows, and files, that are named one by one.
SHOWN = 6


class JobStatus(NamedTuple):
    """How far a job has come.

    Attributes
    ----------
    text : str
        Rows done, their statuses, fits per second, what is missing or damaged.
    is_complete : bool
        Whether nothing is left but to join the parts.
    """

    text: str
    is_complete: bool


def job_status(parts: Parts) -> JobStatus:
    """How far a job has come.

    Raises
    ------
    DataError
        When it cannot be told what the job is.
    """
    job = parts.job()
    blocks = set(job.blocks)
    counts: Counter[int] = Counter()
    sound: dict[Block, float] = {}
    faults: list[str] = []
    for block in parts.done():
        try:
            part = _part(parts, block, blocks)
        except DataError as error:
            faults.append(str(error))
            continue
        counts.update(part.columns["status"].tolist())
        sound[block] = part.seconds
    n_done = sum(stop - start for start, stop in sound)
    lines = [
        f"{job.model['expression']}, {job.loss}: {n_done} of {job.n_rows} rows are "
        "done",
        *(
            f"  {count:>10}  {Status(number).sentence}"
            for number, count in counts.most_common()
        ),
    ]
    missing = [f"{start}:{stop}" for start, stop in sorted(blocks - set(sound))]
    if missing:
        lines.append(
            f"missing: {len(missing)} blocks of rows: {_listed(missing, ', ')}"
        )
    if faults:
        lines.append(f"not used: {_listed(faults, '; ')}")
    rate = _rate(parts, sound)
    if rate > 0.0:
        lines.append(f"the last process fitted {rate:,.0f} rows a second")
    return JobStatus("\n".join(lines), not missing and not faults)


def _part(parts: Parts, block: Block, blocks: set[Block]) -> Part:
    if block not in blocks:
        raise DataError(f"`{parts.path(*block)}` is no part of this job.")
    return parts.read(*block)


def _listed(texts: list[str], mark: str) -> str:
    more = f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return mark.join(texts[:SHOWN]) + more


def _rate(parts: Parts, sound: dict[Block, float]) -> float:
    """Rows a second of the process that wrote the newest part."""
    if not sound:
        return 0.0
    newest = max(sound, key=lambda own: parts.path(*own).stat().st_mtime)
    n_rows = sum(stop - start for start, stop in sound if start <= newest[0])
    return n_rows / sound[newest] if sound[newest] > 0.0 else 0.0
