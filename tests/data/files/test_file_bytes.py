"""Laws of files that are read by their bytes."""

import os
from contextlib import suppress

import pytest

from physfit.data.files.file_bytes import FileBytes


def test_an_interrupted_close_does_not_close_the_file_of_another(tmp_path, monkeypatch):
    """The number of a closed file is another's soon; it is closed once, or not yet."""
    path = tmp_path / "rows"
    path.write_bytes(b"1")
    close = os.close

    def interrupted(number):
        close(number)
        raise KeyboardInterrupt

    file = FileBytes(path)
    monkeypatch.setattr(os, "close", interrupted)
    with suppress(KeyboardInterrupt):
        file.close()
    monkeypatch.undo()
    with path.open("rb") as other:
        file.close()
        assert other.read() == b"1"
    with pytest.raises(ValueError, match="closed"):
        file.read_into(bytearray(1), 0, 0, 1)
