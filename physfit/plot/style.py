"""How figures look: colours by role that colour-blind readers can tell apart.

The colours are those of Okabe and Ito (2008). Data are dark, the model is vermilion, a
background is grey, the components of the model take the others in turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from physfit.errors import InputError, PhysfitError

__all__ = ["COMPONENTS", "ROLES", "applied", "component_look", "plain_text"]
__all__ += ["save_figure", "turn_color"]

#: Colour of everything that has one role.
ROLES: Final = {
    "data": "#333333",
    "model": "#D55E00",
    "baseline": "#7F7F7F",
    "imaginary": "#0072B2",
    "guide": "#B0B0B0",
}
#: Colours of the components, in turn.
COMPONENTS: Final = ("#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
#: Lines of the components, each with all colours: no two of twenty look the same.
DASHES: Final[tuple[Any, ...]] = ("--", ":", "-.", (0, (6, 1, 1, 1, 1, 1)))

_RC: Final[Any] = {
    "font.size": 10.0,
    "axes.labelsize": 10.0,
    "axes.linewidth": 0.8,
    # Seconds since 1970 are labelled beside their day; anything shorter is written out.
    "axes.formatter.useoffset": True,
    "axes.formatter.offset_threshold": 6,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "legend.markerscale": 1.5,
    "lines.linewidth": 1.5,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "savefig.dpi": 150.0,
    # Labels come from files: they are never handed to TeX, whatever a matplotlibrc in
    # the current folder says.
    "text.usetex": False,
}


@contextmanager
def applied() -> Iterator[None]:
    """Context in which new artists take this style; settings outside stay as they are.

    Raises
    ------
    InputError
        When matplotlib cannot draw the numbers: its axes and ticks are made for less
        than the whole range of doubles.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> with applied():
    ...     mpl.rcParams["xtick.direction"]
    'in'
    """
    try:
        with mpl.rc_context(_RC):
            yield
    except PhysfitError:
        raise
    except (ValueError, ArithmeticError) as error:
        raise InputError(
            f"these numbers cannot be drawn ({' '.join(str(error).split())}); leave "
            "the figure out, or scale the data."
        ) from error


def save_figure(figure: Figure, target: Any, **how: Any) -> None:
    """Write a figure in this style: ticks and their texts are made when it is drawn."""
    with applied():
        figure.savefig(target, **how)


def component_look(number: int) -> dict[str, Any]:
    """Line of a component, by its number: all colours dashed, then all dotted, ...."""
    turn, place = divmod(number, len(COMPONENTS))
    return {"color": COMPONENTS[place], "linestyle": DASHES[turn % len(DASHES)]}


def turn_color(number: int) -> str:
    """Colour in turn: that of the model first, then those of components."""
    colors = (ROLES["model"], *COMPONENTS)
    return colors[number % len(colors)]


def plain_text(text: str) -> str:
    """Text that matplotlib shows as it is, not as a formula."""
    return text.replace("$", r"\$")
