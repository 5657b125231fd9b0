"""The demo fits, agrees with scipy, and writes its figures."""

from __future__ import annotations

from pathlib import Path

import demo
import pytest


def test_demo_fits_agrees_and_draws(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with 0, prints a report for each case, and says where the figures are."""
    folder = tmp_path / "figures"
    assert demo.main([str(folder)]) == 0
    printed = capsys.readouterr().out
    assert printed.count("degrees of freedom") == len(demo.CASES)
    assert printed.count("standard\nerrors away") == len(demo.CASES)
    assert str(folder) in printed
    names = {path.name for path in folder.iterdir()}
    assert names == {f"{case.name}.png" for case in demo.CASES}
