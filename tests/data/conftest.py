"""What tests of files share."""

from __future__ import annotations

import pytest

from physfit.data import hdf5_guard


@pytest.fixture(scope="module")
def unguarded():
    """No child process looks through files: for hundreds of files in one test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hdf5_guard, "_inspected", lambda path: hdf5_guard._Inspection(""))
        yield
