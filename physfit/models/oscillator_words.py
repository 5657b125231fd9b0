"""One vocabulary of oscillators: each quantity by the undamped frequency and the rate.

The rate is that of the amplitude, exp(-rate t); a line that belongs to it has the full
width ``fwhm = rate / pi`` in units of frequency. Units are those of a component along
time, and inverted where x is the frequency.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["OSCILLATOR_WORDS", "oscillator_word"]

#: By the undamped angular frequency w and the rate r: expression, unit, meaning.
OSCILLATOR_WORDS: dict[str, tuple[str, str, str]] = {
    "f0": ("{w} / (2 * pi)", "1/x", "undamped frequency"),
    "omega0": ("{w}", "1/x", "undamped angular frequency"),
    "rate": ("{r}", "1/x", "decay rate of the amplitude"),
    "tau": ("1 / {r}", "x", "decay time of the amplitude"),
    "Q": ("{w} / (2 * {r})", "", "quality factor"),
    "zeta": ("{r} / {w}", "", "damping ratio"),
    "fwhm": ("{r} / pi", "1/x", "full width of the line, in units of frequency"),
}
_ALONG_FREQUENCY = {"1/x": "x", "x": "1/x", "": ""}
#: What the angular frequency and the rate follow from, the first that is there.
_FREQUENCIES = {
    "omega0": "omega0",
    "f0": "(2 * pi * f0)",
    "frequency": "sqrt((2 * pi * frequency)**2 + {r}**2)",
}
_RATES = {
    "rate": "rate",
    "tau": "(1 / tau)",
    "Q": "({w} / (2 * Q))",
    "zeta": "(zeta * {w})",
}


def oscillator_word(word: str, known: Mapping[str, str]) -> tuple[str, str, str] | None:
    """Expression, unit and meaning of a word by quantities that are known.

    Parameters
    ----------
    word : str
        One of `OSCILLATOR_WORDS`.
    known : mapping of str to str
        Parameters and derived quantities of a component, without prefix, and their
        units: an oscillator's frequency has the unit "1/x", or "x" along frequencies.

    Returns
    -------
    tuple of str, or None
        The expression is over names among `known`; None where the component is no
        oscillator.
    """
    source = next((own for own in _FREQUENCIES if own in known), None)
    rate = next((text for own, text in _RATES.items() if own in known), None)
    if source is None or rate is None or word not in OSCILLATOR_WORDS:
        return None
    frequency = _FREQUENCIES[source]
    if "{r}" in frequency and "{w}" in rate:
        return None
    w = frequency.format(r=rate) if "{r}" in frequency else frequency
    r = rate.format(w=frequency) if "{w}" in rate else rate
    text, unit, meaning = OSCILLATOR_WORDS[word]
    if known[source] == "x":
        unit = _ALONG_FREQUENCY[unit]
    return text.format(w=w, r=r), unit, meaning
