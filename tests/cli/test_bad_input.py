"""Bad input ends with exit code 1, one sentence on stderr and nothing written."""

from __future__ import annotations

import errno
import os

import h5py
import numpy as np
import pytest

MODEL = ("-m", "gaussian(a_) + constant")
TWO = ("-m", "gaussian(a_) + gaussian(b_) + constant")

OPTIONS = {
    "no model": ([], "names no model; add one such as --model"),
    "unknown model": (["-m", "gausian"], "did you mean 'gaussian'?"),
    "model with attribute": (["-m", "voigt.__class__"], "'voigt.__class__' is not"),
    "model that is no text": (["-m", "gaussian +"], "cannot read the model"),
    "equal names": (["-m", "voigt + gaussian"], "'voigt(a_) + gaussian(b_)'."),
    "unknown option": ([*MODEL, "--strat", "a=1"], "did you mean '--start'"),
    "former option": ([*MODEL, "--schedule", "0.1"], "did you mean '--learning-rate'?"),
    "option without value": (["--model"], "--model needs a value."),
    "flag with a value": ([*MODEL, "--overwrite=false"], "--overwrite takes no value;"),
    "flag with a number": ([*MODEL, "--json=3"], "--json takes no value;"),
    "option behind two dashes": (["--", *MODEL], "unexpected extra argument '-m'."),
    "start of another word": (
        [*MODEL, "--start", "randon"],
        "--start takes NAME=VALUE, or 'random', but is 'randon'; did you mean",
    ),
    "learning rate below 0": (
        [*MODEL, "--method", "adam", "--learning-rate", "-1"],
        "--learning-rate must be finite and above 0, but is -1.0.",
    ),
    "learning rate of no letters": (
        [*MODEL, "--method", "adam", "--learning-rate", ""],
        "--learning-rate must be a number, or a schedule such as",
    ),
    "unknown parameter, start": (
        [*MODEL, "--start", "a_centre=5"],
        "did you mean 'a_center'?",
    ),
    "unknown parameter, bounds": (
        [*MODEL, "--bounds", "center=4:6"],
        "`center` is no parameter",
    ),
    "parameter like no other": (
        [*MODEL, "--fix", "zzz=1"],
        "allowed: a_amplitude, a_center, a_sigma, c.",
    ),
    "unknown parameter, fix": ([*MODEL, "--fix", "d=1"], "`d` is no parameter"),
    "unknown parameter, tie": (
        [*TWO, "--tie", "b_sigma=a_sgima"],
        "did you mean 'a_sigma'",
    ),
    "not a number": (
        [*MODEL, "--start", "a_center=five"],
        "number, but is 'five'",
    ),
    "complex model of real data": (
        ["-m", "complex_ringdown"],
        "or name two columns of a file as in --y re,im.",
    ),
    "start without value": ([*MODEL, "--start", "a_center"], "takes NAME=VALUE"),
    "start outside the model's bounds": (
        [*MODEL, "--start", "a_sigma=-1"],
        "outside its bounds",
    ),
    "start outside bounds given": (
        [*MODEL, "--start", "a_center=7", "--bounds", "a_center=4:6"],
        "outside its bounds",
    ),
    "lower above upper": (
        [*MODEL, "--bounds", "a_center=6:4"],
        "--bounds a_center goes from 6 to 4",
    ),
    "bounds that are one number": (
        [*MODEL, "--bounds", "a_center=4"],
        "takes a range LOW:HIGH",
    ),
    "fixed and tied": (
        [*TWO, "--fix", "b_sigma=1", "--tie", "b_sigma=a_sigma"],
        "`b_sigma` is fixed, so it can have no tie",
    ),
    "ties in a circle": (
        [*TWO, "--tie", "a_sigma=b_sigma,b_sigma=2*a_sigma"],
        "in a circle: a_sigma -> b_sigma -> a_sigma; free one of them with pf.param(), "
        "or leave out its --tie.",
    ),
    "tie to a number": ([*MODEL, "--tie", "a_sigma=2"], "or --fix a_sigma=2.0"),
    "tie to itself": ([*MODEL, "--tie", "a_sigma=a_sigma"], "in a circle"),
    "tie that imports": (
        [*TWO, "--tie", "b_sigma=__import__('os').system('touch owned')"],
        "is not allowed in the expression",
    ),
    "tie with an attribute": (
        [*TWO, "--tie", "b_sigma=a_sigma.real"],
        "'a_sigma.real' is not allowed",
    ),
    "tie with an index": ([*TWO, "--tie", "b_sigma=a_sigma[0]"], "is not allowed"),
    "unknown loss": ([*MODEL, "--loss", "hubber"], "did you mean 'huber'?"),
    "loss with a wrong constant": ([*MODEL, "--loss", "huber:-1"], "above 0, not -1"),
    "unknown method": ([*MODEL, "--method", "scipy:tfr"], "did you mean 'scipy:trf'"),
    "unknown nan policy": (
        [*MODEL, "--nan", "drop"],
        "--nan must be 'raise' or 'omit', but is 'drop'.",
    ),
    "unknown column": ([*MODEL, "--y", "sginal"], "did you mean 'signal'?"),
    "unknown sigma": ([*MODEL, "--sigma", "error"], "'err'"),
    "empty range": ([*MODEL, "--x-range", "20:30"], "x goes from 0 to 10"),
    "range upside down": ([*MODEL, "--x-range", "6:4"], "--x-range goes from 6 to 4"),
    "fewer points than parameters": (
        [*MODEL, "--x-range", "5:5.15"],
        "--fix name=value.",
    ),
    "dataset of a text file": ([*MODEL, "--dataset", "/a"], "is not an HDF5 file"),
    "output of unknown kind": ([*MODEL, "-o", "fit.txt"], "must end in .h5"),
    "figure of unknown kind": ([*MODEL, "--plot", "fit.bmp"], "must end in .png"),
    "output in no folder": ([*MODEL, "-o", "no/fit.h5"], "folder `no` does not exist"),
    "output twice": (
        [*MODEL, "-o", "a.json", "-o", "b.json", "--plot", "b.json"],
        "must end in .png",
    ),
}


