"""`fit-many --refit`: chosen rows of a result fitted again, in its file or another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from physfit.cli.execution import parsed_model, with_parameters
from physfit.cli.shards import print_finished
from physfit.cli.wording import called_as_written
from physfit.errors import InputError
from physfit.settings.fits import Parameter

if TYPE_CHECKING:
    from physfit.cli.many import FitMany
    from physfit.models.model import Model
    from physfit.result.many_result import ManyResult

__all__ = ["refit_rows"]

#: What says how the data are read, or which rows a job fits: the result says it.
OF_THE_JOB = (
    *("path", "dataset", "x", "sigma", "sigma_per", "mask", "rows", "map_axes"),
    *("x_range", "shard", "resume", "retry_failed", "retry", "block_rows"),
)


def refit_rows(job: FitMany) -> int:
    """Fit chosen rows of the result that the command names; its exit code."""
    from physfit.data.files.output_lock import output_lock
    from physfit.result.many_file import load_many, save_many

    for name in OF_THE_JOB:
        if name in job.values:
            said = "a job file" if name == "path" else job.known[name].flags[0]
            raise InputError(
                f"{said} is for fits of data, but --refit takes these as the result "
                "has them; leave it out."
            )
    path, output = _result(job), Path(job.result or job.data)
    is_in_place = output.resolve() == path.resolve()
    with output_lock(output) as lock:
        many = load_many(path)
        with called_as_written({"where": job.known["refit"]}, (), None):
            refitted = _refitted(job, many)
        if refitted is many and is_in_place:
            job.note(f"no row has a better answer; `{path}` stays as it is.")
            return print_finished(job, output)
        overwrite = is_in_place or job.overwrite
        save_many(refitted, output, overwrite=overwrite, lock=lock)
    job.note(_said(refitted, many))
    return job.finished(output)


def _result(job: FitMany) -> Path:
    """The result whose rows are meant."""
    from physfit.data.jobs.parts import Parts, parts_folder
    from physfit.result.many_file import is_many_file

    path = Path(job.data)
    if path.exists() and not is_many_file(path):
        raise InputError(
            f"`{path}` is no result of fit-many; give the result to --refit, as in "
            "physfit fit-many maps.h5 --refit 'reduced_chi2 > 2'."
        )
    if not path.exists() and Parts(parts_folder(path)).exists:
        raise InputError(
            f"`{path}` is not finished; go on with --resume (`physfit status {path}`), "
            "then refit."
        )
    return path


def _refitted(job: FitMany, many: ManyResult) -> ManyResult:
    from physfit.solve.many import default_stop

    starts = {
        name: own["start"] for name, own in job.parameters.items() if "start" in own
    }
    return many.refit(
        job.refit,
        loss=job.values.get("loss"),
        start=starts or None,
        model=_model(job, many.model),
        stop=default_stop()._replace(**job.keywords("max_steps")),
        progress=job.progress,
        **job.keywords("threads"),
    )


def _model(job: FitMany, fitted: Model) -> Model | None:
    """The model that options ask for; None for that of the result."""
    asked = {
        name: cast(Parameter, {key: own for key, own in each.items() if key != "start"})
        for name, each in job.parameters.items()
        if each.keys() != {"start"}
    }
    if not asked and "model" not in job.values:
        return None
    return with_parameters(parsed_model(job) if job.model else fitted, asked)


def _said(refitted: ManyResult, many: ManyResult) -> str:
    is_moved = (refitted.table.theta != many.table.theta).any(axis=1)
    n = int((is_moved | (refitted.refitted != many.refitted).ravel()).sum())
    rows = {0: "no row has", 1: "1 row has"}.get(n, f"{n} rows have")
    return f"{rows} a better answer{', which `refitted` marks' if n else ''}."
