"""Job files: types, depth, unknown keys, odd values, long integers, dates."""

from __future__ import annotations

from pathlib import Path
from random import Random

from attacks.bad.cases import Case, command
from attacks.bad.options import line_of_data

__all__ = ["job"]

TABLES: dict[str, dict[str, str]] = {
    "": {"version": "1"},
    "data": {
        "file": '"t.csv"',
        "x": '"x"',
        "y": "1",
        "sigma": '"none"',
        "x_range": "[0, 30]",
        "nan": '"omit"',
        "dataset": '"/entry"',
    },
    "model": {"expression": '"linear"'},
    "parameters.slope": {"start": "2", "min": "0", "max": "5"},
    "parameters.intercept": {"fixed": "1.0"},
    "fit": {"loss": '"chi2"', "method": '"lm"', "start": '"random"'},
    "minibatch": {
        "batch_size": "8",
        "epochs": "2",
        "learning_rate": '"inverse_sqrt:0.01"',
        "weight_decay": "1e-4",
        "seed": "1",
        "sampler": '"blocks"',
        "scaling": '"curvature"',
        "averaged": "true",
        "tolerance": "0.1",
        "max_steps": "50",
        "memory": "8",
        "threads": "1",
        "checkpoint": '"c.ck"',
        "checkpoint_every": "1.0",
        "resume": "true",
    },
    "output": {"result": '"r.h5"', "plot": '"p.svg"', "overwrite": "true"},
}
OFTEN = {"version", "file", "expression"}
VALUES = (
    *(
        "1",
        "0",
        "-1",
        "1.5",
        "true",
        '""',
        '" "',
        "[]",
        "{}",
        "nan",
        "inf",
        "-inf",
        "1e309",
    ),
    *("9" * 30, "9" * 5000, "0x" + "f" * 20, "-0", "1979-05-27", "07:32:00", "[1, 2]"),
    *(
        "1979-05-27T07:32:00Z",
        '"é"',
        '"a\\u0000b"',
        '"\\u001b[2J"',
        "[nan, inf]",
        "[[1]]",
    ),
    *("{a = 1}", '["a", 1]', "'''x'''", '"' + "x" * 5000 + '"', "[2, 1]", "[1, 1]"),
    *(
        '"/"',
        '"."',
        '"../t.csv"',
        '"t.csv::x"',
        '"random"',
        '"none"',
        '"adam"',
        "99999999999",
    ),
    *(
        '"slope"',
        '"1/0"',
        "\"__import__('os')\"",
        '"\\ud83d\\ude00"',
        "1e-320",
        "[1e400, 2]",
    ),
    *(
        '"/dev/zero"',
        '"pipe"',
        '"huber:nan"',
        '"adam:beta1=2"',
        "1_000",
        "+1",
        "0b11",
        "0o7",
    ),
)
NAMES = ("slop", "x y", '"é"', '""', "a.b", "version", "__class__", '"a\\nb"', "file")


def job(random: Random, folder: Path, templates: Path) -> Case:
    """A job file with a few things wrong, given to a command that takes one."""
    line_of_data(folder)
    tables = {
        name: {
            key: value
            for key, value in keys.items()
            if key in OFTEN or random.random() < 0.3
        }
        for name, keys in TABLES.items()
    }
    told = [_changed(random, tables) for _ in range(random.choice((1, 1, 2, 4)))]
    text = "".join(_written(name, keys) for name, keys in tables.items())
    data = text.encode("utf-8", "surrogatepass")
    if random.random() < 0.2:
        data, damage = _damaged(random, data)
        told.append(damage)
    (folder / "job.toml").write_bytes(data)
    return command("; ".join(told), *random.choice(COMMANDS))


COMMANDS = (
    *[("fit", "job.toml")] * 4,
    ("fit", "job.toml", "--method", "adam", "-q"),
    ("guess", "job.toml"),
    ("compare", "job.toml", "--methods", "lm,adam", "--epochs", "2"),
    ("fit-many", "t.csv", "job.toml", "-o", "o.h5"),
    ("fit-many", "job.toml", "-o", "o.h5"),
    ("multistart", "job.toml", "--starts", "5"),
    ("landscape", "job.toml", "--points", "5"),
    ("lr-find", "job.toml", "--steps", "5"),
    ("sweep", "job.toml", "--vary", "learning_rate=0.1", "--epochs", "2"),
    ("bootstrap", "job.toml", "--n", "10"),
)


def _changed(random: Random, tables: dict[str, dict[str, str]]) -> str:
    """Change one thing; returns what."""
    name = random.choice(tuple(tables))
    keys = tables[name]
    draw = random.random()
    if draw < 0.7:
        key = random.choice(tuple(TABLES.get(name, {"start": ""})))
        keys[key] = random.choice(VALUES)
        return f"[{name}] {key} = {keys[key][:40]}"
    if draw < 0.8:
        key = random.choice(NAMES)
        keys[key] = random.choice(VALUES)
        return f"[{name}] {key} = {keys[key][:40]}"
    if draw < 0.9 and keys:
        key = random.choice(tuple(keys))
        del keys[key]
        return f"no [{name}] {key}"
    made = random.choice(
        (f"{name}.deeper", "more", f"parameters.{random.choice(NAMES)}")
    )
    tables.setdefault(made, {})["start"] = random.choice(VALUES)
    return f"[{made}]"


def _written(name: str, keys: dict[str, str]) -> str:
    head = f"[{name}]\n" if name else ""
    return head + "".join(f"{key} = {value}\n" for key, value in keys.items())


def _damaged(random: Random, data: bytes) -> tuple[bytes, str]:
    at = random.randrange(len(data))
    n = random.choice((100, 1500, 30000))
    pieces = {
        "NUL": b"\x00",
        "not UTF-8": b"\xff\xfe",
        "deep table": b"\na = " + b"{a = " * n + b"1" + b"}" * n + b"\n",
        "deep list": b"\na = " + b"[" * n + b"]" * n + b"\n",
        "deep header": b"\n[" + b"a." * n + b"a]\n",
        "long": b"\nb = '" + b"x" * 10**6 + b"'\n",
        "noise": random.randbytes(9),
        "quotes": b"'''",
    }
    draw = random.random()
    if draw < 0.2:
        return data[:at], "cut"
    if draw < 0.3:
        return data.decode("utf-8", "replace").encode("utf-16"), "UTF-16"
    name = random.choice(tuple(pieces))
    return data[:at] + pieces[name] + data[at:], f"{name} at {at}"
