"""`multistart`, `landscape`, `lr-find` and `sweep`: reports, pictures, exit codes."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from PIL import Image

from physfit.settings.texts import rates, varied

MODEL = "gaussian + constant"
START = ("--start", "center=4.5,sigma=1.2,amplitude=8,c=0.5")


def test_multistart_lists_minima_and_draws_them(physfit, peak, workplace):
    """Report to stdout, figure to a file, the same as JSON."""
    outcome = physfit(
        *("multistart", peak, "-m", MODEL, "--starts", 20, "--seed", 1),
        *("--within", "sigma=0.3:2", "--plot", "minima.png"),
    )
    assert outcome.code == 0
    assert "20 starts by lm, seed 1" in outcome.out
    assert "wrote `minima.png`" in outcome.err
    record = physfit(
        *("multistart", peak, "-m", MODEL, "--starts", 20, "--seed", 1),
        *("--within", "sigma=0.3:2", "--json"),
    ).json
    assert record["minima"][0]["values"]["center"] == pytest.approx(5.0, abs=0.05)
    assert (workplace / "minima.png").read_bytes().startswith(b"\x89PNG")


def test_multistart_by_a_descent(physfit, peak):
    """Method, schedule and batches arrive."""
    outcome = physfit(
        *("multistart", peak, "-m", MODEL, "--starts", 5, "--method", "sgd"),
        *("--learning-rate", "0.05", "--batch-size", 20, "--epochs", 50, "-q"),
    )
    assert "by sgd, constant:0.05, batches of 20" in outcome.out
    assert outcome.err == ""


def test_landscape_with_paths_and_animation(physfit, peak, workplace):
    """Axes, rates by method and start arrive; a picture and a GIF are written."""
    outcome = physfit(
        *("landscape", peak, "-m", MODEL, "--over", "center,sigma", *START),
        *("--span", "center=4:6,sigma=0.5:1.5", "--points", 11, "--profile"),
        *(
            "--methods",
            "gd,adam",
            "--learning-rate",
            "gd=0.1,adam=0.02",
            "--epochs",
            30,
        ),
        *("--plot", "l.png", "--animate", "l.gif"),
    )
    assert outcome.code == 0
    assert "landscape over center and sigma, others fitted" in outcome.out
    assert "center (Hz)" in outcome.out
    assert "constant:0.02" in outcome.out
    with Image.open(workplace / "l.gif") as picture:
        assert picture.n_frames > 10
    assert (workplace / "l.png").exists()


def test_landscape_over_principal_directions_as_json(physfit, peak):
    """Without --over it is drawn along the softest and the stiffest direction."""
    record = physfit("landscape", peak, "-m", MODEL, "--points", 5, "--json").json
    assert record["over"] == ["direction 1", "direction 2"]
    assert record["delta_chi2"][2][2] == pytest.approx(0.0, abs=1e-9)


def test_lr_find_suggests_a_rate(physfit, peak, workplace):
    """From the start that is given; the figure is written."""
    outcome = physfit(
        *("lr-find", peak, "-m", MODEL, "--method", "sgd", "--batch-size", 20),
        *(*START, "--learning-rate", "1e-4:10", "--plot", "lr.png"),
    )
    assert outcome.code == 0
    assert "suggested rate" in outcome.out
    assert (workplace / "lr.png").exists()


def test_lr_find_without_a_descent_is_no_success(physfit, peak):
    """Rates too small to move anything: exit code 2."""
    outcome = physfit(
        "lr-find", peak, "-m", MODEL, "--learning-rate", "1e-12:1e-11", *START
    )
    assert outcome.code == 2
    assert "begin further away" in outcome.out


def test_rows_of_a_file(physfit, workplace):
    """`lr-find` and `sweep` read an HDF5 file by rows."""
    random = np.random.default_rng(3)
    x = random.uniform(0.0, 10.0, 3000)
    y = 3.0 * np.exp(-0.5 * (x - 5.0) ** 2) + random.normal(0.0, 0.1, x.size)
    with h5py.File(workplace / "rows.h5", "w") as file:
        file["x"], file["y"] = x, y
    shared = ("rows.h5", "-m", "gaussian", "--x", "x", "--y", "y", "--batch-size", 50)
    shared += ("--start", "amplitude=6,center=4.5,sigma=1.3")
    found = physfit("lr-find", *shared)
    assert found.code == 0
    assert "batches of 50" in found.out
    table = physfit(
        "sweep", *shared, "--vary", "learning_rate=0.001,0.05", "--epochs", 5
    )
    assert table.code == 0
    assert "nearest to the exact answer: learning_rate 0.05" in table.out


def test_sweep_prints_a_table_and_draws_it(physfit, peak, workplace):
    """One line for each combination; exit code 2 when all diverged."""
    shared = ("sweep", peak, "-m", MODEL, *START, "--batch-size", 20, "--epochs", 20)
    outcome = physfit(
        *(*shared, "--vary", "learning_rate=0.01,0.1", "--vary", "beta1=0,0.9"),
        *("--plot", "s.png"),
    )
    assert outcome.code == 0
    assert "adam, 4 runs" in outcome.out
    assert (workplace / "s.png").exists()
    lost = physfit(*shared, "--method", "sgd", "--vary", "learning_rate=1e4,1e5")
    assert lost.code == 2
    assert "2 of 2 runs diverged" in lost.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sweep",), "nothing is varied; write --vary batch_size="),
        (("sweep", "--vary", "learning_rate"), "--vary takes NAME=VALUES"),
        (("sweep", "--vary", "learning_rate=1,,2"), "--vary takes NAME=VALUES"),
        (("sweep", "--vary", "a=1", "--vary", "a=2"), "names 'a' twice"),
        (("landscape", "--over", "centre"), "no free parameter; did you mean"),
        (("landscape", "--span", "center=4:"), "--span center needs both ends"),
        (("landscape", "--animate", "a.gif"), "--animate needs paths"),
        (("landscape", "--animate", "a.mp4"), "must end in .gif"),
        (("landscape", "--start", "random"), "begins its paths at given values"),
        (("lr-find", "--method", "lm"), "unknown optimizer 'lm'"),
        (
            ("multistart", "--starts", "0"),
            "--starts must be a whole number of at least 1",
        ),
        (("multistart", "--plot", "peak.csv"), "must end in .png"),
    ],
    ids=[
        *("nothing", "no value", "empty value", "twice", "misspelt", "open", "no path"),
        *("kind", "random", "method", "no start", "plot"),
    ],
)
def test_unusable_options_are_refused(physfit, peak, arguments, words):
    """One sentence, exit code 1, nothing on stdout."""
    command, *rest = arguments
    outcome = physfit(command, peak, "-m", MODEL, *rest)
    assert (outcome.code, outcome.out) == (1, "")
    assert words in outcome.err


def test_existing_pictures_stay_unless_overwritten(physfit, peak, workplace):
    """As for every command."""
    (workplace / "a.png").write_text("old")
    shared = ("multistart", peak, "-m", MODEL, "--starts", 3, "--plot", "a.png")
    refused = physfit(*shared)
    assert refused.code == 1
    assert "`a.png` exists" in refused.err
    assert physfit(*shared, "--overwrite").code == 0
    assert (workplace / "a.png").read_bytes().startswith(b"\x89PNG")


def test_values_of_a_sweep_keep_their_kind():
    """Whole numbers, numbers and words; semicolons where values have commas."""
    assert varied(
        "--vary", ["epochs=1,20", "learning_rate=1,0.5", "sampler=blocks,shuffle"]
    ) == {
        "epochs": [1, 20],
        "learning_rate": [1, 0.5],
        "sampler": ["blocks", "shuffle"],
    }
    assert varied("--vary", ["learning_rate=0.1;exponential:0.1,k=1e-3"]) == {
        "learning_rate": [0.1, "exponential:0.1,k=1e-3"]
    }


def test_rates_by_name_or_one_for_all():
    """`gd=0.1,adam=0.02`, a number, or a schedule."""
    assert rates("--learning-rate", ["gd=0.1,adam=0.02"]) == {
        "gd": 0.1,
        "adam": 0.02,
    }
    assert rates("--learning-rate", ["0.1"]) == "0.1"
    text = "exponential:0.1,k=1e-3"
    assert rates("--learning-rate", [text]) == text


@pytest.mark.parametrize("command", ["lr-find", "sweep"])
def test_a_job_file_gives_method_batches_and_start(physfit, peak, workplace, command):
    """Options come before what it says; its outputs are those of its fit."""
    (workplace / "job.toml").write_text(
        f"""version = 1
