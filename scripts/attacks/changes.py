"""Data, options and parts of a job changed while it is under way: noticed or harmless.

A job of six blocks is brought to some stage, something is changed, and it is asked to
go on. It must refuse, or give bit by bit what a new run on the changed data gives.
Where the data change while they are fitted, what was kept must be right: with the old
file back in its place the job goes on to what it would have been.
"""

from __future__ import annotations

import json
import os
import shutil
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from attacks.altering import FOLDER
from attacks.changing import (
    LAYOUTS,
    Case,
    cases,
    damage,
    replace_by,
    written,
)
from attacks.counting import Log, Outcome
from attacks.judging import judged
from attacks.running import Ended, ForkServer

__all__ = ["FULL", "QUICK", "attack", "stage"]

QUICK, FULL = 120, 600
#: Rows of a block, so that small data make up six.
BLOCK = 500

#: Steps before and after the change: shards, or "whole", "resume", "merge", "retry".
STAGES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "between shards": (("1/2",), ("2/2", "merge")),
    "before resume": (("1/2",), ("resume",)),
    "before merge": (("1/2", "2/2"), ("merge",)),
    "after the end": (("whole",), ("resume",)),
    "before retry": (("few",), ("retry",)),
    "during a run": ((), ()),
}


def attack(log: Log, seed: int, count: int) -> None:
    """Change `count` things in jobs of all kinds."""
    rng = np.random.default_rng(seed)
    with ForkServer() as server:
        for number, case in enumerate(cases(rng, count, tuple(STAGES))):
            folder = log.work / f"{number:04}"
            folder.mkdir()
            outcome, ended = _tried(server, folder, case, int(rng.integers(1 << 31)))
            log(
                *(f"{case.kind} {case.stage}", case.name, outcome),
                files=folder,
                **({} if ended is None else ended._asdict()),
            )
            shutil.rmtree(folder)


def _tried(
    server: ForkServer, folder: Path, case: Case, seed: int
) -> tuple[Outcome, Ended | None]:
    """Outcome of a case, and the end of the step that decided it."""
    if case.stage == "during a run":
        return _tried_during(server, folder, case, seed)
    before, after = STAGES[case.stage]
    rng = np.random.default_rng(seed)
    data = LAYOUTS[case.layout](rng)
    path = folder / data.name
    written(data, path)
    options = dict(data.options)
    for step in before:
        ended = _step(server, folder, step, data.name, options)
        if judged(ended) is not Outcome.HELD:
            return Outcome.UNCLEAR, ended
    damage(case, folder, data, rng)
    options = {**options, **case.options}
    outcome = Outcome.HELD
    for step in ("look", *after):
        ended = _step(server, folder, step, data.name, options)
        outcome = judged(ended)
        if outcome is not Outcome.HELD and step != "look":
            return outcome, ended
        if outcome not in (Outcome.HELD, Outcome.REFUSED):
            return outcome, ended
    shutil.copy(folder / "out.h5", folder / "went_on.h5")
    (folder / "out.h5").unlink()
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    for step in ("few", "retry") if "retry" in after else ("whole",):
        fresh = _step(server, folder, step, data.name, options)
        if judged(fresh) is not Outcome.HELD:
            return Outcome.WRONG_SUCCESS, fresh
    same = _step(server, folder, "compare", data.name, options)
    return (Outcome.HELD if same.code == 0 else Outcome.WRONG_SUCCESS), ended


