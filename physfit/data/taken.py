"""What a table says of the columns that were chosen, and of those that were not."""

from __future__ import annotations

from physfit.data.complex_columns import Form
from physfit.data.table import Offer, called

__all__ = ["what_is_taken"]


def what_is_taken(
    offer: Offer,
    chosen: tuple[tuple[int, ...], ...],
    factor: float,
    is_relative: bool,
    form: Form | None,
) -> list[str]:
    """What is taken as what, then what is converted, chosen or left out."""
    x, y, sigma = chosen
    parts = [f"x = {', '.join(called(offer, at) for at in x)}"]
    both = " + i " if form is None else " at the phase "
    in_db = " in dB" if form is not None and form[0] else ""
    parts.append(f"y = {(in_db + both).join(called(offer, at) for at in y)}")
    if form is not None:
        parts[-1] += f" in {'rad' if form[1] == 1.0 else 'degrees'}"
    error = " + i ".join(called(offer, at) for at in sigma)
    if factor != 1.0:
        error += f" times {factor:.6g}{' |y|' if is_relative else ''}"
    parts.append(f"sigma = {error}" if sigma else "no sigma")
    taken = [*x, *y, *sigma]
    notes = [
        f"{called(offer, at)}: {offer.fields[at].note}"
        for at in taken
        if offer.fields[at].note and not offer.fields[at].is_made
    ]
    rest = [i for i, field in enumerate(offer.fields) if i not in taken]
    return [", ".join(parts), *notes, *offer.remarks, *_unused(offer, rest)]


def _unused(offer: Offer, rest: list[int]) -> list[str]:
    """What is said of the columns of a text that are not taken."""
    if not offer.is_text:
        return []
    said = [
        f"{called(offer, at)} holds dates or times (asked for, seconds from the first)"
        for at in rest
        if offer.fields[at].is_time
    ]
    nameless = [
        at
        for at in rest
        if not offer.fields[at].name and offer.fields[at].values is not None
    ]
    if nameless and not any(f.name for f in offer.fields if not f.is_made):
        columns = ", ".join(map(str, nameless[:3])) + ", ..." * (len(nameless) > 3)
        word = offer.word if len(nameless) == 1 else f"{offer.word}s"
        said.append(f"{word} {columns} not used")
    return said
