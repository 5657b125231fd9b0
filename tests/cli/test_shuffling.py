"""`shuffle` writes a permuted copy and says what it did."""

from __future__ import annotations

import h5py
import numpy as np


def test_a_file_is_shuffled(physfit, workplace):
    """All rows, in another order; an existing file only with --overwrite."""
    with h5py.File("in.h5", "w") as file:
        file["x"], file["note"] = np.arange(1000.0), np.arange(3)
    outcome = physfit("shuffle", "in.h5", "-o", "out.h5", "--seed", "2")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == (
        "physfit: 1000 rows of /x shuffled\nphysfit: /note copied as before\n"
    )
    with h5py.File("out.h5") as file:
        x = file["x"][:]
    assert (np.sort(x) == np.arange(1000.0)).all()
    assert (x != np.arange(1000.0)).any()
    again = physfit("shuffle", "in.h5", "-o", "out.h5")
    assert (again.code, "exists; give another path" in again.err) == (1, True)
    forced = physfit("shuffle", "in.h5", "-o", "out.h5", "--overwrite", "--quiet")
    assert (forced.code, forced.out, forced.err) == (0, "", "")
    refused = physfit("shuffle", "in.h5", "-o", "new.h5", "--memory", "0")
    assert refused.code == 1
    assert "--memory must be a whole number of at least 1" in refused.err
