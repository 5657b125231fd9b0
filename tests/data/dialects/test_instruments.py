"""Files as instruments and programs write them are read right, and it is said how."""

from __future__ import annotations

import numpy as np
import pytest
from instruments import FILES

from physfit.data.readers import read_table


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_an_instrument_is_read_right(tmp_path, name):
    """x, y and their units are those in the file, and nothing is taken for sigma."""
    file = FILES[name]
    path = tmp_path / "data.txt"
    content = file.content
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    got = read_table(path, **file.keys)
    np.testing.assert_allclose(got.x, file.x, rtol=1e-12)
    np.testing.assert_allclose(got.y, file.y, rtol=1e-4)
    assert (got.x_unit, got.y_unit) == file.units
    assert got.sigma is None
    assert file.words in got.note
    assert "\n" not in got.note
