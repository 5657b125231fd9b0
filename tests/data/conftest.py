"""What tests of files share."""

from __future__ import annotations

import pytest

from physfit.data.hdf5 import guard


@pytest.fixture(scope="module")
def unguarded():
    """No child process looks through files: for hundreds of files in one test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "_inspected", lambda path: guard._Inspection(""))
        yield
