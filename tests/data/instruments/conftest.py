from __future__ import annotations

import pytest

import physfit as pf


@pytest.fixture
def read(tmp_path):
    """Read a table from content under some name."""

    def read(content: str | bytes, name: str = "file.dat", **keys):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return pf.read_table(path, **keys)

    return read