@pytest.mark.parametrize(
    ("arguments", "sentence"), OPTIONS.values(), ids=OPTIONS.keys()
)
def test_a_wrong_option_is_one_sentence(physfit, peak, workplace, arguments, sentence):
    """Unknown names, contradictions, ranges, ties and outputs that cannot be."""
    outcome = physfit("fit", peak, *arguments)
    _refused(outcome, sentence)
    assert [path.name for path in workplace.iterdir()] == [peak]


FILES = {
    "missing": ("no.csv", None, "`no.csv` does not exist"),
    "directory": (".", None, "is a directory"),
    "empty file": ("a.csv", "", "`a.csv` is empty"),
    "header only": ("a.csv", "x,y\n", "a.csv"),
    "no numeric column": ("a.csv", "x,y\na,b\nc,d\n", "no numeric column"),
    "one column": ("a.csv", "x\n1\n2\n3\n", "only one column"),
    "all NaN": ("a.csv", "x,y\n" + "1,nan\n" * 20, "no finite number"),
    "infinite": ("a.csv", "x,y\n" + "1,2\n" * 20 + "1,inf\n", "y[20] = inf"),
    "sigma of 0": ("a.csv", "x,y,err\n" + "1,2,1\n" * 9 + "1,2,0\n", "sigma[9] = 0"),
    "sigma below 0": ("a.csv", "x,y,err\n" + "1,2,-1\n" * 9, "sigma[0] = -1"),
    "negative counts": ("a.csv", "x,y\n" + "1,-2\n" * 9, "y[0] = -2.0"),
    "ragged": ("a.csv", "x,y\n1,2\n3\n4,5\n", "a.csv"),
    "text in numbers": ("a.csv", "x,y\n1,2\n2,oops\n3,4\n", "'oops'"),
    "job without version": ("a.toml", "#", "says no version"),
    "job with an unknown key": (
        "a.toml",
        "version = 1\ndata.fiel = 'a'\n",
        "did you mean 'file'?",
    ),
    "job with values at its start": (
        "a.toml",
        "version = 1\nfit.start = {a_center = 5}\n",
        "[fit]: `start` must be 'random', but is {'a_center': 5}.",
    ),
    "job with a rate below 0": (
        "a.toml",
        "version = 1\nminibatch.learning_rate = -1\n",
        "[minibatch]: `learning_rate` must be finite and above 0, but is -1.",
    ),
    "job with another word": (
        "a.toml",
        "version = 1\noutput.out = 'a.h5'\n",
        "has an unknown key 'out'; did you mean 'result'?",
    ),
    "job that is no TOML": ("a.toml", "version = \n", "is not a TOML file"),
    "truncated HDF5": ("a.h5", "\x89HDF", "a.h5"),
    "truncated NPZ": ("a.npz", "PK\x03\x04oops", "a.npz"),
}


