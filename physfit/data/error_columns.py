"""Columns of the errors of y, found by their names or their place."""

from __future__ import annotations

from physfit.data.complex_columns import form_of
from physfit.data.headings import error_of
from physfit.data.table import Offer

__all__ = ["errors_of"]


def errors_of(
    offer: Offer, at_x: int, at_y: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Columns of the errors of y, and others so named.

    Of a real and an imaginary part each has its own, or one holds for both.
    """
    if len(at_y) < 2:
        return _error_columns(offer, at_x, at_y[0])
    names = [offer.fields[at].name.lower() for at in at_y]
    stems = {
        i: error_of(field.name) or set()
        for i, field in enumerate(offer.fields)
        if not field.is_text and i not in (at_x, *at_y)
    }
    own = [[i for i in stems if name in stems[i]] for name in names]
    if not any(own):
        return tuple(i for i in stems if stems[i] & {"", "y"})[:1], ()
    is_whole = all(own) and form_of(offer.source, *_headings(offer, at_y)) is None
    taken = (own[0][0], own[1][0]) if is_whole else ()
    return taken, tuple(i for i in (*own[0], *own[1]) if i not in taken)


def _headings(offer: Offer, at: tuple[int, ...]) -> list[tuple[str, str]]:
    """Names and units of columns."""
    return [offer.fields[k][:2] for k in at]


def _error_columns(
    offer: Offer, at_x: int, at_y: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Column of the errors of y, by its name or its place, and others so named."""
    fields = offer.fields
    if not any(field.name for field in fields):
        if offer.is_text:
            return (), ()
        third = len(fields) == 3 and (at_x, at_y) == (0, 1) and not fields[2].is_text
        return (2,) if third and not fields[1].is_complex else (), ()
    name = fields[at_y].name.lower()
    if "" in (error_of(name) or ()):  # y is itself a column of errors
        return (), ()
    stems = {
        i: error_of(field.name) or set()
        for i, field in enumerate(fields)
        if not field.is_text and i not in (at_x, at_y)
    }
    by_name = tuple(i for i in stems if name in stems[i])
    found = by_name or tuple(i for i in stems if stems[i] & {"", "y"})
    return found[:1], by_name[1:]
