"""Tables of the right form whose numbers are odd, fitted and drawn by every command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attacks.bad.cases import Case, command

__all__ = ["odd_numbers"]

Values = NDArray[np.float64]
MODELS = (
    *("linear", "gaussian + constant", "lorentzian + linear", "voigt", "ringdown"),
    *("exponential + constant", "quadratic", "gaussian(a_) + gaussian(b_)", "constant"),
    *("damped_oscillator", "pseudo_voigt + constant", "gaussian * linear"),
)
SCALES = (1e308, 1e300, 1e160, 1e30, 1e-30, 1e-160, 1e-300, 1e-320, 0.0, -1.0, -1e200)
#: What becomes of a column.
SHAPES: dict[str, Callable[[Random, Values], Values]] = {
    "scaled": lambda random, v: v * random.choice(SCALES),
    "shifted": lambda random, v: v + random.choice((1e16, -1e16, 1e8, 1e300, 1e-300)),
    "equal": lambda random, v: np.full_like(
        v, random.choice((0.0, 1.0, -1e300, 5e-324))
    ),
    "two values": lambda random, v: np.where(v > np.median(v), 1.0, 0.0),
    "an outlier": lambda random, v: np.where(v == v.max(), random.choice(SCALES), v),
    "NaN inside": lambda random, v: np.where(v == v.max(), np.nan, v),
    "infinite": lambda random, v: np.where(v == v.max(), np.inf, v),
    "reversed": lambda random, v: v[::-1].copy(),
    "shuffled": lambda random, v: v[np.argsort(np.sin(1e4 * v + 1.0))],
    "repeated": lambda random, v: np.repeat(v[::2], 2)[: len(v)],
    "negative": lambda random, v: -np.abs(v),
    "rounded": lambda random, v: np.round(v),
    "spread": lambda random, v: np.geomspace(1e-300, 1e300, len(v)),
    "as it is": lambda random, v: v,
}
OPTIONS = (
    *((), (), (), ("--nan", "omit"), ("--loss", "poisson"), ("--loss", "huber")),
    *(("--loss", "cauchy:1e-300"), ("--start", "random"), ("--x-range", "0:1e300")),
    ("--sigma", "none"),
)


def odd_numbers(random: Random, folder: Path, templates: Path) -> Case:
    """A table with odd numbers, for a command that fits it and draws it."""
    n = random.choice((1, 2, 3, 4, 5, 40, 40, 40, 200))
    x = np.linspace(0.0, 10.0, n)
    y = 3.0 + 20.0 * np.exp(-0.5 * ((x - 5.0) / 1.5) ** 2) + np.sin(37.0 * x)
    columns = {"x": x, "y": y, "sigma": np.ones(n)}
    told = [f"{n} samples"]
    for name in random.choices(("x", "y", "y", "sigma"), k=random.choice((1, 1, 2))):
        shape = random.choice(tuple(SHAPES))
        with np.errstate(all="ignore"):
            columns[name] = SHAPES[shape](random, columns[name])
        told.append(f"{name} {shape}")
    if "sigma" not in " ".join(told) and random.random() < 0.5:
        del columns["sigma"]
    _write(folder / "t.csv", columns)
    model = random.choice(MODELS)
    arguments = [*random.choice(COMMANDS)]
    at = arguments.index("MODEL")
    arguments[at] = model
    if arguments[0] != "toys":
        arguments += random.choice(OPTIONS)
    if arguments[0] != "show" and random.random() < 0.5:
        arguments += ["--plot", random.choice(("p.png", "p.svg", "p.pdf"))]
    return command(", ".join([*told, model]), *arguments)


COMMANDS: tuple[tuple[str, ...], ...] = (
    *[("fit", "t.csv", "-m", "MODEL")] * 4,
    ("fit", "t.csv", "-m", "MODEL", "--json", "-o", "r.h5"),
    ("fit", "t.csv", "-m", "MODEL", "--method", "adam", "--epochs", "20"),
    ("fit", "t.csv", "-m", "MODEL", "--method", "scipy:trf"),
    ("guess", "t.csv", "-m", "MODEL"),
    (
        "compare",
        "t.csv",
        "-m",
        "MODEL",
        "--methods",
        "lm,scipy:trf,adam",
        "--epochs",
        "9",
    ),
    ("bootstrap", "t.csv", "-m", "MODEL", "--n", "20"),
    ("bootstrap", "t.csv", "-m", "MODEL", "--n", "20", "--kind", "pairs"),
    ("multistart", "t.csv", "-m", "MODEL", "--starts", "10"),
    ("landscape", "t.csv", "-m", "MODEL", "--points", "7"),
    (
        "landscape",
        "t.csv",
        "-m",
        "MODEL",
        "--points",
        "7",
        "--methods",
        "gd",
        "--animate",
        "a.gif",
    ),
    ("lr-find", "t.csv", "-m", "MODEL", "--steps", "9"),
    (
        "sweep",
        "t.csv",
        "-m",
        "MODEL",
        "--vary",
        "learning_rate=0.1,1e300",
        "--epochs",
        "3",
    ),
    ("toys", "-m", "MODEL", "--x", "0:1e-300:9", "-p", "slope=1e300", "--n", "9"),
)


def _write(path: Path, columns: dict[str, Any]) -> None:
    rows = zip(*(values.tolist() for values in columns.values()), strict=True)
    lines = [",".join(columns), *(",".join(map(repr, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