@pytest.mark.parametrize(("name", "text", "sentence"), FILES.values(), ids=FILES.keys())
def test_a_wrong_file_is_one_sentence(physfit, workplace, name, text, sentence):
    """Files that are missing, damaged, or hold no usable numbers."""
    if text is not None:
        (workplace / name).write_bytes(text.encode("latin-1"))
    arguments = (
        ["--loss", "poisson"] if "counts" in sentence or "-2" in sentence else []
    )
    _refused(physfit("fit", name, "-m", "linear", *arguments), sentence)


HDF5 = {
    "a path that is a group": ("scan", "which holds deep/; name one of these with"),
    "a group of columns": ("scan/deep", "holds x; name x and y among them, as with"),
    "a path that is not there": ("scna", "did you mean"),
    "shapes that differ": ("differ", "does not fit together"),
    "no entry to choose": (None, "a.h5"),
}


@pytest.mark.parametrize(("place", "sentence"), HDF5.values(), ids=HDF5.keys())
def test_a_wrong_place_in_a_file_is_one_sentence(physfit, workplace, place, sentence):
    """Paths inside HDF5 that hold no curve."""
    with h5py.File("a.h5", "w") as file:
        file["scan/deep/x"] = np.arange(5.0)
        file["differ/x"], file["differ/y"] = np.arange(5.0), np.arange(6.0)
        file["differ"].attrs.update({"NX_class": "NXdata", "signal": "y", "axes": "x"})
    arguments = [] if place is None else ["--dataset", place]
    _refused(physfit("fit", "a.h5", "-m", "linear", *arguments), sentence)


def test_columns_of_an_archive_that_differ_in_length(physfit, workplace):
    """The sentence names both lengths."""
    np.savez("a.npz", x=np.arange(5.0), y=np.arange(6.0))
    _refused(physfit("fit", "a.npz", "-m", "linear"), "x has 5 values and y has 6")


@pytest.mark.parametrize(
    ("option", "name"), [("-o", "fit.h5"), ("-o", "fit.json"), ("--plot", "fit.png")]
)
def test_an_output_that_exists_is_refused_before_the_fit(
    physfit, workplace, option, name
):
    """The file keeps its content; without `--overwrite` nothing is read or fitted."""
    (workplace / name).write_text("precious")
    outcome = physfit("fit", "no such data.csv", *MODEL, option, name)
    _refused(outcome, f"`{name}` exists; give another path, or replace it with --over")
    assert (workplace / name).read_text() == "precious"


def test_the_data_file_is_never_replaced(physfit, peak, workplace):
    """Not even with `--overwrite`."""
    (workplace / "peak.json").symlink_to(peak)
    outcome = physfit("fit", peak, *MODEL, "-o", "peak.json", "--overwrite")
    _refused(outcome, "would replace the data file")


WRITING = {
    "guess": ["guess", "peak.csv", *MODEL, "--plot"],
    "bootstrap": ["bootstrap", "peak.csv", *MODEL, "--plot"],
    "landscape": ["landscape", "peak.csv", *MODEL, "--plot"],
    "compare": ["compare", "peak.csv", *MODEL, "--plot"],
    "fit": ["fit", "peak.csv", *MODEL, "--plot"],
    "fit-many": ["fit-many", "peak.csv", *MODEL, "-o"],
    "job file": ["fit", "job.toml", "--plot"],
}


