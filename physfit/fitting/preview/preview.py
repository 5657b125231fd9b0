"""What a file holds and what was taken of it, the peaks, and what to fit first."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.table import Choice, Field, Table
from physfit.document.blocks import Block, Document, Heading, Notes, Text, pairs
from physfit.document.blocks import Table as Cells
from physfit.document.documented import Documented
from physfit.fitting.preview.peaks import PeakSeen, peaks_seen
from physfit.fitting.preview.places import in_order, steps_of
from physfit.fitting.preview.suggestion import Suggestion, suggested
from physfit.typing import FloatArray

__all__ = ["Preview"]

#: Peaks and columns that are listed.
_MOST = 20


@dataclass(frozen=True)
class Preview(Documented):
    """A first look at a file.

    Attributes
    ----------
    source : str
        The file, as it was asked for.
    choice : Choice
        The columns that it offers, and which of them were taken.
    table : Table
        What was taken.
    words : sequence of str
        Options by which it was read.
    others : Block or None
        What else the file holds.
    width : int
        Characters of a line of a picture in text; 0 for none.
    clean : Table
        The rows that are finite, x ascending.
    """

    source: str
    choice: Choice
    table: Table
    words: Sequence[str] = ()
    others: Block | None = None
    width: int = 0
    clean: Table = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "clean", in_order(self.table))

    @cached_property
    def peaks(self) -> list[PeakSeen]:
        """Peaks that the curve shows; of complex values those of their size."""
        return peaks_seen(self.clean.x, self.size)

    @property
    def size(self) -> FloatArray:
        """y, of complex values the absolute ones."""
        y = self.clean.y
        return np.abs(y) if np.iscomplexobj(y) else y.real

    @cached_property
    def suggestion(self) -> Suggestion | None:
        """What to fit first."""
        return suggested(self.clean, self.peaks)

    @property
    def n_missing(self) -> int:
        """Rows without x, y or sigma."""
        return self.table.x.size - self.clean.x.size

    def _document(self) -> Document:
        blocks: list[Block] = [Heading(self.source), pairs(self._said())]
        blocks.append(self._columns())
        if self.others is not None:
            blocks.append(self.others)
        if picture := self._picture():
            blocks.append(Text(picture, is_code=True))
        if self.peaks:
            blocks.append(self._peaks())
        if self.command:
            blocks += [Text([self.command], is_code=True), Text([self._why()])]
        else:
            why = "no model of the few that were tried describes the curve; see "
            blocks.append(Notes([f"{why}`physfit models`."]))
        return blocks

    @property
    def command(self) -> str:
        """A fit to try first; empty if none is known."""
        own = self.suggestion
        if own is None:
            return ""
        low, high = ("" if end is None else f"{end:.9g}" for end in own.x_range)
        more = ["--x-range", f"{low}:{high}"] if low or high else []
        more += [] if own.loss == "chi2" else ["--loss", own.loss]
        more += ["--nan", "omit"] if self.n_missing else []
        words = [self.source, "--model", own.model, *self.words, *more]
        return shlex.join(["physfit", "fit", *words])

    def _picture(self) -> list[str]:
        """The points in characters."""
        if not self.width:
            return []
        from physfit.plot.terminal import terminal_lines

        table = self.clean
        labels = (
            f"{label} ({unit})" if unit else label
            for label, unit in (
                (table.x_label, table.x_unit),
                (table.y_label, table.y_unit),
            )
        )
        return terminal_lines(table.x, self.size, *labels, width=self.width)

    def _said(self) -> dict[str, str]:
        """What was read, and how."""
        table = self.table
        rows = f"{table.x.size}"
        if self.n_missing:
            rows += f", {self.n_missing} of them not finite (a fit asks for --nan omit)"
        no_sigma = "none: errors of a fit follow from its residuals"
        return {
            "text": self.choice.offer.dialect,
            "rows": rows,
            "x": steps_of(table.x),
            "sigma": no_sigma if table.sigma is None else "",
            "read": "; ".join(table.remarks),
        }

    def _columns(self) -> Cells:
        """The columns: number, name, unit, role, range."""
        roles = self._roles()
        rows = [
            (
                "" if each.is_made else str(at),
                each.name,
                each.unit,
                roles.get(at, ("not used", None))[0],
                *_ends(roles.get(at, ("", _known(each)))[1]),
                "" if at in roles else _problem(each),
            )
            for at, each in enumerate(self.choice.offer.fields)
            if at < _MOST or at in roles
        ]
        titles = ("", "name", "unit", "taken as", "from", "to", "note")
        return Cells("llllrrl", {"": rows}, titles)

    def _roles(self) -> dict[int, tuple[str, NDArray[Any] | None]]:
        """Number of each column that was taken, what it is, and its values."""
        table, choice = self.table, self.choice
        parts = [table.y.real, table.y.imag] if len(choice.y) > 1 else [table.y]
        names = ["y, real", "y, imaginary"] if len(choice.y) > 1 else ["y"]
        roles: dict[int, tuple[str, NDArray[Any] | None]] = {
            at: ("x", table.x) for at in choice.x
        }
        roles |= dict(zip(choice.y, zip(names, parts, strict=True), strict=True))
        return roles | {at: ("sigma", table.sigma) for at in choice.sigma}

    def _peaks(self) -> Cells:
        """Peaks, the highest ones of very many."""
        highest = sorted(self.peaks, key=lambda peak: -abs(peak.height))[:_MOST]
        rows = [tuple(f"{number:.6g}" for number in peak) for peak in sorted(highest)]
        word = "peaks" if self.peaks[0].height > 0.0 else "dips"
        count = str(len(self.peaks))
        if len(self.peaks) > _MOST:
            count += f", the {_MOST} highest"
        titles = (f"{word}: {count}, at", "height", "width")
        return Cells("rrr", {"": rows}, titles)

    def _why(self) -> str:
        own = self.suggestion
        if own is None:
            return ""
        tried = (
            "model that was tried"
            if own.n_tried == 1
            else (f"simplest of {own.n_tried} models that were tried")
        )
        return f"({tried}; it leaves {100.0 * own.left:.3g} % of the spread of y)"

    def _record(self) -> dict[str, Any]:
        roles = self._roles()
        own = self.suggestion
        return {
            "source": self.table.source,
            "note": self.table.note,
            "dialect": self.choice.offer.dialect,
            "n_rows": self.table.x.size,
            "n_missing": self.n_missing,
            "x_steps": steps_of(self.table.x),
            "columns": [
                {
                    "number": None if each.is_made else at,
                    "name": each.name,
                    "unit": each.unit,
                    "taken_as": roles[at][0] if at in roles else None,
                    "note": _problem(each),
                }
                for at, each in enumerate(self.choice.offer.fields)
            ],
            "remarks": list(self.table.remarks),
            "peaks": [peak._asdict() for peak in self.peaks],
            "suggestion": None if own is None else own._asdict(),
            "command": self.command,
        }


def _known(own: Field) -> NDArray[Any] | None:
    """Values of a column that is in memory."""
    return own.values if isinstance(own.values, np.ndarray) else None


def _ends(values: NDArray[Any] | None) -> tuple[str, str]:
    """The smallest and the largest value that is finite."""
    if values is None or values.dtype.kind not in "fiu":
        return "", ""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "", ""
    return f"{finite.min():.6g}", f"{finite.max():.6g}"


def _problem(own: Field) -> str:
    """Why a column is no numbers, or what is said of it."""
    if own.values is not None or not own.problem:
        return own.note
    return own.problem if len(own.problem) < 40 else "holds what is no number"
