"""What is said about a path that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from physfit.data.files.paths import existing_file
from physfit.errors import DataError


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        pytest.param("none.csv", "does not exist; the current directory", id="missing"),
        pytest.param("a.csv/b.csv", "does not exist", id="file-as-folder"),
        pytest.param("a\0.csv", "does not exist", id="null-byte"),
        pytest.param("x" * 5000, "cannot be read: File name too long", id="too-long"),
        pytest.param(".", "is a directory; give a file inside of it", id="directory"),
    ],
)
def test_paths_that_lead_to_no_file_are_refused(
    path: str, sentence: str, tmp_path: Path
) -> None:
    """One sentence each, whatever the operating system calls it."""
    (tmp_path / "a.csv").write_text("1,2\n")
    with pytest.raises(DataError, match=sentence):
        existing_file(tmp_path / path)
    assert existing_file(tmp_path / "a.csv").is_file()


def test_an_empty_file_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    """Files of the system say that they are empty, and some have no end."""
    (tmp_path / "e.csv").touch()
    with pytest.raises(DataError, match="is empty, or is truncated"):
        existing_file(tmp_path / "e.csv")
