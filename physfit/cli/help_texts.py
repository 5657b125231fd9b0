r"""Examples under the help of each command.

A paragraph that begins with `\b` keeps its lines. Square brackets would be read as
markup, so there are none.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["EXAMPLES"]

EXAMPLES: Mapping[str, str] = {
    "physfit": """\b
Examples:
  physfit models
  physfit guess raman.csv --model "voigt + linear"
  physfit fit raman.csv --model "voigt + linear" -o raman.h5 --plot raman.png
  physfit compare raman.csv --model "voigt + linear"

\b
Exit codes: 0 converged, 1 input or usage error, 2 not converged,
4 methods disagree, 130 and 143 interrupted.
""",
    "fit": """\b
Examples:
  physfit fit data.csv --model "gaussian + constant"
  physfit fit data.csv -m "voigt(a_) + voigt(b_) + linear" --x freq \\
    --y signal --sigma err --x-range 4:6 \\
    --start a_center=5.1,b_center=5.4 --bounds a_gamma=0:2 \\
    --tie b_sigma=a_sigma --fix slope=0
  physfit fit counts.csv -m "gaussian + linear" --loss poisson --json
  physfit fit run.h5::/entry/data -m ringdown -o run_fit.h5 --plot run_fit.png
  physfit fit job.toml --method scipy:trf

\b
Options that take NAME=VALUE may be repeated, or take lists with commas. In a
job file the same things stand as tables; options come before what it says.
Without sigma the errors are scaled so that chi2 per degree of freedom is 1.
Exit codes: 0 converged, 1 input or usage error, 2 not converged.
""",
    "guess": """\b
Examples:
  physfit guess data.csv --model "voigt + linear"
  physfit guess data.csv --model "voigt + linear" --plot start.png
  physfit guess ringdown.csv -m "ringdown + constant" --json
""",
    "compare": """\b
Examples:
  physfit compare data.csv --model "voigt + linear"
  physfit compare data.csv -m "gaussian + constant" --methods lm,scipy:trf
  physfit compare job.toml --methods lm,scipy:l-bfgs-b --json

\b
Exit codes: 0 all that converged agree, 1 input or usage error, 2 no method got
anywhere, 4 methods disagree.
""",
    "simulate": """\b
Examples:
  physfit simulate -m "gaussian + constant" --x 0:10:200 --noise 0.05 \\
    --seed 1 -p amplitude=2,center=5,sigma=0.4 -p c=0.1 -o peak.csv
  physfit simulate -m "gaussian + constant" --x 0:60:121 --poisson \\
    -p amplitude=5000,center=30,sigma=3,c=20 -o counts.csv
""",
    "shuffle": """\b
Examples:
  physfit shuffle run.h5 run_shuffled.h5
  physfit shuffle run.h5 run_shuffled.h5 --seed 3 --memory 1024

All data sets as long as the longest one are permuted alike, by an order that is
uniformly random over the whole file; attributes and layout stay.
""",
    "show": """\b
Examples:
  physfit show raman.h5
  physfit show raman.json --json

\b
Exit codes: those of the fit, 0 converged and 2 not; 1 for a file that is no result.
""",
    "models": """\b
Examples:
  physfit models
  physfit models voigt
""",
}
