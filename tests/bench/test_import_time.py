"""What `import physfit` costs beyond numpy, in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

import pytest

STATEMENTS = {
    "python": "pass",
    "numpy": "import numpy",
    "physfit": "import numpy, physfit",
    "physfit-fit": "import numpy, physfit; physfit.fit; physfit.models.Gaussian",
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_import(benchmark, name: str) -> None:
    """The process ends well; the difference of the medians is the price."""
    command = [sys.executable, "-c", STATEMENTS[name]]
    benchmark.group = "import"
    done = benchmark.pedantic(
        subprocess.run,
        args=(command,),
        kwargs={"check": True},
        rounds=7,
        warmup_rounds=1,
    )
    assert done.returncode == 0
