"""Texts of the functions by which `engine.trajectory` follows a motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from physfit.engine.abi import as_floats, as_integers
from physfit.kernels.kernel import Context, Generated
from physfit.models.graph.builder import Builder
from physfit.models.graph.derivatives import derivatives
from physfit.models.graph.graph import Graph
from physfit.models.graph.text import point_text
from physfit.models.motion.branches import Branches
from physfit.models.motion.motion import Motion, entered

__all__ = ["Writer"]

#: Arrays of the context before those that are looked up: the tableau.
N_FIRST = 1


@dataclass(frozen=True, eq=False)
class _Routine(Generated):
    """A function that is called from many places, and stands once in compiled code."""

    __physfit_role__: ClassVar[str] = "routine"


class Writer:
    """Writes the functions of a motion, and collects the arrays that these look up.

    Attributes
    ----------
    arrays : list of ndarray
    """

    def __init__(self, motion: Motion) -> None:
        self.motion = motion
        self.arrays: list[NDArray[Any]] = []
        self._calls: dict[str, Generated] = {}
        self.branches = Branches(motion)
        self.n_states, self.n_parameters = motion.n_states, len(motion.parameters)

    def begin(self) -> Generated:
        """`(p, z, slopes, context) -> t0`."""
        m, count = self.n_states, self.n_parameters
        builder = Builder()
        parameters = [builder.parameter(k) for k in range(count)]
        zero = builder.constant(0.0)  # no start depends on time or states
        leaves = [zero], [zero] * m + parameters
        places = entered(builder, self.motion.graph, *leaves)
        outputs = [places[step] for step in self.motion.start]
        point, lines, words, slots = self._point("start", builder, outputs, count)
        lines += [f"p{q} = p[{q}]" for q in range(count)]
        lines += [f"{', '.join(words)}, = {point}"]
        lines += [f"z[{i}] = {words[i]}" for i in range(m)]
        for q in range(count):
            lines += [
                f"z[{m * (1 + q) + i}] = {slots.get((q, i), '0.0')}" for i in range(m)
            ]
            lines.append(f"moved[{q}] = {slots.get((q, m), '0.0')}")
        return self._made(
            "begin", "p, z, moved, context", lines, [f"return {words[m]}"]
        )

    def rates(self) -> Generated:
        """`(t, z, p, modes, slide, out, context)`."""
        own = self.branches
        cases = [(0, own.rates), *((k + 1, own.sliding[k][0]) for k in own.sliding)]
        lines = self._arguments()
        for number, (case, outputs) in enumerate(cases):
            indent = ""
            if len(cases) > 1:
                is_last = number == len(cases) - 1
                head = (
                    "else:" if is_last else f"{'el' * (number > 0)}if slide == {case}:"
                )
                lines.append(head)
                indent = "    "
            lines += [indent + line for line in self._rates_of(case, outputs)]
        return self._made("rates", "t, z, p, s, slide, out, context", lines)

    def _rates_of(self, case: int, outputs: list[int]) -> list[str]:
        m, count = self.n_states, self.n_parameters
        n = self.branches.n_arguments
        call, lines, words, slots = self._point(
            f"rates{case}", self.branches.builder, outputs, n, stop=1 + m + count
        )
        lines += [f"{', '.join(words)}, = {call}"]
        lines += [f"out[{i}] = {words[i]}" for i in range(m)]
        lines += [f"for q in range({count}):"]
        lines += [f"    y{j} = z[{m} * (1 + q) + {j}]" for j in range(m)]
        for i in range(m):
            parts = [
                f"{slots[1 + j, i]} * y{j}" for j in range(m) if (1 + j, i) in slots
            ]
            lines.append(f"    out[{m} * (1 + q) + {i}] = {' + '.join(parts) or '0.0'}")
        for q in range(count):
            lines += [
                f"out[{m * (1 + q) + i}] += {slots[1 + m + q, i]}"
                for i in range(m)
                if (1 + m + q, i) in slots
            ]
        return lines

    def switches(self) -> Generated:
        """`(t, z, p, modes, slide, out, context)`."""
        own = self.branches
        outputs = [*own.switches, *(own.sliding[k][1] for k in own.sliding)]
        lines = self._arguments()
        if outputs:
            call, more, words, _ = self._point(
                "levels", own.builder, outputs, own.n_arguments, stop=0
            )
            lines += [*more, f"{', '.join(words)}, = {call}"]
            n = len(own.switches)
            lines += [f"out[{k}] = {words[k]}" for k in range(n)]
            for place, k in enumerate(own.sliding):
                lines += [f"if slide == {k + 1}:", f"    out[{k}] = {words[n + place]}"]
        return self._made("switches", "t, z, p, s, slide, out, context", lines)

    def crossing(self) -> Generated:
        """`(k, t, z, p, modes, rates, out, context)`."""
        own, m, count = self.branches, self.n_states, self.n_parameters
        lines = self._arguments()
        for k, switch in enumerate(own.switches):
            call, more, words, slots = self._point(
                *(f"switch{k}", own.builder, [switch], own.n_arguments),
                stop=1 + m + count,
            )
            lines.append(f"if k == {k}:")
            states = [j for j in range(m) if (1 + j, 0) in slots]
            parts = [slots[0, 0]] if (0, 0) in slots else []
            speed = " + ".join(parts + [f"{slots[1 + j, 0]} * r[{j}]" for j in states])
            body = [
                *more,
                f"{', '.join(words)}, = {call}",
                f"out[0] = {speed or '0.0'}",
            ]
            for q in range(count):
                parts = [slots[1 + m + q, 0]] if (1 + m + q, 0) in slots else []
                parts += [f"{slots[1 + j, 0]} * z[{m * (1 + q) + j}]" for j in states]
                body.append(f"out[{1 + q}] = {' + '.join(parts) or '0.0'}")
            lines += [f"    {line}" for line in body]
        return self._made("crossing", "k, t, z, p, s, r, out, context", lines)

    def can_slide(self) -> Generated:
        """`(k)`."""
        listed = " or ".join(f"k == {k}" for k in self.branches.sliding)
        return self._made("can_slide", "k", [], [f"return {listed or 'k < 0'}"])

    def observe(self) -> Generated:
        """`(t, z, p, out, n, context)`."""
        m, count = self.n_states, self.n_parameters
        builder = Builder()
        leaves = [builder.parameter(k) for k in range(1 + m + count)]
        places = entered(builder, self.motion.graph, leaves[:1], leaves[1:])
        outputs = [places[step] for step in self.motion.observed]
        n = 1 + m + count
        call, more, words, slots = self._point("seen", builder, outputs, n)
        lines = [*self._arguments(0), *more, f"{', '.join(words)}, = {call}"]
        n_outputs = len(outputs)
        lines += [f"out[{o} * n] = {words[o]}" for o in range(n_outputs)]
        for q in range(count):
            for o in range(n_outputs):
                parts = [slots[1 + m + q, o]] if (1 + m + q, o) in slots else []
                parts += [
                    f"{slots[1 + j, o]} * z[{m * (1 + q) + j}]"
                    for j in range(m)
                    if (1 + j, o) in slots
                ]
                row = n_outputs + q * n_outputs + o
                lines.append(f"out[{row} * n] = {' + '.join(parts) or '0.0'}")
        return self._made("observe", "t, z, p, out, n, context", lines)

    def _arguments(self, n_modes: int | None = None) -> list[str]:
        """Lines that name the arguments of point functions."""
        m, count = self.n_states, self.n_parameters
        n_modes = len(self.branches.switches) if n_modes is None else n_modes
        lines = ["p0 = t", *(f"p{1 + k} = z[{k}]" for k in range(m))]
        lines += [f"p{1 + m + k} = p[{k}]" for k in range(count)]
        return lines + [f"p{1 + m + count + k} = s[{k}]" for k in range(n_modes)]

    def _point(
        self,
        name: str,
        builder: Builder,
        outputs: Sequence[int],
        n_arguments: int,
        stop: int | None = None,
    ) -> tuple[str, list[str], list[str], dict[tuple[int, int], str]]:
        """Call of a function of outputs and derivatives, and what is to stand before.

        Returns
        -------
        call : str
        lines : list of str
            That name its arrays.
        words : list of str
            Names for its results: the outputs, then the derivatives that are not 0.
        slots : dict of (argument, output) to str
            Names of these derivatives.
        """
        slopes = derivatives(builder, outputs) if stop != 0 else []
        stop = n_arguments if stop is None else stop
        kept = [
            (q, o, slope[q])
            for q in range(stop)
            for o, slope in enumerate(slopes)
            if q in slope and builder.value_of(slope[q]) != 0.0
        ]
        leaves = Graph((), (), (), tuple(f"p{k}" for k in range(n_arguments)))
        derived = builder, list(outputs), [[step for _, _, step in kept]]
        text, calls, arrays, _ = point_text(leaves, name, derived=derived)
        arguments = [f"p{k}" for k in range(n_arguments)]
        lines: list[str] = []
        for array in arrays:
            place = self._place(array)
            kind = "as_integers" if array.dtype.kind == "i" else "as_floats"
            lines += [f"c{place} = {kind}(context[{2 * (N_FIRST + place)}])"]
            lines += [f"n{place} = context[{2 * (N_FIRST + place) + 1}]"]
            arguments += [f"c{place}", f"n{place}"]
        self._calls[name] = Generated(name, text, calls)
        words = [f"v{o}" for o in range(len(outputs))]
        slots = {(q, o): f"d{q}_{o}" for q, o, _ in kept}
        call = f"{name}({', '.join(arguments)})"
        return call, lines, [*words, *slots.values()], slots

    def _place(self, array: NDArray[Any]) -> int:
        for place, known in enumerate(self.arrays):
            if known.dtype == array.dtype and np.array_equal(known, array):
                return place
        self.arrays.append(Context(array).arrays[0])
        return len(self.arrays) - 1

    def _made(
        self, name: str, arguments: str, lines: list[str], last: Sequence[str] = ()
    ) -> Generated:
        calls = {"as_floats": as_floats, "as_integers": as_integers, **self._calls}
        self._calls = {}
        body = [*lines, *last] or ["pass"]
        text = "\n".join([f"def {name}({arguments}):", *(f"    {one}" for one in body)])
        return _Routine(name, text + "\n", calls)
