"""What `import physfit` and a whole script cost, in a fresh interpreter.

Compiled code is in the cache, which the warm-up round fills.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

STATEMENTS = {
    "python": "pass",
    "numpy": "import numpy",
    "physfit": "import numpy, physfit",
    "physfit-fit": "import numpy, physfit; physfit.fit; physfit.models.Gaussian",
    "physfit-script": "import physfit as pf; x = [0.5 * k for k in range(40)]; "
    "y = [3 * 0.8**k + 0.01 * (k % 3) for k in range(40)]; "
    "print(pf.fit(pf.models.Exponential() + pf.models.Constant(), x, y).report())",
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_import(benchmark, name: str) -> None:
    """The process ends well; the difference of the medians is the price."""
    command = [sys.executable, "-c", STATEMENTS[name]]
    benchmark.group = "import"
    done = benchmark.pedantic(
        subprocess.run,
        args=(command,),
        kwargs={"check": True, "stdout": subprocess.DEVNULL},
        rounds=7,
        warmup_rounds=1,
    )
    assert done.returncode == 0
