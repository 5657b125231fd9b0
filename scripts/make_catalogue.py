"""Write docs/models.md and its pictures: every entry of the catalogue.

python scripts/make_catalogue.py            the page, and pictures that are missing
python scripts/make_catalogue.py NAME ...   draw the pictures of these models anew
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from physfit.document.blocks import Block, Heading, Picture, Text
from physfit.document.markdown import as_markdown
from physfit.models.catalogue import CONVENTIONS, FAMILIES, entries
from physfit.models.catalogue.component import Component
from physfit.models.description import described
from physfit.models.example import shown
from physfit.plot.entries import entry_figure
from physfit.plot.style import save_figure

PAGE = Path(__file__).parents[1] / "docs" / "models.md"
IMAGES = PAGE.parent / "images" / "models"
HEAD = """# Models

Every model of the catalogue, as it is declared in `physfit/models/catalogue`; this page
is written from there. `physfit models NAME` and `help(pf.models.Name)` say the same.
Units stand in terms of those of x and y. Models are joined by `+`, `-`, `*`, `/`, with
prefixes where names of parameters meet: `voigt(a_) + voigt(b_) + linear`, and
[convolved](convolution.md) by `@`: `lorentzian @ gaussian(r_)`. What is not
here is a [formula or a function of your own](own-functions.md), or an
[equation of motion](own-functions.md#equations-of-motion).

Some models take numbers, and stand in texts with them: `polynomial(5)`,
`polynomial_2d(3)`, `chebyshev(5, 0, 10)` (degree and interval),
`spline(0, 1, 3, 8)` (knots), `ising_finite(4, energy)` (side; energy, heat,
magnetization or susceptibility) and `ising_energy(40, nearest)`, energies of
spins; others a peak: `doublet(voigt)` and `multiplet(lorentzian, 1, 3, 3, 1)`,
lines that share their widths. In Python they are `pf.models.Polynomial`,
`Polynomial2d`, `Chebyshev`, `Spline`, `IsingFinite`, `IsingEnergy`, `Doublet` and
`Multiplet`. `shirley` and `tougaard` are
[backgrounds](backgrounds.md) that follow the peaks of their sum.
"""


def page() -> str:
    """Text of the page."""
    blocks: list[Block] = []
    for family in (*FAMILIES, *CONVENTIONS):
        blocks.append(Heading(_title(family), level=2))
        for component in entries(family):
            blocks += _section(component)
    return f"{HEAD}\n{_contents()}\n\n{as_markdown(blocks)}\n"


def _contents() -> str:
    """The names of each family, with links."""
    lines = []
    for family in (*FAMILIES, *CONVENTIONS):
        links = [f"[{own.point}](#{own.point})" for own in entries(family)]
        lines.append(f"- {_title(family)}: {', '.join(links)}")
    return "\n".join(lines)


def _section(component: Component) -> Iterator[Block]:
    """What is said of an entry, below its name, and its picture."""
    title, *others = described(component.declaration)
    yield Heading(component.point, level=3)
    [line] = title.lines
    yield Text([line.partition(": ")[2]])
    path = f"images/models/{component.point}.png"
    yield Picture(path, component.description)
    yield from (own for own in others if not _is_usage(own))


def _is_usage(own: Block) -> bool:
    """Whether it is the example, which is alike for all, or its heading."""
    is_code = isinstance(own, Text) and own.is_code and "pf.fit" in "".join(own.lines)
    return isinstance(own, Heading) or is_code


def _title(family: ModuleType) -> str:
    return (family.__doc__ or "").split("\n")[0].rstrip(".")


def draw(names: list[str]) -> None:
    """Pictures of these models, and of all that have none."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for family in (*FAMILIES, *CONVENTIONS):
        for component in entries(family):
            path = IMAGES / f"{component.point}.png"
            if component.point in names or not path.exists():
                figure = entry_figure(shown(component.declaration))
                save_figure(figure, path, dpi=80)


if __name__ == "__main__":
    draw(sys.argv[1:])
    PAGE.write_text(page())
