"""Counts that a caller gives: whole, within limits, and never believed beyond them."""

from functools import partial

import numpy as np
import pytest

import physfit as pf
from physfit.cli.main import main
from physfit.counts import available_threads, checked_count, decimal

X = np.arange(9.0)
Y = 2.0 * X + 1.0
LINE = pf.models.Linear()
CALLS = {
    "n_starts": lambda n: pf.multistart(LINE, X, Y, n_starts=n),
    "multistart seed": lambda n: pf.multistart(LINE, X, Y, n_starts=3, seed=n),
    "threads": lambda n: pf.fit(LINE, X, Y, method="adam", threads=n),
    "epochs": lambda n: pf.fit(LINE, X, Y, method="adam", epochs=n),
    "points": lambda n: pf.landscape(LINE, X, Y, over="slope", points=n),
    "steps": lambda n: pf.find_rate(LINE, X, Y, steps=n),
    "replicas": lambda n: pf.bootstrap(pf.fit(LINE, X, Y), n=n),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "count",
    [-1, 10**30, 10**5000, 1.5, True, "3"],
    ids=["negative", "large", "longest", "half", "bool", "text"],
)
def test_a_count_outside_its_limits_is_refused_before_any_work(call, count):
    """Numbers of any size and things that are no whole number get one sentence."""
    with pytest.raises(pf.errors.InputError, match=r"^`\w+` must be (a whole|at most)"):
        call(count)


@pytest.mark.parametrize(
    "call",
    [
        pf.multistart,
        pf.landscape,
        pf.find_rate,
        partial(pf.sweep, vary={"batch_size": [4]}),
    ],
    ids=["multistart", "landscape", "find_rate", "sweep"],
)
def test_progress_of_studies_is_a_function(call):
    """Anything else is refused before any work."""
    with pytest.raises(pf.errors.InputError, match="`progress` must be True"):
        call(LINE, X, Y, progress=3)


@pytest.mark.parametrize("call", [pf.compare, pf.landscape])
@pytest.mark.parametrize("methods", [3, "adam"])
def test_methods_are_a_list(call, methods):
    """One name is none, and neither is a number."""
    with pytest.raises(pf.errors.InputError, match="`methods` must be a list of names"):
        call(LINE, X, Y, methods=methods)


DIGITS = "9" * 5000


def test_numbers_of_thousands_of_digits_are_none(monkeypatch):
    """Python refuses to read them; a scheduler that says one is not believed."""
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", DIGITS)
    assert decimal(DIGITS) is None
    assert decimal("18") == 18
    assert available_threads() < 10_000


@pytest.mark.parametrize(
    "command",
    [
        ("fit", "--sigma", DIGITS),
        ("fit", "--x", DIGITS),
        ("simulate", "--x", f"0:1:{DIGITS}"),
        ("fit-many", "-o", "o.h5", "--shard", f"1/{DIGITS}"),
        ("fit-many", "-o", "o.h5", "--rows", f"0:{DIGITS}"),
    ],
    ids=["sigma", "x", "samples", "shard", "rows"],
)
def test_such_numbers_in_options_are_one_sentence(
    tmp_path, monkeypatch, capsys, command
):
    """Columns, samples, shards and rows."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("x,y\n1,2\n2,3\n3,5\n4,6\n")
    name, *options = command
    data = [] if name == "simulate" else ["t.csv"]
    code = main([name, *data, "-m", "linear", *options])
    err = capsys.readouterr().err
    assert code == 1
    assert err.startswith("physfit: error: ") and "this should not happen" not in err


def test_a_lattice_of_any_size_is_refused_in_a_sentence():
    """Its side cannot even be written down."""
    with pytest.raises(pf.errors.InputError, match="`shape` must be at most 9"):
        pf.models.IsingEnergy(10**5000)


def test_whole_numbers_of_numpy_are_counts():
    """What indexes is a count; it comes back as Python's int."""
    assert type(checked_count("n", np.int16(3))) is int


@pytest.mark.parametrize("x", [np.full(9, 1e308), 1e-321 * X], ids=["equal", "tiny"])
def test_a_line_on_x_without_range_is_refused(x):
    """A guess divides by the range of x, or says that it cannot."""
    with pytest.raises(pf.errors.InputError, match="cannot be guessed"):
        pf.fit(LINE, x, Y)


def test_a_line_on_x_at_the_end_of_doubles_is_fitted():
    """The range of x may be beyond the largest double."""
    assert pf.fit(LINE, 1e308 * np.linspace(-1, 1, 9), Y).report()
