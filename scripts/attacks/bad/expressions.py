"""Texts that are read as models, ties, schedules, losses, methods and samplers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from attacks.bad.cases import Case, command, python
from attacks.bad.options import ODD_NUMBERS, ODD_TEXTS, line_of_data

__all__ = ["odd_text"]

NAMES: tuple[str, ...] = (
    "a",
    "b_c",
    "slope",
    "intercept",
    "pi",
    "x",
    "e",
    "inf",
    "nan",
    "True",
    "None",
)
NAMES += (
    "sqrt",
    "exp",
    "__class__",
    "lambda",
    "os",
    "π",
    "ⅷ",
    "\u017f",
    "_",
    "print",
    "if",
)
CALLS = (
    "sqrt",
    "exp",
    "log",
    "abs",
    "erf",
    "erfcx",
    "sin",
    "tanh",
    "open",
    "eval",
    "pow",
)
MODELS: tuple[str, ...] = (
    "linear",
    "gaussian",
    "voigt",
    "constant",
    "lorentzian",
    "ringdown",
    "spline",
)
MODELS += ("ising_chain_energy", "spins", "polynomial", "damped_oscillator", "Gaussian")
WORDS: tuple[str, ...] = (
    "inverse_sqrt",
    "exponential",
    "staircase",
    "cosine",
    "constant",
    "piecewise",
)
WORDS += ("warmup", "adam", "sgd", "momentum", "lm", "scipy", "huber", "stratified")


def odd_text(random: Random, folder: Path, templates: Path) -> Case:
    """One text of a command that is odd in one of many ways."""
    line_of_data(folder)
    kind = random.choice(tuple(TEXTS))
    text = TEXTS[kind](random)
    if random.random() < 0.1:
        return python(f"{kind}: {text[:60]!r}", DOORS[kind].format(text=repr(text)))
    asked = [piece.replace("TEXT", text) for piece in COMMANDS[kind]]
    return command(f"{kind}: {text[:60]!r}", *asked)


def _expression(random: Random, depth: int = 4) -> str:
    """Arithmetic of names and numbers, right or wrong."""
    draw = random.random()
    if depth == 0 or draw < 0.2:
        return random.choice((*NAMES, *NAMES[:4] * 3, *ODD_NUMBERS, "2", "0.5"))
    inner = _expression(random, depth - 1)
    other = _expression(random, depth - 1)
    if draw < 0.55:
        signs: tuple[str, ...] = (
            "+",
            "-",
            "*",
            "/",
            "**",
            "//",
            "%",
            "@",
            "<",
            " if ",
            ",",
            "=",
            ".",
        )
        return f"{inner} {random.choice(signs[: random.choice((5, 13))])} {other}"
    if draw < 0.75:
        return f"{random.choice(CALLS)}({inner})"
    forms: tuple[str, ...] = (
        "({0})",
        "-{0}",
        "({0}, {1})",
        "[{0}]",
        "{0}.real",
        "{0}[0]",
        "~{0}",
        "not {0}",
    )
    forms += (
        "lambda: {0}",
        "{{{0}: {1}}}",
        "f'{{{0}}}'",
        "(yield {0})",
        "*{0}",
        "{0}:={1}",
    )
    forms += ("[{0} for i in {1}]", "{0} and {1}", "sqrt({0}, {1})", "'{0}'", "b'{0}'")
    return random.choice(("({0})", "-{0}", *forms)).format(inner, other)


def _deep(random: Random) -> str:
    """Nested, long, or with a value that grows beyond all bounds."""
    n = random.choice((30, 45, 100, 240, 1000, 50000))
    forms: tuple[Callable[[], str], ...] = (
        *(lambda: "(" * n + "slope" + ")" * n, lambda: "-" * n + "slope"),
        *(lambda: "+".join(["slope"] * n), lambda: "**".join(["2"] * min(n, 300))),
        *(lambda: "9**" * 8 + "9", lambda: "9" * n, lambda: "1e" + "9" * n),
        *(lambda: "sqrt(" * n + "2" + ")" * n, lambda: "exp(" * 9 + "9" + ")" * 9),
        *(lambda: "s" * n, lambda: "slope" + ".real" * n, lambda: "[" * n),
        *(lambda: "0x" + "f" * n, lambda: "1_0" * n, lambda: "1" + "*slope" * n),
        lambda: "*".join(["(slope+1)"] * min(n, 200)),
    )
    return random.choice(forms)()


def _tie(random: Random) -> str:
    return _deep(random) if random.random() < 0.25 else _expression(random)


def _model(random: Random, depth: int = 3) -> str:
    draw = random.random()
    if depth == 3 and draw < 0.15:
        return _deep(random).replace("slope", "linear")
    if depth == 3 and draw < 0.3:
        return _expression(random)
    if depth == 0 or draw < 0.4:
        name = random.choice(MODELS)
        words: tuple[str, ...] = (
            "",
            "()",
            "(a_)",
            "(b_)",
            "(a)",
            "(_)",
            "('a_')",
            "(2)",
            "(-1, a_)",
        )
        words += (
            "(100000)",
            "(a_, b_)",
            "(é_)",
            "(__)",
            "(a_=1)",
            "(*a_)",
            "(1e9)",
            "(3, 3)",
        )
        return name + random.choice(words)
    sign = random.choice(("+", "+", "+", "*", "-", "@", "**"))
    text = f"{_model(random, depth - 1)} {sign} {_model(random, depth - 1)}"
    return f"({text})" if random.random() < 0.3 else text


def _settings(random: Random) -> str:
    """A name with numbers behind it: schedules, losses, methods, samplers."""
    if random.random() < 0.5:
        return random.choice(FORMS).format(*random.choices(ODD_NUMBERS, k=3))
    name = random.choice((*WORDS, *WORDS, *ODD_TEXTS, "lm"))
    pieces = []
    for _ in range(random.choice((0, 1, 1, 2, 3, 40))):
        number = random.choice((*ODD_NUMBERS, "0.01", "1.5", "3"))
        keys: tuple[str, ...] = (
            "",
            "k=",
            "beta1=",
            "every=",
            "factor=",
            "=",
            "eps=",
            "a=b=",
            "__init__=",
        )
        pieces.append(random.choice(keys) + number)
    sign = random.choice((":", ":", ":", "", "::", "=", "("))
    return name + sign + random.choice((",", ",", ":", ";")).join(pieces)


#: Texts of the right form, of schedules, losses, methods and samplers.
FORMS = (
    *("{0}", "inverse_sqrt:{0}", "inverse_sqrt:0.01,k={0}", "exponential:{0},k={1}"),
    *("exponential:0.01,k={0}", "staircase:0.01,factor={0},every={1}", "cosine:{0}"),
    *("staircase:0.01,factor=0.5,every={0}", "cosine:0.01,steps={0}", "huber:{0}"),
    *("soft_l1:{0}", "cauchy:{0}", "chi2:{0}", "huber:{0}:{1}", "poisson:{0}"),
    *(
        "adam:beta1={0}",
        "adam:eps={0}",
        "adam:learning_rate={0}",
        "adam:clip_norm={0}",
        "adam:l1={0}",
    ),
    *(
        "sgd:learning_rate={0}",
        "adamw:weight_decay={0}",
        "momentum:beta={0}",
        "stratified:{0}",
    ),
    *("rmsprop:eps={0}", "adagrad:eps={0}", "scipy:{0}", "adam:beta1={0},beta2={1}"),
    *(
        "lecture_adam:beta1={0}",
        "nesterov:beta={0}",
        "adam",
        "gd",
        "sequential",
        "shuffle",
    ),
)


def _pairs(random: Random) -> str:
    """NAME=VALUE, as several options take it."""
    names = ("slope", "intercept", "slope", "nothing", "", "é", "slope=slope", " ")
    values = (*ODD_NUMBERS, "0:1", ":", "1:0", "nan:nan", "-inf:inf", "1:2:3", "1e9:")
    pieces = [
        f"{random.choice(names)}={random.choice((*values, '1', '2'))}"
        for _ in range(random.choice((1, 1, 2, 3)))
    ]
    return ",".join(pieces) if random.random() < 0.9 else random.choice(ODD_TEXTS)


TEXTS: dict[str, Callable[[Random], str]] = {
    "model": _model,
    "model by name": _model,
    "model simulated": _model,
    "tie": _tie,
    "learning_rate": _settings,
    "loss": _settings,
    "method": _settings,
    "methods": lambda r: ",".join(_settings(r) for _ in range(r.choice((1, 2, 3)))),
    "sampler": _settings,
    "start": _pairs,
    "bounds": _pairs,
    "fix": _pairs,
    "within": _pairs,
    "vary": _pairs,
    "span": _pairs,
}
_FIT: tuple[str, ...] = ("fit", "t.csv", "-m", "linear")
_ADAM: tuple[str, ...] = (*_FIT, "--method", "adam", "--epochs", "2")
COMMANDS: dict[str, tuple[str, ...]] = {
    "model": ("fit", "t.csv", "-m", "TEXT"),
    "model by name": ("models", "TEXT"),
    "model simulated": ("simulate", "-m", "TEXT", "--x", "0:1:5", "-p", "slope=1"),
    "tie": (*_FIT, "--tie", "intercept=TEXT"),
    "learning_rate": (*_ADAM, "--learning-rate", "TEXT"),
    "loss": (*_FIT, "--loss", "TEXT"),
    "method": (*_FIT, "--method", "TEXT", "--epochs", "2"),
    "methods": (
        "compare",
        "t.csv",
        "-m",
        "linear",
        "--methods",
        "TEXT",
        "--epochs",
        "2",
    ),
    "sampler": (*_ADAM, "--sampler", "TEXT"),
    "start": (*_FIT, "--start", "TEXT"),
    "bounds": (*_FIT, "--bounds", "TEXT"),
    "fix": (*_FIT, "--fix", "TEXT"),
    "within": (
        "multistart",
        "t.csv",
        "-m",
        "linear",
        "--starts",
        "5",
        "--within",
        "TEXT",
    ),
    "vary": ("sweep", "t.csv", "-m", "linear", "--epochs", "2", "--vary", "TEXT"),
    "span": ("landscape", "t.csv", "-m", "linear", "--points", "5", "--span", "TEXT"),
}
_LINEAR = "pf.models.Linear()"
_DATA = "np.arange(9.0), 2 * np.arange(9.0) + 1"
DOORS = {
    "model": "print(pf.parse_model({text}))",
    "model by name": "print(getattr(pf.models, 'Linear')({text}))",
    "model simulated": "pf.parse_model({text})(np.arange(5.0))",
    "tie": f"pf.fit({_LINEAR}.where(slope=pf.tie({{text}})), {_DATA})",
    "learning_rate": (
        f"pf.fit({_LINEAR}, {_DATA}, method='adam', learning_rate={{text}})"
    ),
    "loss": f"pf.fit({_LINEAR}, {_DATA}, loss={{text}})",
    "method": f"pf.fit({_LINEAR}, {_DATA}, method={{text}})",
    "methods": f"pf.compare({_LINEAR}, {_DATA}, methods=[{{text}}])",
    "sampler": f"pf.fit({_LINEAR}, {_DATA}, method='adam', sampler={{text}}, epochs=2)",
    "start": f"pf.fit({_LINEAR}, {_DATA}, start={{text}})",
    "bounds": f"pf.fit({_LINEAR}.where(slope=pf.bounds({{text}}, None)), {_DATA})",
    "fix": f"pf.fit({_LINEAR}.where(slope=pf.fixed({{text}})), {_DATA})",
    "within": f"pf.multistart({_LINEAR}, {_DATA}, within={{text}})",
    "vary": f"pf.sweep({_LINEAR}, {_DATA}, vary={{text}})",
    "span": f"pf.landscape({_LINEAR}, {_DATA}, over='slope', span={{text}})",
}
