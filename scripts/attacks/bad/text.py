"""Tables as text: encodings, separators, numbers of odd forms, damage, gzip."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from random import Random

from attacks.bad.cases import Case, command, python, says_line

__all__ = ["table"]

SEPARATORS = (",", ";", "\t", " ", "  ", "|", ", ", ":", "&", "\x1f", "\u00a0", "·")
NUMBERS = (
    *("nan", "NaN", "inf", "-Infinity", "1e309", "-1e309", "1e-400", "-0", "0x10"),
    *("1_000", "1,5", "1.5.2", "--3", "+4", "٣", "1d5", "1D-5", "1e", "e5", "∞", "½"),
    *("1 000", "1'000", "$5", "5%", "1+2j", "(1,2)", "TRUE", "None", "NULL", "", " "),
    *('"5"', "'5'", '"5', "=1+1", "1e5000", "9" * 400, "0." + "3" * 5000, "1e-5000"),
    *("1.7976931348623157e308", "5e-324", "−3", "1.", ".5", "١٢", "NaT", "\x00", "x"),
    *("2020-01-01", "12:30", "1/2", "#N/A", "1e+", "1e1e1", "\u200b5", "5\u202e", "5f"),
)
HEADERS = (
    *("x,y", "# x y", "x (s);y (V)", "1,2", "", "x,x", ",", '"x","y"', "x", "# ", "#"),
    *("x[,y", "x\x00,y", "nan,inf", "x\ty\tz", "\ufeffx,y", "%x,%y", "x,y,"),
    *("αβγ (µm),y", "x" * 70000 + ",y", "y,x", "sigma,x,y", "dtype,object"),
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp037")
SUFFIXES = (".csv", ".CSV", ".txt", ".tsv", ".dat", "", ".asc", ".npy", ".h5", ".json")

Damage = Callable[[Random, bytes], bytes]


def table(random: Random, folder: Path, templates: Path) -> Case:
    """Text that is bad in some ways, or only odd, given to a command."""
    if random.random() < 0.25:
        return _odd_but_right(random, folder)
    rows = random.choice((0, 1, 2, 3, 5, 30, 30, 200))
    separator = random.choice(SEPARATORS)
    lines = [random.choice(HEADERS)]
    lines += [f"{k}{separator}{2 * k + 1 + k % 3 / 9}" for k in range(rows)]
    lines = _with_odd_cells(random, lines, separator)
    end = random.choice(("\n", "\n", "\r\n", "\r", "\n\r", "\x0b", "\u2028", "\n\n"))
    encoding = random.choice(ENCODINGS)
    data = end.join(lines).encode(encoding, "replace")
    damages = random.choices(tuple(DAMAGES), k=random.choice((0, 1, 1, 2, 3)))
    for damage in damages:
        data = DAMAGES[damage](random, data)
    suffix = random.choice(SUFFIXES[:3] if random.random() < 0.7 else SUFFIXES)
    data, suffix = _packed(random, data, suffix)
    file = folder / f"t{suffix}"
    file.write_bytes(data)
    told = f"{rows} rows, {separator!r}, {end!r}, {encoding}, {', '.join(damages)}"
    return _asked(random, told, file.name)


def _odd_but_right(random: Random, folder: Path) -> Case:
    """A table of y = 2 x + 1 in an odd form, which is read right or refused."""
    separator = random.choice((",", ";", "\t", " ", ", ", " ; "))
    quote = random.choice(("", "", '"'))
    comma = separator.strip() == ";" and random.random() < 0.5
    form = random.choice(("{!r}", "{:.3e}", "{:+}", "{:.1f}", "{:g}", "  {}"))
    lines = [separator.join(("x", "y"))] if random.random() < 0.7 else []
    for k in range(random.choice((3, 10, 100))):
        cells = [form.format(value / 4) for value in (k, 2 * k + 4)]
        cells = [cell.replace(".", ",") if comma else cell for cell in cells]
        lines.append(separator.join(quote + cell + quote for cell in cells))
        if random.random() < 0.05:
            lines.append(random.choice(("", "# note", "   ", "% note")))
    end = random.choice(("\n", "\r\n", "\r"))
    encoding = random.choice(ENCODINGS[:-1])
    data = (end.join(lines) + random.choice(("", end, end * 3))).encode(encoding)
    if form == "{:.1f}":
        return _asked(random, "rounded", _put(folder, "t.csv", data))
    file = _put(folder, random.choice(("t.csv", "t.txt", "t.dat")), data)
    told = f"y = 2 x + 1 by {separator!r}, {quote}, {form}, {end!r}, {encoding}"
    return command(
        told, "fit", file, "-m", "linear", "--json", "-q", is_right=says_line
    )


def _put(folder: Path, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    return name


def _with_odd_cells(random: Random, lines: list[str], separator: str) -> list[str]:
    for _ in range(random.choice((0, 0, 1, 2, 10))):
        at = random.randrange(len(lines) + 1)
        cells = random.choices(NUMBERS, k=random.choice((1, 2, 2, 3, 50)))
        lines.insert(at, separator.join(cells))
    return lines


def _packed(random: Random, data: bytes, suffix: str) -> tuple[bytes, str]:
    """Perhaps compressed, perhaps wrongly."""
    draw = random.random()
    if draw > 0.3:
        return data, suffix
    packed = gzip.compress(data)
    if draw < 0.1:
        packed = packed[: random.randrange(len(packed))]
    elif draw < 0.15:
        packed = DAMAGES["flip"](random, packed)
    elif draw < 0.18:
        packed = gzip.compress(packed)
    elif draw < 0.2:
        packed = packed * 2
    elif draw < 0.203:
        packed = gzip.compress(b"1,2\n" * (64 << 20), 1)
    return packed, random.choice((suffix + ".gz", ".csv.gz", suffix))


def _asked(random: Random, name: str, file: str) -> Case:
    linear = ("-m", "linear")
    asked = (
        ("fit", file, *linear),
        ("fit", file, *linear, "--x", "0", "--y", "1", "--nan", "omit"),
        ("fit", file, *linear, "--sigma", "2"),
        ("fit", file, *linear, "--y", "x,y"),
        ("fit", file, "-m", "gaussian + constant", "--loss", "poisson", "--json"),
        ("fit", file, *linear, "-o", "r.h5", "--plot", "p.svg"),
        ("guess", file, *linear),
        ("compare", file, *linear, "--methods", "lm,scipy:trf"),
        ("fit-many", file, *linear, "-o", "o.h5"),
        ("bootstrap", file, *linear, "--n", "10"),
        ("show", file),
        ("status", file),
        ("merge", file),
        ("shuffle", file, "-o", "s.h5"),
    )
    if random.random() < 0.1:
        return python(name, f"print(pf.read_table({file!r}).y.sum())")
    # most of them read the table as `fit` does
    arguments = asked[0] if random.random() < 0.3 else random.choice(asked)
    return command(name, *arguments)


def _inserted(piece: Callable[[Random], bytes]) -> Damage:
    def damage(random: Random, data: bytes) -> bytes:
        at = random.randrange(len(data) + 1)
        return data[:at] + piece(random) + data[at:]

    return damage


def _flip(random: Random, data: bytes) -> bytes:
    changed = bytearray(data or b"\x00")
    for _ in range(random.choice((1, 1, 3, 20))):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


#: Changes of the bytes of a table, by name.
DAMAGES: dict[str, Damage] = {
    "flip": _flip,
    "cut": lambda random, data: data[: random.randrange(len(data) + 1)],
    "empty": lambda random, data: b"",
    "NUL": _inserted(lambda random: b"\x00" * random.choice((1, 1, 1000))),
    "quote": _inserted(lambda random: random.choice((b'"', b"'", b'"""', b'\\"'))),
    "long field": _inserted(lambda random: b"7" * random.choice((5000, 10**6))),
    "long line": _inserted(lambda random: b"1," * random.choice((3000, 10**5))),
    "noise": _inserted(lambda random: random.randbytes(random.choice((1, 8, 3000)))),
    "comments": _inserted(lambda random: b"\n" + b"# note\n" * 1000),
    "blank lines": _inserted(lambda random: b"\n \n\t\n" * 500),
    "not UTF-8": _inserted(lambda random: b"\xff\xfe\xc3\x28\xed\xa0\x80"),
    "BOM inside": _inserted(lambda random: "\ufeff".encode()),
    "Ctrl-Z": _inserted(lambda random: b"\x1a"),
    "twice": lambda random, data: data + data,
    "only digits": lambda random, data: bytes(48 + byte % 10 for byte in data),
}
