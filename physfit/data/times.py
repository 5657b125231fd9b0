"""Columns of dates and times as seconds from the first.

Taken are the forms of ISO 8601 and those of loggers: `1.3.2024 23:55:02`, `3/1/2024
11:55:02 PM`, `23:55:02.5`, `55:02.5`. Where day and month, or minutes and seconds,
cannot be told apart, the column is none of times. Times of day that go back by half a
day or more are those of the next day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

import numpy as np

from physfit.data.words import is_missing
from physfit.typing import FloatArray

__all__ = ["seconds_from_first"]

_TIME = (
    r"(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2}(?:[.,]\d*)?))?\s*(?P<m>[AaPp][Mm])?"
)
_CLOCK = re.compile(_TIME.replace("1,2", "1,4", 1))  # also hours since a beginning
_SHORT = re.compile(r"(?P<a>\d+):(?P<b>[0-5]\d(?:[.,]\d+)?)")
_DATE = (
    r"(?:(?P<a>\d{1,2})(?P<mark>[./-])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{4}|\d{2})|"
    r"(?P<year>\d{4})(?P<other>[./-])(?P<month>\d{1,2})(?P=other)(?P<day>\d{1,2}))"
)
_DATED = re.compile(rf"{_DATE}(?:[T,\s]+{_TIME})?")
_DAY = 86400.0


def seconds_from_first(texts: Sequence[str]) -> FloatArray | None:
    """Seconds from the first of the dates or times, None where these are none.

    Missing ones are NaN.

    Examples
    --------
    >>> seconds_from_first(["23:59:58", "00:00:01.5"])
    array([0. , 3.5])
    """
    filled = [text for text in texts if not is_missing(text)]
    if not filled or not all(_looks_like_time(text) for text in filled[:20]):
        return None
    for read in (_iso, _clock, _minutes, _dated):
        with suppress(ValueError, OverflowError):
            seconds = read(filled)
            values = np.full(len(texts), np.nan)
            at = [i for i, text in enumerate(texts) if not is_missing(text)]
            values[at] = seconds - seconds[0]
            return values
    return None


def _looks_like_time(text: str) -> bool:
    return bool(re.match(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d+:\d", text))


def _iso(texts: list[str]) -> FloatArray:
    """Seconds of dates such as 2024-03-01T23:55:00.5."""
    if not re.match(r"\d{4}-\d{2}-\d{2}", texts[0]):
        raise ValueError(texts[0])
    moments = [datetime.fromisoformat(text.replace(",", ".")) for text in texts]
    return _from_moments(moments)


def _from_moments(moments: list[datetime]) -> FloatArray:
    try:
        return np.array([(moment - moments[0]).total_seconds() for moment in moments])
    except TypeError as error:  # some with a time zone, some without
        raise ValueError from error


def _clock(texts: list[str]) -> FloatArray:
    """Seconds of times of day, which go on beyond midnight."""
    matches = [_matched(_CLOCK, text) for text in texts]
    if not any(match["s"] or match["m"] for match in matches):
        raise ValueError(texts[0])  # of hours and minutes, or minutes and seconds
    seconds = np.array([_of_day(match) for match in matches])
    days = np.cumsum(np.diff(seconds, prepend=seconds[:1]) <= -0.5 * _DAY)
    return np.asarray(seconds + _DAY * days)


def _minutes(texts: list[str]) -> FloatArray:
    """Seconds of times such as 12:30.5, in minutes and seconds."""
    matches = [_matched(_SHORT, text) for text in texts]
    minutes = np.array([int(match["a"]) for match in matches])
    seconds = np.array([float(match["b"].replace(",", ".")) for match in matches])
    if minutes.max() < 24 and not any(len(match["b"]) > 2 for match in matches):
        raise ValueError(texts[0])
    return np.asarray(60.0 * minutes + seconds)


def _matched(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    match = pattern.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return match


def _of_day(match: re.Match[str]) -> float:
    """Seconds since midnight."""
    if match["h"] is None:
        return 0.0
    hour, half = int(match["h"]), (match["m"] or "").lower()
    if half:
        hour = hour % 12 + 12 * (half == "pm")
    second = float((match["s"] or "0").replace(",", "."))
    return 3600.0 * hour + 60.0 * int(match["min"]) + second


def _dated(texts: list[str]) -> FloatArray:
    """Seconds of dates such as 1.3.2024 23:55:02, if day and month are told apart."""
    matches = [_matched(_DATED, text) for text in texts]
    groups = ("a", "b", "c")
    orders: list[Callable[[int, int, int], datetime]] = [_day_first, _month_first]
    if matches[0]["year"]:
        groups, orders = ("year", "month", "day"), [_year_first]
    elif matches[0]["mark"] == ".":  # days come first between points
        orders = orders[:1]
    answers: list[FloatArray] = []
    for order in orders:
        with suppress(ValueError):
            days = [order(*map(int, match.group(*groups))) for match in matches]
            answers.append(_from_moments(days) + np.array([*map(_of_day, matches)]))
    if not answers or any(np.ptp(each - answers[0]) > 0.0 for each in answers):
        raise ValueError(texts[0])
    return np.asarray(answers[0])


def _year_first(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day)


def _day_first(day: int, month: int, year: int) -> datetime:
    return datetime(_year(year), month, day)


def _month_first(month: int, day: int, year: int) -> datetime:
    return datetime(_year(year), month, day)


def _year(number: int) -> int:
    return number + 2000 if number < 70 else number + 1900 if number < 100 else number