@pytest.mark.parametrize("command", WRITING)
def test_no_command_replaces_what_it_reads(physfit, peak, workplace, command):
    """Data and job file, by a hard link of another name."""
    job = "version = 1\n[data]\nfile = 'peak.csv'\n[model]\nexpression = 'gaussian'\n"
    (workplace / "job.toml").write_text(job)
    read = WRITING[command][1] if "job.toml" in WRITING[command] else "peak.csv"
    ending = ".h5" if command == "fit-many" else ".png"
    (workplace / f"o{ending}").hardlink_to(workplace / read)
    before = (workplace / read).read_bytes()
    outcome = physfit(*WRITING[command], f"o{ending}", "--overwrite")
    _refused(outcome, f"would replace the data file `{read}`")
    assert (workplace / read).read_bytes() == before


def test_one_path_for_two_outputs_is_refused(physfit, peak, workplace):
    """Result and figure need two files."""
    (workplace / "b.png").touch()
    (workplace / "a.json").symlink_to("b.png")
    outcome = physfit(
        "fit", peak, *MODEL, "-o", "a.json", "--plot", "b.png", "--overwrite"
    )
    _refused(outcome, "-o and --plot both name")


def test_a_failed_fit_leaves_no_output(physfit, peak, workplace):
    """An error found after the outputs were checked leaves nothing behind."""
    outcome = physfit("fit", peak, *MODEL, "-o", "a.h5", "--plot", "a.png", "--y", "no")
    _refused(outcome, "no column 'no'")
    assert [path.name for path in workplace.iterdir()] == [peak]


def test_a_figure_that_fails_leaves_no_result(
    physfit, peak, workplace, monkeypatch: pytest.MonkeyPatch
):
    """Result and figure are written together or not at all."""
    from matplotlib.figure import Figure

    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", broken)
    outcome = physfit("fit", peak, *MODEL, "-o", "a.h5", "--plot", "a.png")
    assert (outcome.code, "No space left on device" in outcome.err) == (1, True)
    assert [path.name for path in workplace.iterdir()] == [peak]


@pytest.mark.parametrize("name", ["fit.json", "fit.h5"])
def test_a_result_of_a_future_version_is_refused(physfit, peak, workplace, name):
    """The sentence says which version is known."""
    assert physfit("fit", peak, *MODEL, "-o", name).code == 0
    path = workplace / name
    if name.endswith(".json"):
        path.write_text(path.read_text().replace('"version": 2', '"version": 99', 1))
    else:
        with h5py.File(path, "r+") as file:
            file.attrs["physfit_version"] = 99
    _refused(physfit("show", name), "has version 99")


@pytest.mark.parametrize("name", ["fit.json", "fit.h5"])
def test_a_truncated_result_is_refused(physfit, peak, workplace, name):
    """Half a file is no result."""
    assert physfit("fit", peak, *MODEL, "-o", name).code == 0
    path = workplace / name
    path.write_bytes(path.read_bytes()[:500])
    _refused(physfit("show", name), "truncated")


