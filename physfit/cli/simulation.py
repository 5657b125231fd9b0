"""Command `simulate`: values of a model with noise, their truth in the header."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, TextIO

from physfit.cli.console import Console
from physfit.cli.exit_codes import ExitCode
from physfit.cli.options import OUTPUT_PANEL, OverwriteOption, QuietOption, option
from physfit.cli.outputs import TABLES, check_outputs
from physfit.cli.settings import Grid, assignments, grid, number
from physfit.errors import DomainError, InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from physfit.models.model import Model

__all__ = ["simulate"]

#: Rows that are written at once, as Python's numbers.
BLOCK = 10_000


def simulate(
    model: Annotated[str, option("--model -m", "TEXT", "As for `physfit fit`.")],
    x: Annotated[
        str, option("--x", "START:STOP:COUNT", "Samples, both ends included.")
    ],
    param: Annotated[
        list[str] | None,
        option("--param -p", "NAME=VALUE", "True value of a parameter."),
    ] = None,
    noise: Annotated[
        float | None, option("--noise", "SIGMA", "Standard deviation of normal noise.")
    ] = None,
    poisson: Annotated[
        bool, option("--poisson", "", "Draw counts whose mean is the model.")
    ] = False,
    seed: Annotated[
        int | None,
        option(
            *("--seed", "NUMBER"),
            "Seed of the noise; without it one is drawn and written down.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        option(
            "--output -o",
            "FILE",
            "CSV file to write; without it the table goes to stdout.",
            OUTPUT_PANEL,
        ),
    ] = None,
    overwrite: OverwriteOption = False,
    quiet: QuietOption = False,
) -> int:
    """Write a table of simulated data, its truth in the header."""
    check_outputs([("-o", output, TABLES)], overwrite=overwrite)
    samples = grid("--x", x)
    truth = assignments("--param", param or (), number)
    _check_noise(noise, poisson, seed)
    if seed is None:
        seed = secrets.randbits(32)
    known = _with_truth(model, truth)
    columns = _columns(known, samples, noise, poisson, seed)
    with _stream(output, overwrite) as stream:
        _write_table(stream, _header(known, noise, poisson, seed), columns)
    if output is not None:
        Console(quiet).note(f"wrote `{output}`: {samples.count} samples, seed {seed}.")
    return ExitCode.CONVERGED


def _check_noise(noise: float | None, poisson: bool, seed: int | None) -> None:
    if noise is not None and poisson:
        raise InputError("--noise and --poisson exclude each other; give one of them.")
    if noise is not None and not 0.0 < noise < float("inf"):
        raise InputError(f"--noise must be finite and above 0, not {noise:g}.")
    if seed is not None and seed < 0:
        raise InputError(f"--seed must be 0 or above, not {seed}.")


def _with_truth(text: str, truth: Mapping[str, float]) -> Model:
    """Model whose parameters start at their true values."""
    from physfit.models.param import param
    from physfit.models.parse import parse_model

    model = parse_model(text).where(**{name: param(at) for name, at in truth.items()})
    missing = [
        name for name in model.free_names if model.parameters[name].start is None
    ]
    if missing:
        raise InputError(
            f"no value is given for {', '.join(missing)}; add --param "
            f"{','.join(f'{name}=VALUE' for name in missing)}."
        )
    return model


def _columns(
    model: Model, samples: Grid, noise: float | None, poisson: bool, seed: int
) -> dict[str, NDArray[Any]]:
    """Columns of the table by name; complex values take two."""
    import numpy as np

    x = np.linspace(samples.start, samples.stop, samples.count)
    exact = model(x)
    if not np.isfinite(exact).all():
        at = x[np.flatnonzero(~np.isfinite(exact))[0]]
        raise DomainError(
            f"the model is not finite at x = {at:g}; choose other parameters or "
            "another --x."
        )
    random = np.random.default_rng(seed)
    if np.iscomplexobj(exact):
        if poisson:
            raise InputError("--poisson is for counts, but the model is complex.")
        parts = {"re": exact.real, "im": exact.imag}
    else:
        parts = {"y": exact}
    if poisson:
        return {"x": x, "y": _counts(x, exact, random)}
    if noise is None:
        return {"x": x, **parts}
    noisy = {
        name: part + noise * random.standard_normal(x.size)
        for name, part in parts.items()
    }
    return {"x": x, **noisy, "sigma": np.full(x.size, noise)}


def _counts(
    x: NDArray[Any], mean: NDArray[Any], random: np.random.Generator
) -> NDArray[Any]:
    from physfit.models.loss import COUNTING

    if COUNTING.traits.refuses(mean).any():
        at = int(mean.argmin())
        raise DomainError(
            f"--poisson needs a model of at least 0, but it is {mean[at]:g} at x = "
            f"{x[at]:g}; add a background, or use --noise."
        )
    return COUNTING.drawn(random, mean, mean.shape)


def _header(model: Model, noise: float | None, poisson: bool, seed: int) -> list[str]:
    values = zip(model.names, model.full_values().tolist(), strict=True)
    lines = [
        f"model: {model.expression}",
        "truth: " + ", ".join(f"{name} = {value!r}" for name, value in values),
    ]
    if noise is not None or poisson:
        kind = "counts (Poisson)" if poisson else f"normal, sigma = {noise!r}"
        lines += [f"noise: {kind}", f"seed: {seed}"]
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
