"""Formulas that try to escape, and stored graphs that lie: none of them means anything.

Each must be refused in a sentence before anything is run, compiled or made of it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

__all__ = ["LIES", "TEXTS", "hostile_records", "hostile_texts"]

#: What Python would run, or tell of itself.
_OBEYED = (
    *("__import__('os').mkdir('ran')", "x.__class__", "x.__class__.__mro__[1]"),
    *("().__class__.__base__.__subclasses__()", "x.real", "x.T", "np.linalg.inv(x)"),
    *("np.__dict__", "np.load('ran')", "np.exp.__self__", "math.__loader__", "os.sep"),
    *("open('ran', 'w')", "eval('x')", "exec('x')", "compile('x', '', 'eval')"),
    *("getattr(x, 'a')", "globals()", "vars()", "dir(x)", "type(x)", "input()"),
    *("print(x)", "breakpoint()", "help()", "exit()", "object()", "super()"),
    *("np.fromfile(x)", "np.memmap(x)", "numpy.f2py(x)", "scipy.io.loadmat(x)"),
    *("special.__builtins__", "np.random.rand()", "np.ctypeslib(x)", "sys.exit()"),
    *("importlib(x)", "np.core(x)", "math.exp.__call__(x)", "a.append(x)"),
)
#: Parts of the language that are no arithmetic.
_SYNTAX = (
    *("[x for x in x]", "{x for a in x}", "{a: x for a in x}", "(x for a in x)"),
    *("[a for a in x if a]", "[x, a]", "{x}", "{1: x}", "(x, a)", "x,", "x[0]"),
    *("x[:]", "x[a:]", "x[...]", "lambda: x", "lambda a: a*x", "(lambda a: a)(x)"),
    *("(a := x)", "x*(a := 2)", "f'{x}'", "f'{x!r:{a}}'", "'x'*a", "b'x'", "'x'"),
    *("x if a else 0", "x if x > 0 else -x", "await x", "yield x", "(yield)", "*x"),
    *("sqrt(*x)", "sqrt(**x)", "sqrt(x, x=a)", "sqrt(x=x)", "sqrt()(x)", "sqrt(x)(a)"),
    *("a.b.c(x)", "a.b*x", "x @ a", "x // a", "x ^ a", "x << a", "x >> a", "x | a"),
    *("x & a", "~x", "x is a", "x in a", "x not in a", "x is not a", "not x"),
    *("True", "x*True", "None", "x*None", "...", "x*..."),
    *("x; a", "x\na", "x = a", "a*x = 1", "x += a", "del x", "import os", "return x"),
    *("if x: a", "for a in x: a", "while x: a", "def f(): x", "class a: x", "@x"),
    *("assert x", "raise x", "with x: a", "try: x", "global x", "pass", "#"),
    *("x \\", "x $ a", "x ? a", "x ! a", "x a", "2x", "x(", ")x", "x)", "(x", "x +"),
    *("", " ", "\t", "\n", "x\x00", "\x00", "x\x1b[2J", "0x", "1e", "1__0*x", "x..a"),
    *("where(x, a, 1)", "where(x > 0)", "and", "x and", "x and a", "x or a", "x <> a"),
    *("exp", "sqrt*x", "erf + x", "print", "e*x", "x*e", "__x__*x", "__builtins__*x"),
)
#: Characters that look like others, and texts that turn the direction of writing.
_ALIKE = (
    *("\u0430*x", "x*\u0445", "\u0435xp(x)", "\uff45\uff58\uff50(x)", "x\u00b2"),
    *("x\u00d7a", "x\u2212a", "\u222bx", "\u221ax", "x\u2044a", "x\u00b7a"),
    *("\u202ex*a", "x\u200ba", "\ufeffx", "x\u00a0*a", "\U0001d431*x", "\u2139*x"),
    *("x\u0301*a", "\u0391*x", "\u039f*x", "\u13aa*x", "\ua4ee*x", "\u00aa*x"),
    *("x\uff0ba", "\u217b*x", "\u017f*x", "\u212a*x", "x*\u2170", "\u00b5\u0430*x"),
)


def _large() -> Iterator[str]:
    """What grows: powers, levels, lengths, digits."""
    for number in (101, 1000, 10**9, "9**9", "9**99", "99**99", "1e300"):
        yield f"x**{number}"
        yield f"2**{number}*x"
    yield from ("9**9**9**9*x", "(((9**99)**99)**99)*x", "x**(2**(2**(2**10)))")
    yield from ("1e400*x", "-1e400 + x", f"{'9' * 400}*x", f"{'9' * 4990}*x")
    yield from (f"0x{'f' * 4000}*x", f"{'1' * 4000}e10*x", "1/0*x", "0/0*x", "x/0")
    yield from ("log(0)*x", "log(-1)*x", "sqrt(-1)*x", "exp(1e6)*x", "0*x/(1 - 1)")
    yield from ("asin(2)*x", "acosh(0)*x", "x % 0", "1e308*10*x", "x*(1e200*1e200)")
    for levels in (41, 90, 150, 190, 1000, 2400):
        yield (
            "(" * levels + "x" + ")" * levels if levels > 190 else ("-" * levels + "x")
        )
        yield "sin(" * levels + "x" + ")" * levels
        yield "x" + "**x" * levels
        yield "not " * levels + "x"
        yield "[" * levels + "x" + "]" * levels
    yield from ("x+" * 2600 + "x", "a" * 6000, "x" * 5001, "(" * 5000, ")" * 5000)
    yield "+".join(f"a{k}*x" for k in range(700))
    yield "max(" + ",".join(["x"] * 100) + ")"
    yield "exp(" + "x," * 2000 + "x)"


TEXTS = (*_OBEYED, *_SYNTAX, *_ALIKE, *_large())
#: Entries of a stored graph, and what is written in their place.
LIES: tuple[tuple[tuple[str, ...], Any], ...] = (
    *((("graph", "names"), own) for own in (["os.system"] * 9, [], [1], "exp", None)),
    *((("graph", "names"), [own] * 9) for own in ("__import__", "eval", "", "exp\0")),
    *((("graph", "names"), [str(k) * 50 for k in range(n)]) for n in (999, 99_999)),
    *((("graph", "operations"), own) for own in ([], [99], [-1], [0.5], ["0"], {})),
    *((("graph", "operations"), [0] * n) for n in (20_001, 300_000)),
    *((("graph", "operands"), own) for own in ([], [-1], [10**18], [None], "0", 7)),
    *((("graph", "operands"), [0] * n) for n in (1, 100_000)),
    *((("graph", "constants"), own) for own in ([], [None], ["1"], [[1.0]], {"a": 1})),
    *((("graph", "outputs"), own) for own in ([], [99], [-1], [0, 0, 0], [0.5], None)),
    (("graph", "samples"), {"0": {"values": [1.0], "is_whole": False}}),
    (("graph", "samples"), {"x": {"values": [1.0], "is_whole": False}}),
    (("graph", "tables"), {"0": {"values": [0.5], "is_whole": True}}),
    (("graph", "tables"), {str(k): {"values": [], "is_whole": False} for k in (0, 2)}),
    (("graph", "loops"), {"0": {}}),
    (("graph", "loops"), {"7": None}),
    *((("graph",), own) for own in (7, "exp(x)", [], {})),
    *((("inputs",), own) for own in ([], ["x"] * 1000, ["x y"], [""], "x", None)),
    *((("order",), own) for own in ([], ["a"], ["a", "a"], ["a", "import"], None)),
    *((("order",), [f"a{k}" for k in range(n)]) for n in (3, 200_000)),
    *((("name",), own) for own in (3, None, "f" * 20_000)),
    *((("parameters",), own) for own in ({}, [], {"a": None}, {"b": {}})),
    *((("scale",), own) for own in ("b", "__class__", 3)),
    *(
        (("grid",), own)
        for own in (7, {"rows": [[1.0]]}, {"rows": 1, "shape": [2**40]})
    ),
    *((("curve",), own) for own in (7, {"rows": [[1.0]]}, {"at": [1.0]})),
)


def hostile_texts() -> Iterator[str]:
    """Formulas, each beside those that look harmless."""
    yield from TEXTS


def hostile_records(record: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Records of a model of one function with one entry altered, and which it is."""
    (name,) = record["functions"]
    for place, value in LIES:
        altered = copy.deepcopy(record)
        entry = altered["functions"][name]
        for key in place[:-1]:
            entry = entry[key]
        entry[place[-1]] = value
        yield f"{'.'.join(place)} = {str(value)[:40]}", altered
