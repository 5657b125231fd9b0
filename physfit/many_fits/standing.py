"""How far a job has come, from its parts alone."""

from __future__ import annotations

from collections import Counter

import numpy as np

from physfit.data.parts import Parts
from physfit.many_fits.from_file import missing_blocks
from physfit.solve.base import Status

__all__ = ["standing_of"]


def standing_of(parts: Parts) -> str:
    """Text: rows done, their statuses, fits per second, ranges that are missing."""
    record = parts.job()
    shape = record["data"]["shape"][:-1]
    n_rows = int(np.prod(shape, dtype=np.int64))
    counts: Counter[int] = Counter()
    done = parts.done()
    for start, stop in done:
        statuses = parts.read(start, stop)["status"]
        counts.update(statuses.tolist())
    n_done = sum(stop - start for start, stop in done)
    lines = [
        f"{record['model']['expression']}, {record['loss']}: "
        f"{n_done} of {n_rows} rows are done",
        *(
            f"  {count:>10}  {Status(number).sentence}"
            for number, count in counts.most_common()
        ),
    ]
    missing = missing_blocks(parts)
    if missing:
        shown = ", ".join(f"{start}:{stop}" for start, stop in missing[:6])
        more = f" and {len(missing) - 6} more" if len(missing) > 6 else ""
        lines.append(f"missing: {len(missing)} blocks of rows: {shown}{more}")
    rate = _rate(parts)
    if rate > 0.0:
        lines.append(f"the last process fitted {rate:,.0f} rows a second")
    return "\n".join(lines)


def _rate(parts: Parts) -> float:
    """Rows a second of the process that wrote the newest part."""
    done = parts.done()
    if not done:
        return 0.0
    newest = max(done, key=lambda own: parts.path(*own).stat().st_mtime)
    seconds = float(parts.read(*newest)["seconds"])
    blocks = [own for own in done if own[0] <= newest[0]]
    n_rows = sum(stop - start for start, stop in blocks)
    return n_rows / seconds if seconds > 0.0 else 0.0
