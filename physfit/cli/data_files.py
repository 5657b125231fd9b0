"""Commands `simulate` and `shuffle`: files of data, made up or in a random order."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from physfit.cli.command import Command
from physfit.cli.execution import parsed_model
from physfit.cli.exit_codes import ExitCode
from physfit.cli.job import no_model
from physfit.errors import DomainError, InputError
from physfit.settings.files import ShuffleSettings, Simulated
from physfit.settings.fits import Expression
from physfit.settings.outputs import Quiet, Replacing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from physfit.models.model import Model

__all__ = ["Shuffle", "Simulate"]

#: Rows that are written at once, as Python's numbers.
BLOCK = 10_000


class Simulate(Command, command="simulate"):
    r"""Write a table of simulated data, its truth in the header.

    $ physfit simulate -m "gaussian + constant" --x 0:10:200 --sigma 0.05 \
        --seed 1 -p amplitude=2,center=5,sigma=0.4 -p c=0.1 -o peak.csv
    $ physfit simulate -m "gaussian + constant" --x 0:60:121 --poisson \
        -p amplitude=5000,center=30,sigma=3,c=20 -o counts.csv
    """

    takes = (Expression, Simulated, Replacing, Quiet)

    def run(self) -> int:
        """Draw and write."""
        if not self.model:
            raise no_model("the command line")
        if self.sigma is not None and self.poisson:
            raise InputError(
                "--sigma and --poisson exclude each other; give one of them."
            )
        if self.seed is None:
            import secrets  # which loads much that no other command needs

            return self.replaced(seed=secrets.randbits(32)).run()
        model = parsed_model(self)
        known = _with_truth(model, self.truth or {})
        columns = _columns(self, known)
        with _stream(self.output, self.overwrite) as stream:
            _write_table(stream, _header(self, known), columns)
        if self.output is not None:
            count = f"{self.x.n_samples} samples, seed {self.seed}"
            self.note(f"wrote `{self.output}`: {count}.")
        return ExitCode.CONVERGED


def _with_truth(model: Model, truth: Mapping[str, float]) -> Model:
    """Model whose parameters start at their true values."""
    from physfit.models.param import param

    model = model.where(**{name: param(at) for name, at in truth.items()})
    missing = [
        name for name in model.free_names if model.parameters[name].start is None
    ]
    if missing:
        raise InputError(
            f"no value is given for {', '.join(missing)}; add --truth "
            f"{','.join(f'{name}=VALUE' for name in missing)}."
        )
    return model


def _columns(asked: Simulate, model: Model) -> dict[str, NDArray[Any]]:
    """Columns of the table by name; complex values take two."""
    import numpy as np

    x = np.linspace(*asked.x)
    exact = model(x)
    if not np.isfinite(exact).all():
        at = x[np.flatnonzero(~np.isfinite(exact))[0]]
        raise DomainError(
            f"the model is not finite at x = {at:g}; choose other parameters or "
            "another --x."
        )
    random = np.random.default_rng(asked.seed)
    if np.iscomplexobj(exact):
        if asked.poisson:
            raise InputError("--poisson is for counts, but the model is complex.")
        parts = {"re": exact.real, "im": exact.imag}
    else:
        parts = {"y": exact}
    if asked.poisson:
        return {"x": x, "y": _counts(x, exact, random)}
    if asked.sigma is None:
        return {"x": x, **parts}
    noisy = {
        name: part + asked.sigma * random.standard_normal(x.size)
        for name, part in parts.items()
    }
    return {"x": x, **noisy, "sigma": np.full(x.size, asked.sigma)}


def _counts(
    x: NDArray[Any], mean: NDArray[Any], random: np.random.Generator
) -> NDArray[Any]:
    from physfit.models.loss import COUNTING

    if COUNTING.traits.refuses(mean).any():
        at = int(mean.argmin())
        raise DomainError(
            f"--poisson needs a model of at least 0, but it is {mean[at]:g} at x = "
            f"{x[at]:g}; add a background, or use --sigma."
        )
    return COUNTING.drawn(random, mean, mean.shape)


def _header(asked: Simulate, model: Model) -> list[str]:
    values = zip(model.names, model.full_values().tolist(), strict=True)
    lines = [
        f"model: {model.expression}",
        "truth: " + ", ".join(f"{name} = {value!r}" for name, value in values),
    ]
    if asked.sigma is not None or asked.poisson:
        normal = f"normal, sigma = {asked.sigma!r}"
        kind = "counts (Poisson)" if asked.poisson else normal
        lines += [f"noise: {kind}", f"seed: {asked.seed}"]
    return lines


def _write_table(
    stream: TextIO, header: list[str], columns: Mapping[str, NDArray[Any]]
) -> None:
    stream.writelines(f"# {line}\n" for line in header)
    stream.write(",".join(columns) + "\n")
    for first in range(0, len(columns["x"]), BLOCK):
        block = [column[first : first + BLOCK].tolist() for column in columns.values()]
        for row in zip(*block, strict=True):
            stream.write(",".join(map(repr, row)) + "\n")


@contextmanager
def _stream(output: str | None, overwrite: bool) -> Iterator[TextIO]:
    """Stdout, or a file that takes its place when the block ends well."""
    if output is None:
        yield sys.stdout
        return
    from physfit.data.files.atomic import atomic_file

    with (
        atomic_file(output, overwrite) as temporary,
        temporary.open("w", encoding="utf-8") as stream,
    ):
        yield stream


class Shuffle(Command, command="shuffle"):
    """Write a copy of an HDF5 file with its rows in one random order.

    $ physfit shuffle run.h5 -o run_shuffled.h5
    $ physfit shuffle run.h5 -o run_shuffled.h5 --seed 3 --memory 1024

    All data sets as long as the longest one are permuted alike, by an order that is
    uniformly random over the whole file; attributes and layout stay.
    """

    takes = (ShuffleSettings, Replacing, Quiet)

    def run(self) -> int:
        """Shuffle, and say what was moved and what was copied."""
        from physfit.data.shuffle import shuffle_file

        outcome = shuffle_file(
            self.path,
            self.output,
            seed=self.seed,
            memory=self.memory,
            overwrite=self.overwrite,
            progress=self.watched,
        )
        moved = ", ".join(outcome.permuted)
        self.note(f"{outcome.n_rows} rows of {moved} shuffled")
        if outcome.kept:
            self.note(f"{', '.join(outcome.kept)} copied as before")
        return ExitCode.CONVERGED
