"""How the rows of a file ended, without reading the answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import physfit as pf
from physfit.result import many_file
from physfit.result.many_file import brief_of


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, pf.ManyResult]:
    """A file of 3 x 4 rows, two of which have no samples."""
    x = np.linspace(0.0, 1.0, 6)
    y = np.ones((3, 4, 1)) * x + 0.1 * np.random.default_rng(2).normal(size=(3, 4, 6))
    y[1, 2:] = np.nan
    many = pf.fit_many(pf.models.Linear(), x, y, sigma=0.1)
    many.save(tmp_path / "maps.h5")
    return tmp_path / "maps.h5", many


def test_counts_are_those_of_the_result(saved) -> None:
    """Status by status, in the same order; failed rows are those that did not end."""
    path, many = saved
    brief = brief_of(path)
    assert brief.statuses == many.statuses
    assert list(brief.statuses) == list(many.statuses)
    assert brief.shape == (3, 4)
    assert brief.n_failed == many.table.failed.sum() == 2
    assert "16.7 %  not fitted: fewer samples" in brief.report()


def test_only_large_files_do_without_a_report(saved, monkeypatch) -> None:
    """The limit is a number of rows."""
    brief = brief_of(saved[0])
    assert not brief.is_large
    monkeypatch.setattr(many_file, "LARGE", 11)
    assert brief.is_large
