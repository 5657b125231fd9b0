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
Exit codes: 0 converged, 1 input or usage error, 2 not converged, 3 some of many
fits failed, 4 methods disagree, 70 an error of physfit itself, 130 and 143
interrupted.
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
  physfit fit big.h5 -m "gaussian + linear" --method adam --batch-size 4096 \\
    --schedule inverse_sqrt:0.01 --checkpoint run.ckpt --resume

\b
Options that take NAME=VALUE may be repeated, or take lists with commas. In a
job file the same things stand as tables; options come before what it says.
Without sigma the errors are scaled so that chi2 per degree of freedom is 1.
Exit codes: 0 converged, 1 input or usage error, 2 not converged, 130 and 143
interrupted, with the checkpoint written.
""",
    "fit-many": """\b
Examples:
  physfit fit-many map.h5 -m "gaussian + linear" --sigma 2.5 -o maps.h5
  physfit fit-many map.h5::/entry/data job.toml -o maps.h5 --resume
  physfit fit-many map.h5 -m "voigt + constant" -o trial.h5 --rows 0:1000
  physfit fit-many map.h5 job.toml -o maps.h5 --shard 3/64
  physfit fit-many map.h5 job.toml -o maps.h5 --retry-failed \\
    --start center=5.1 --max-steps 1000

\b
Starts that are not given are guessed from each row; --start previous takes the
solution of the row before. Rows that fail are tried again, and never stop the
others. Exit codes: 0 all rows converged, 1 input or usage error, 2 none, 3 some
failed, 130 and 143 interrupted, with all finished blocks kept.
""",
    "merge": """\b
Examples:
  physfit merge maps.h5
  physfit merge maps.h5 -o maps.csv
  physfit merge maps.h5 -o maps.parquet
""",
    "status": """\b
Examples:
  physfit status maps.h5
""",
    "bootstrap": """\b
Examples:
  physfit bootstrap data.csv -m "gaussian + constant"
  physfit bootstrap data.csv -m "voigt + linear" --n 10000 --kind pairs
  physfit bootstrap counts.csv -m "gaussian + constant" --loss poisson \\
    --kind parametric --plot refits.png

\b
The fit is repeated on data made from it, which takes milliseconds. Refits that
fail are left out and counted. Exit codes: 0 done, 1 input or usage error, 2 the
fit or all refits failed.
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
    "multistart": """\b
Examples:
  physfit multistart data.csv --model "gaussian(a_) + gaussian(b_)" --starts 500
  physfit multistart ringdown.csv -m ringdown --within frequency=0.5:4 \\
    --plot minima.png
  physfit multistart ringdown.csv -m ringdown --method sgd --schedule 0.05 \\
    --batch-size 16 --epochs 100 --seed 1

\b
A minimum is one curve: components that changed places, or an angle turned by
2 pi, are forms of the same. Shares are those of the starts that led there.
Exit codes: 0 some minimum was found, 1 input or usage error, 2 none was.
""",
    "landscape": """\b
Examples:
  physfit landscape data.csv -m "gaussian + constant" --over center,sigma \\
    --profile --plot profile.png
  physfit landscape data.csv -m "gaussian + constant" --over center,sigma \\
    --span center=2:8,sigma=0.2:3 --start center=3,sigma=2 \\
    --methods gd,momentum,adam --rate gd=0.1,adam=0.03 --epochs 300 \\
    --plot paths.png --animate paths.gif
  physfit landscape ringdown.csv -m ringdown --over frequency --profile \\
    --span frequency=0.5:4 --points 400 --plot frequency.png
""",
    "lr-find": """\b
Examples:
  physfit lr-find data.csv --model "gaussian + constant" --method adam
  physfit lr-find rows.h5 -m "gaussian + constant" --method sgd \\
    --batch-size 256 --start center=4,sigma=1 --plot rates.png

\b
Every rate begins at the same start. Suggested is half the rate that gets
lowest, at most a quarter of the first one that blows up.
Exit codes: 0 a rate is suggested, 1 input or usage error, 2 none is.
""",
    "sweep": """\b
Examples:
  physfit sweep data.csv -m "gaussian + constant" --method adam \\
    --vary rate=1e-3,1e-2,1e-1 --vary beta1=0,0.9,0.99 --plot sweep.png
  physfit sweep rows.h5 -m "gaussian + constant" --method sgd --rate 0.05 \\
    --vary batch_size=16,64,256 --epochs 5

\b
The distance is the largest of a parameter to the exact answer, in standard
errors. Exit codes: 0 some run ended, 1 input or usage error, 2 all diverged.
""",
    "simulate": """\b
Examples:
  physfit simulate -m "gaussian + constant" --x 0:10:200 --noise 0.05 \\
    --seed 1 -p amplitude=2,center=5,sigma=0.4 -p c=0.1 -o peak.csv
  physfit simulate -m "gaussian + constant" --x 0:60:121 --poisson \\
    -p amplitude=5000,center=30,sigma=3,c=20 -o counts.csv
""",
    "toys": """\b
Examples:
  physfit toys -m "gaussian + constant" --x 0:10:200 --sigma 0.05 \\
    -p amplitude=2,center=5,sigma=0.4,c=0.1
  physfit toys -m "gaussian + constant" --x 0:60:121 --loss poisson --guess \\
    -p amplitude=500,center=30,sigma=3,c=2 --n 10000 --plot pulls.png

\b
A pull is (fit - truth) / stated error: of mean 0 and width 1, if errors are
right. Exit codes: 0 done, 1 input or usage error, 2 all fits failed.
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
  physfit show maps.h5 -o page

\b
Exit codes: those of the fit, 0 converged, 2 not, 3 some of many; 1 for a file that is
no result.
""",
    "models": """\b
Examples:
  physfit models
  physfit models voigt
""",
}