COMMANDS = {
    "unknown command": (["ffit"], "did you mean 'fit'?"),
    "no command of the cache": (["cache"], "missing command"),
    "unknown command of the cache": (["cache", "wram"], "did you mean 'cache warm'"),
    "unknown model to show": (["models", "voight"], "did you mean 'voigt'?"),
    "too many arguments": (["models", "voigt", "linear"], "unexpected extra argument"),
    "no data": (["fit"], "missing argument DATA"),
    "no output": (["shuffle", "a.h5"], "--output FILE is missing."),
    "command by half": (["cach", "info"], "did you mean 'cache'?"),
    "option of no command": (
        ["--hlep"],
        "no such option --hlep; did you mean '--help'",
    ),
    "option of another command": (
        ["status", "a.h5", "--seed", "1"],
        "no such option --seed; allowed: --format, --json, --output, --overwrite",
    ),
    "unknown method to compare": (
        ["compare", "peak.csv", *MODEL, "--methods", "lm,scipy:slqp"],
        "'scipy:slqp'",
    ),
    "missing result": (["show", "no.h5"], "`no.h5` does not exist"),
    "table of another kind": (
        ["merge", "no.h5", "-o", "no.xls"],
        "-o `no.xls` must end in .csv or .parquet for a table, or in .h5",
    ),
    "missing result of a page": (
        ["show", "no.h5", "-o", "page"],
        "`no.h5` does not exist",
    ),
    "result of another kind": (["show", "peak.csv"], "must end in"),
    "simulate without model": (
        ["simulate", "--x", "0:1:5"],
        "names no model; add one such as --model",
    ),
    "simulate without values": (
        ["simulate", "-m", "linear", "--x", "0:1:5"],
        "add --truth slope=VALUE,intercept=VALUE.",
    ),
    "simulate, unknown parameter": (
        ["simulate", "-m", "linear", "--x", "0:1:5", "-p", "slop=1"],
        "did you mean 'slope'?",
    ),
    "simulate, both noises": (
        ["simulate", "-m", "constant", "--x", "0:1:5", "--sigma", "1", "--poisson"],
        "exclude each other",
    ),
    "simulate, noise of 0": (
        ["simulate", "-m", "constant", "--x", "0:1:5", "-p", "c=1", "--sigma", "0"],
        "--sigma must be finite and above 0, but is 0",
    ),
    "simulate, seed below 0": (
        ["simulate", "-m", "constant", "--x", "0:1:5", "-p", "c=1", "--seed", "-1"],
        "--seed must be a whole number of at least 0, but is -1",
    ),
    "simulate, seed that is no number": (
        ["simulate", "-m", "constant", "--x", "0:1:5", "-p", "c=1", "--seed", "x"],
        "--seed",
    ),
    "simulate, counts below 0": (
        ["simulate", "-m", "constant", "--x", "0:1:5", "-p", "c=-1", "--poisson"],
        "at least 0, but it is -1",
    ),
    "simulate, complex counts": (
        [
            *("simulate", "-m", "complex_ringdown", "--x", "0:1:5", "--poisson"),
            *("-p", "amplitude=1,frequency=1,rate=1,phase=0"),
        ],
        "the model is complex",
    ),
    "simulate, outside the domain": (
        [
            *("simulate", "-m", "gaussian", "--x", "0:1:5"),
            *("-p", "amplitude=1,center=0,sigma=0"),
        ],
        "not finite at x = 0",
    ),
    "simulate, wrong grid": (
        ["simulate", "-m", "constant", "--x", "0:1", "-p", "c=1"],
        "START:STOP:COUNT",
    ),
    "simulate, wrong kind of file": (
        ["simulate", "-m", "constant", "--x", "0:1:5", "-p", "c=1", "-o", "a.h5"],
        "must end in .csv",
    ),
    "simulate, file that exists": (
        ["simulate", "-m", "constant", "--x", "0:1:5", "-p", "c=1", "-o", "peak.csv"],
        "`peak.csv` exists",
    ),
}


@pytest.mark.parametrize(
    ("arguments", "sentence"), COMMANDS.values(), ids=COMMANDS.keys()
)
def test_a_wrong_command_is_one_sentence(physfit, peak, arguments, sentence):
    """Usage errors end with 1, as input errors do."""
    _refused(physfit(*arguments), sentence)


def _refused(outcome, sentence):
    """Exit code 1, nothing on stdout, and exactly one error, in one line."""
    assert (outcome.code, outcome.out) == (1, "")
    *notes, error = outcome.err.splitlines()
    assert error.startswith("physfit: error: ")
    assert sentence in error
    assert error.endswith((".", "?"))
    assert not error.endswith("..")
    assert all(note.startswith("physfit: ") for note in notes)
    assert "error" not in "".join(notes)


def test_a_disk_that_is_full_costs_the_file_and_not_the_answer(
    physfit, peak, workplace, monkeypatch: pytest.MonkeyPatch
):
    """The report is printed all the same, then comes the sentence."""

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    outcome = physfit("fit", peak, *MODEL, "-o", "a.json", "-q")
    assert outcome.code == 1
    assert "a_center" in outcome.out
    assert outcome.err.endswith("No space left on device; nothing was left there.\n")
    assert [path.name for path in workplace.iterdir()] == [peak]
