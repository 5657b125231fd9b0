"""Make the pictures of the documentation: python scripts/figures.py.

Each is the figure of a fit to a shipped data set, as `result.plot()` draws it.
"""

from __future__ import annotations

from pathlib import Path

from demo import CASES

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"


def main() -> None:
    """Write a PNG for every case of the demo."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        figure = case.fit().plot(title=case.title)
        # Nothing that changes from run to run goes into the file.
        figure.savefig(
            IMAGES / f"{case.name}.png", dpi=110, metadata={"Software": None}
        )


if __name__ == "__main__":
    main()
