"""Files that physfit itself wrote, altered: results, maps, parts, checkpoints.

Where a checksum is kept, a success must give the numbers of the unaltered files.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import h5py
import numpy as np

from attacks.bad.cases import Case, command, python
from attacks.bad.hdf5_bytes import CURVES, X, damaged_bytes
from attacks.bad.options import line_of_data
from attacks.running import Ended, physfit

__all__ = ["altered"]

MODEL = ("-m", "gaussian + constant")
MANY: tuple[Any, ...] = ("fit-many", "m.h5", *MODEL, "-q", "-o", "o.h5")
ADAM: tuple[Any, ...] = (
    "fit",
    "t.csv",
    "-m",
    "linear",
    "--method",
    "adam",
    "--epochs",
    "6",
    "--json",
)
ADAM += ("--tolerance", "0", "--batch-size", "8", "--checkpoint", "c.ck", "-q")
ODD: tuple[Any, ...] = (
    *(
        0,
        -1,
        3,
        2**62,
        1e308,
        float("nan"),
        float("inf"),
        "",
        "x",
        "\x1b[2J",
        True,
        None,
    ),
    *(
        [],
        [1, 2],
        ["a"],
        {},
        {"a": 1},
        [[1.0]],
        "1" * 5000,
        "../up",
        [None],
        -0.5,
        "nan",
    ),
)


def altered(random: Random, folder: Path, templates: Path) -> Case:
    """One file of a finished or unfinished job altered, and a command that reads it."""
    kind = random.choice(tuple(KINDS))
    shutil.copytree(_template(kind, templates), folder, dirs_exist_ok=True)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    files = [path for path in files if path.name not in ("m.h5", "t.csv")]
    file = random.choice(files)
    name = str(file.relative_to(folder))
    told = _alter(random, file)
    command_line, is_right = random.choice(COMMANDS[kind])
    is_exact = kind in ("parts", "checkpoint") and told.startswith("bytes")
    right = is_right if is_exact else None
    if command_line[0].startswith("pf."):
        return python(f"{kind}, {name}: {told}", command_line[0])
    return command(f"{kind}, {name}: {told}", *command_line, is_right=right)


def _alter(random: Random, file: Path) -> str:
    draw = random.random()
    data = file.read_bytes()
    if draw < 0.1:
        file.unlink()
        return "bytes: deleted"
    if draw < 0.4 or not data:
        changed, told = damaged_bytes(random, data or b"x")
        file.write_bytes(changed)
        return f"bytes: {told}"
    if h5py.is_hdf5(file):
        return _alter_hdf5(random, file)
    try:
        record = json.loads(data)
    except ValueError:
        file.write_bytes(data.replace(b"\n", b"\n\xff\xfe", 1))
        return "bytes: not UTF-8"
    told = _alter_record(random, record)
    file.write_text(json.dumps(record))
    return told


def _alter_record(random: Random, record: Any) -> str:
    """Change one entry of nested mappings and lists; returns which."""
    place, path = record, ""
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return f"nothing in {path}"
        key = random.choice(keys)
        inside = place[key]
        path += f".{key}"
        is_nested = isinstance(inside, dict | list) and len(inside) > 0
        if is_nested and random.random() < 0.75:
            place = inside
            continue
        if random.random() < 0.3:
            del place[key]
            return f"no {path}"
        place[key] = random.choice(ODD)
        return f"{path} = {str(place[key])[:30]!r}"


def _alter_hdf5(random: Random, file: Path) -> str:
    """Change one dataset, group or attribute."""
    with h5py.File(file, "r+") as root:
        nodes = [root]
        root.visititems(lambda _, node: nodes.append(node))
        node = random.choice(nodes)
        attributes = list(node.attrs)
        if attributes and random.random() < 0.3:
            return _alter_attribute(random, node, random.choice(attributes))
        if node.name == "/":
            node.attrs["note"] = np.bytes_(b"\xff\xfe")
            return "a note that is not UTF-8"
        if isinstance(node, h5py.Group) or random.random() < 0.2:
            name = node.name
            del root[name]
            return f"no {name}"
        return _alter_dataset(random, root, node)


def _alter_attribute(random: Random, node: Any, name: str) -> str:
    value = random.choice((*ODD, np.bytes_(b"\xff"), np.arange(3), h5py.Empty("f8")))
    if random.random() < 0.3 or value is None or isinstance(value, dict):
        del node.attrs[name]
        return f"no {node.name}@{name}"
    try:
        node.attrs[name] = value
    except (TypeError, ValueError, OSError):
        node.attrs[name] = 7
    return f"{node.name}@{name} = {str(value)[:30]!r}"


def _alter_dataset(random: Random, root: Any, node: Any) -> str:
    name, values = node.name, node[()]
    values = np.zeros(0) if isinstance(values, h5py.Empty) else values
    attributes = dict(node.attrs)
    text = values.decode() if isinstance(values, bytes) else ""
    record = _record(text)
    if record is not None and random.random() < 0.8:
        told = _alter_record(random, record)
        new: Any = json.dumps(record)
    else:
        kind = random.choice(tuple(ALTERED))
        new, told = ALTERED[kind](random, values), kind
    del root[name]
    try:
        root[name] = new
    except (TypeError, ValueError, OSError):
        root[name] = 3.5
    for key, value in attributes.items():
        root[name].attrs[key] = value
    return f"{name}: {told}"


def _record(text: str) -> Any:
    """Record that a text holds; None for any other, a record altered before too."""
    try:
        return json.loads(text) if text.startswith("{") else None
    except ValueError:
        return None


def _one_changed(random: Random, values: Any) -> Any:
    changed = np.array(values)
    if changed.size and changed.dtype.kind in "fiu":
        odd = random.choice((0, 1, 2**31 - 1, -1 if changed.dtype.kind != "u" else 7))
        changed.reshape(-1)[random.randrange(changed.size)] = min(
            odd, np.iinfo(changed.dtype).max if changed.dtype.kind in "iu" else odd
        )
    return changed


ALTERED: dict[str, Callable[[Random, Any], Any]] = {
    "reshaped": lambda random, values: np.array(values).reshape(-1, 1),
    "cut": lambda random, values: np.atleast_1d(values)[:-1],
    "doubled": lambda random, values: np.tile(np.atleast_1d(values), 2),
    "as text": lambda random, values: str(values)[:50],
    "text not UTF-8": lambda random, values: np.bytes_(b"\xff\xfe{"),
    "empty": lambda random, values: h5py.Empty("f8"),
    "no rows": lambda random, values: np.zeros((0,)),
    "scalar": lambda random, values: 1.5,
    "complex": lambda random, values: np.zeros(np.shape(values) or 1, complex),
    "as bytes": lambda random, values: np.atleast_1d(values).astype("S4"),
    "NaN": lambda random, values: np.full(np.shape(values), np.nan),
    "one changed": _one_changed,
    "negative": lambda random, values: -np.ones(np.shape(values), dtype="i8"),
    "deep JSON": lambda random, values: '{"a":' * 9999 + "1" + "}" * 9999,
    "long number": lambda random, values: '{"version": ' + "9" * 5000 + "}",
}


def _same_maps(ended: Ended, folder: Path) -> bool:
    """Whether `o.h5` holds the fits of the unaltered parts."""
    expected = _centers()
    with h5py.File(folder / "o.h5") as maps:
        found = maps["entry/center/center"][()].ravel()
    return bool(np.allclose(found, expected, rtol=1e-6))


@cache
def _centers() -> Any:
    import physfit as pf

    model = pf.models.Gaussian() + pf.models.Constant()
    return pf.fit_many(model, X, CURVES)["center"].value.ravel()


#: What a run from an unaltered checkpoint prints, by the folder of templates.
_FINISHED: dict[str, float] = {}


def _same_end(ended: Ended, folder: Path) -> bool:
    """Whether the resumed run ended where the first one did."""
    slope = json.loads(ended.stdout)["parameters"]["slope"]["value"]
    return bool(slope == _FINISHED["slope"])


#: Commands that leave the files of each kind, run in an empty folder.
KINDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "result": (
        ("fit", "t.csv", "-m", "linear", "-o", "r.h5", "-q"),
        ("fit", "t.csv", "-m", "linear", "-o", "r.json", "-q"),
    ),
    "checkpoint": (ADAM,),
    "maps": (MANY,),
    "failed maps": ((*MANY, "--max-steps", "2", "--once"),),
    "parts": ((*MANY, "--shard", "1/2"), (*MANY, "--shard", "2/2")),
    "half": ((*MANY, "--shard", "1/2"),),
}
_SHOWN = [(("show", "o.h5"), None), (("show", "o.h5", "-o", "page", "-q"), None)]
_SHOWN += [(("merge", "o.h5", "-o", "t2.csv"), None), (("status", "o.h5"), None)]
_SHOWN += [((*MANY, "--resume"), None), ((*MANY, "--retry-failed"), None)]
_SHOWN += [(("show", "o.h5", "--json"), None)]
_SHOWN += [(("pf.load_many('o.h5').report()",), None)]
COMMANDS: dict[str, list[tuple[tuple[str, ...], Any]]] = {
    "result": [
        (("show", "r.h5"), None),
        (("show", "r.json", "--json"), None),
        (("pf.load_result('r.h5').plot()",), None),
        (("pf.load_result('r.json')._repr_html_()",), None),
        (("status", "r.h5"), None),
    ],
    "checkpoint": [((*ADAM, "--resume"), _same_end)],
    "maps": _SHOWN,
    "failed maps": [*_SHOWN, ((*MANY, "--retry-failed", "--start", "center=8"), None)],
    "parts": [
        (("merge", "o.h5", "-q"), _same_maps),
        ((*MANY, "--resume"), _same_maps),
        (("status", "o.h5"), None),
        (("merge", "o.h5", "-o", "t2.csv"), None),
    ],
    "half": [
        (("status", "o.h5"), None),
        ((*MANY, "--resume"), _same_maps),
        ((*MANY, "--shard", "2/2"), None),
    ],
}


def _template(kind: str, templates: Path) -> Path:
    """Folder with the files of a kind; made when it is first asked for."""
    folder = templates / f"records of {kind}"
    if not folder.exists():
        folder.mkdir()
        line_of_data(folder)
        with h5py.File(folder / "m.h5", "w") as root:
            root["x"], root["y"] = X, CURVES
        for arguments in KINDS[kind]:
            ended = physfit(*arguments, folder=folder)
            if ended.code not in (0, 2, 3):
                raise RuntimeError(f"physfit {' '.join(arguments)}: {ended.stderr}")
        if kind == "checkpoint":
            record = json.loads(ended.stdout)
            _FINISHED["slope"] = record["parameters"]["slope"]["value"]
    return folder
