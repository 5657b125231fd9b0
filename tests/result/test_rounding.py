"""Numbers with as many digits as they know."""

from __future__ import annotations

import math

import pytest

from physfit.result.rounding import concise, duration, percent, probability, rounded


@pytest.mark.parametrize(
    ("value", "stderr", "texts"),
    [
        (521.30371, 0.012345, ("521.304", "0.012")),
        (521.3, 0.0996, ("521.30", "0.10")),
        (521.3, 0.00999, ("521.300", "0.010")),
        (-9.6013, 0.54884, ("-9.60", "0.55")),
        (498785.3, 730.5, ("498790", "730")),
        (498785.3, 99.6, ("498790", "100")),
        (0.0003, 1.2, ("0.0", "1.2")),
        (12.0, 34.0, ("12", "34")),
        (3.0, 120.0, ("0", "120")),
        (1.23456e-7, 1.2e-10, ("1.2346e-07", "0.0012e-07")),
        (-1.23456e9, 1.2e6, ("-1.2346e+09", "0.0012e+09")),
        (1e-9, 2.5e-6, ("0.0e-06", "2.5e-06")),
        (0.0, 0.5, ("0.00", "0.50")),
        (0.5, math.nan, ("0.5", "")),
        (0.123456789, math.inf, ("0.12345679", "inf")),
        (2.0, 0.0, ("2", "0")),
        (math.nan, 1.0, ("nan", "1")),
        (1.5, 1e-30, ("1.5", "1.0e-30")),
    ],
)
def test_value_has_the_last_digit_of_its_error(
    value: float, stderr: float, texts: tuple[str, str]
) -> None:
    """Two digits of the error; both with one exponent; never beyond 15 digits."""
    assert rounded(value, stderr) == texts


@pytest.mark.parametrize(
    ("value", "stderr", "text"),
    [
        (521.30371, 0.011345, "521.304(11)"),
        (521.3, 0.0996, "521.30(10)"),
        (-9.6013, 0.54884, "-9.60(55)"),
        (9.6013, 1.04, "9.6(1.0)"),
        (12.0, 34.0, "12(34)"),
        (498785.3, 99.6, "498790(100)"),
        (1.23456e-7, 1.2e-10, "1.2346(12)e-07"),
        (-1.23456e9, 1.2e6, "-1.2346(12)e+09"),
        (1e-9, 2.5e-6, "0.0(2.5)e-06"),
        (1764505882.25341, 0.0163, "1764505882.253(16)"),
        (0.5, math.nan, "0.5"),
        (0.5, math.inf, "0.5 +- inf"),
        (2.0, 0.0, "2 +- 0"),
        (math.nan, 1.0, "nan +- 1"),
        (1.5, 1e-30, "1.5 +- 1.0e-30"),
        (1.5e305, 2.5e301, "1.5e+305 +- 2.5e+301"),
    ],
)
def test_brackets_hold_the_error_of_the_last_digits(
    value: float, stderr: float, text: str
) -> None:
    """With a point where the error has one; never an error of other digits."""
    assert concise(value, stderr) == text


@pytest.mark.parametrize("exponent", range(-296, 297, 8))
def test_brackets_can_be_read_back(exponent: int) -> None:
    """Value and error, to the last digit shown."""
    value, stderr = 5.2137 * 10.0**exponent, 0.0123 * 10.0**exponent
    number, _, rest = concise(value, stderr).partition("(")
    digits, _, power = rest.partition(")")
    error = digits if "." in digits else number[: -len(digits)] + digits
    error = "".join(c if c == "." else "0" for c in error[: -len(digits)]) + digits
    scale = float(f"1{power}")
    assert float(number) * scale == pytest.approx(value, abs=0.06 * stderr)
    assert float(error) * scale == pytest.approx(stderr, rel=0.05)


@pytest.mark.parametrize(
    ("relative", "text"),
    [
        (0.012345, "1.2 %"),
        (0.0996, "10 %"),
        (0.00000123, "0.00012 %"),
        (5.3, "530 %"),
        (123.0, "1.2e+04 %"),
        (1e-12, "1.0e-10 %"),
        (0.0, "0 %"),
        (math.nan, ""),
        (math.inf, ""),
    ],
)
def test_percent_has_two_digits(relative: float, text: str) -> None:
    """From tiny to huge."""
    assert percent(relative) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(12.345, "12.3 s"), (0.0123, "12.3 ms"), (5e-5, "50 us"), (0.0, "0 us")],
)
def test_duration_has_its_own_unit(seconds: float, text: str) -> None:
    """Seconds, milliseconds or microseconds."""
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("p", "text"), [(0.5, "= 0.5"), (3.26e-96, "= 3.26e-96"), (0.0, "< 1e-300")]
)
def test_probability_never_says_zero(p: float, text: str) -> None:
    """An underflow is a bound."""
    assert probability(p) == text