def _tried_during(
    server: ForkServer, folder: Path, case: Case, seed: int
) -> tuple[Outcome, Ended | None]:
    """The same of data that change after some block of a run."""
    rng = np.random.default_rng(seed)
    data = LAYOUTS[case.layout](rng)
    path, kept = folder / data.name, folder / f"kept{Path(data.name).suffix}"
    written(data, path)
    shutil.copy2(path, kept)
    damage(case, folder, data, rng)
    os.replace(path, folder / f"changed{path.suffix}")
    shutil.copy2(kept, path)
    options = {**data.options, "way": case.way, "block": int(rng.integers(5))}
    ended = _step(server, folder, "during", data.name, options)
    outcome = judged(ended)
    if outcome not in (Outcome.HELD, Outcome.REFUSED):
        return outcome, ended
    shutil.copy2(kept, path)
    if outcome is Outcome.REFUSED:
        resumed = _step(server, folder, "resume", data.name, data.options)
        if judged(resumed) is not Outcome.HELD:
            return Outcome.LOST, resumed
    os.replace(folder / "out.h5", folder / "went_on.h5")
    _step(server, folder, "whole", data.name, data.options)
    same = _step(server, folder, "compare", data.name, data.options)
    return (outcome if same.code == 0 else Outcome.WRONG_SUCCESS), ended


def _step(
    server: ForkServer, folder: Path, step: str, name: str, options: dict[str, Any]
) -> Ended:
    told = json.dumps({"step": step, "name": name, "options": options})
    code = (
        f"import json\nfrom attacks.changes import stage\nstage(**json.loads({told!r}))"
    )
    return server.python(code, folder=folder, timeout=60.0)


def stage(step: str, name: str, options: dict[str, Any]) -> None:
    """One step of a job in the current folder; errors are those of physfit."""
    import physfit as pf
    from physfit.data.jobs.parts import Parts, parts_folder
    from physfit.many_fits import joining, source_job
    from physfit.many_fits.joining import job_status

    source_job.rows_of_block = lambda *_, **__: BLOCK  # type: ignore
    out = Path("out.h5")
    if step == "merge":
        joining.join_parts(Parts(parts_folder(out)), out)
    elif step == "look":
        if parts_folder(out).exists():
            job_status(Parts(parts_folder(out)))
        pf.load_many(out)
    elif step == "compare":
        tables = [pf.load_many(own).table for own in (out, Path("went_on.h5"))]
        for one, two in zip(*tables, strict=True):
            np.testing.assert_array_equal(one, two)
    else:
        _run(step, Path(name), out, options)


def _run(step: str, path: Path, out: Path, options: dict[str, Any]) -> None:
    import physfit as pf
    from physfit.data.row_source import open_rows
    from physfit.fitting.fit_settings import FitSettings
    from physfit.many_fits.from_file import JobOutput, run_file
    from physfit.many_fits.retrying import retry_failed
    from physfit.models.loss import as_loss

    told = dict(options)
    model = pf.parse_model(told.pop("model", "gaussian + constant"))
    for name, value in told.pop("fixed", {}).items():
        model = model.where(**{name: pf.fixed(value)})
    for name, limits in told.pop("bounds", {}).items():
        model = model.where(**{name: pf.bounds(*limits)})
    for name, text in told.pop("ties", {}).items():
        model = model.where(**{name: pf.tie(text)})
    stop = pf.Stop(max_steps=3 if step == "few" else told.pop("max_steps", 100))
    told.pop("max_steps", None)
    loss, start = as_loss(told.pop("loss", "chi2")), told.pop("start", None)
    retry = told.pop("retry", True) and step != "few"
    rows = told.pop("rows", None)
    way, block = told.pop("way", ""), told.pop("block", -1)
    done = count()

    def change_in_time() -> bool:
        if next(done) == block:
            replace_by(path.with_name(f"changed{path.suffix}"), path, way)
        return False

    settings = FitSettings(loss, start, stop, retry, {"threads": 1})
    source: Any = open_rows(path, **told)
    try:
        source = source if rows is None else source.part(*rows)
        if step == "retry":
            retry_failed(model, source, settings, out)
            return
        number, slash, n_shards = step.partition("/")
        shard = (int(number), int(n_shards)) if slash else (1, 1)
        run = JobOutput(out, step == "resume", False, shard)
        run_file(model, source, settings, run, asked_to_stop=change_in_time)
    finally:
        source.close()