[data]
file = "{peak}"
[model]
expression = "{MODEL}"
[parameters.center]
start = 4.5
[fit]
method = "momentum"
[minibatch]
batch_size = 20
epochs = 5
[output]
plot = "never.png"
"""
    )
    vary = ("--vary", "learning_rate=0.01") if command == "sweep" else ()
    assert "momentum" in physfit(command, "job.toml", *vary).out
    record = physfit(command, "job.toml", *vary, "--method", "sgd", "--json").json
    assert record["method"] == "sgd"
    if command == "lr-find":
        assert record["batch_size"] == 20
    else:
        assert record["runs"][0]["n_steps"] == 5 * 6
    assert not (workplace / "never.png").exists()


@pytest.mark.parametrize("command", ["lr-find", "sweep", "multistart", "landscape"])
def test_energies_of_spins(physfit, workplace, command):
    """Learning rates are tried on rows of spins; there is but one minimum to find."""
    spins = np.random.default_rng(2).choice([-1, 1], (300, 6)).astype(np.int8)
    with h5py.File(workplace / "spins.h5", "w") as file:
        file["s"] = spins
        file["e"] = -1.0 * (spins * np.roll(spins, -1, 1)).sum(1)
    varied = {"sweep": ("--vary", "learning_rate=0.1", "--epochs", 2)}.get(command, ())
    over = ("--over", "J,h") if command == "landscape" else ()
    outcome = physfit(
        *(command, "spins.h5", "-m", "ising_energy(6)", "--x", "s", "--y", "e"),
        *("-q", *varied, *over),
    )
    if command in ("multistart", "landscape"):
        assert outcome.code == 1
        assert "is linear in its couplings and has one minimum only" in outcome.err
    else:
        assert outcome.code == 0
        assert "ising_energy(6, nearest), chi2" in outcome.out


JOB = """
version = 1
[data]
file = "peak.csv"
[model]
expression = "gaussian + constant"
[minibatch]
seed = 5
"""
OF_COMMAND = {
    "multistart": ("--starts", 4),
    "landscape": ("--points", 3, "--methods", "sgd", "--batch-size", 20),
    "lr-find": ("--learning-rate", "1e-2:1e-1", "--batch-size", 20),
    "sweep": ("--vary", "learning_rate=0.01", "--batch-size", 20, "--epochs", 3),
    "bootstrap": ("--n", 200),
}


def without_times(record):
    """The record of a command without what differs from run to run."""
    if isinstance(record, dict):
        return {
            key: without_times(value)
            for key, value in record.items()
            if "seconds" not in key
        }
    return [*map(without_times, record)] if isinstance(record, list) else record


@pytest.mark.parametrize("command", OF_COMMAND)
def test_the_seed_is_that_of_the_job_unless_an_option_says_another(
    physfit, peak, workplace, command
):
    """A seed of 0 on the command line is a seed, and comes before the job's."""
    (workplace / "job.toml").write_text(JOB)
    more = OF_COMMAND[command]
    by_job, by_option, by_zero, of_none = (
        without_times(physfit(command, *arguments, *more, "--json").json)
        for arguments in (
            ("job.toml",),
            (peak, "-m", MODEL, "--seed", 5),
            ("job.toml", "--seed", 0),
            (peak, "-m", MODEL),
        )
    )
    assert by_job == by_option
    assert by_zero == of_none
    assert by_job != by_zero


def test_landscape_offers_no_start_that_it_refuses(physfit):
    """Its help has start values by name, and none drawn at random."""
    lines = physfit("landscape", "--help").out.splitlines()
    start = next(line for line in lines if "--start" in line)
    assert "NAME=VALUE" in start
    assert "random" not in start


def test_derivatives_are_compared_with_differences(physfit, peak):
    """The table names each parameter; the exit code says whether all agree."""
    outcome = physfit("check", peak, "-m", MODEL, "--points", 2)
    assert outcome.code == 0
    lines = [line.split() for line in outcome.out.splitlines()]
    names = [line[0] for line in lines if line[-1:] == ["agree"]]
    assert names == ["amplitude", "center", "sigma", "c"]
    record = physfit("check", peak, "-m", MODEL, "--points", 2, "--json").json
    assert record["agree"] is True
    assert record["points"][:2] == ["start", "solution"]
    assert len(record["points"]) + len(record["skipped"]) == 5
