"""`physfit compare` with methods on minibatches, figures and large files."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

MODEL = "gaussian + constant"


def test_first_order_methods_with_settings(physfit, peak):
    """Commas separate methods, and settings within one; options are those of all."""
    outcome = physfit(
        *("compare", peak, "-m", MODEL, "--batch-size", "50", "--epochs", "200"),
        *("--learning-rate", "inverse_sqrt:0.02", "--seed", "3", "--json"),
        *("--methods", "lm,adam:beta1=0.8,beta2=0.99,sgd,scipy:l-bfgs-b"),
    )
    rows = outcome.json["rows"]
    is_near = [row["distance"] < 0.3 for row in rows]
    assert outcome.code == (0 if all(is_near) else 4)
    assert [row["method"] for row in rows] == [
        *("lm", "adam:beta1=0.8,beta2=0.99", "sgd"),
        *("scipy:l-bfgs-b", "scipy:l-bfgs-b"),
    ]
    assert [row["batch_size"] for row in rows] == [None, 50, 50, None, None]
    # 2 batches of 50 and one of a single row, 200 times.
    assert rows[2]["n_evals"] <= 201


@pytest.mark.parametrize(
    ("name", "magic"),
    [("paths.png", b"\x89PNG"), ("paths.svg", b"<?xml")],
)
def test_the_figure_is_written(physfit, peak, workplace, name, magic):
    """`--plot` writes it, and says so on stderr."""
    outcome = physfit("compare", peak, "-m", MODEL, "--methods", "lm", "--plot", name)
    assert outcome.code == 0
    assert (workplace / name).read_bytes().startswith(magic)
    assert f"wrote `{name}`" in outcome.err


def test_a_figure_is_replaced_only_with_overwrite(physfit, peak, workplace):
    """Refused before any method runs; replaced with the option."""
    (workplace / "paths.png").write_bytes(b"mine")
    words = ("compare", peak, "-m", MODEL, "--methods", "lm", "--plot", "paths.png")
    outcome = physfit(*words)
    assert (outcome.code, outcome.out) == (1, "")
    assert "`paths.png` exists" in outcome.err
    assert (workplace / "paths.png").read_bytes() == b"mine"
    assert physfit(*words, "--overwrite").code == 0
    assert (workplace / "paths.png").read_bytes().startswith(b"\x89PNG")


def test_random_starts(physfit, peak):
    """Drawn by the seed, the same for all methods: the first point of their paths."""

    def distances(seed):
        rows = physfit(
            *("compare", peak, "-m", MODEL, "--methods", "lm,gauss_newton", "--json"),
            *("--start", "random", "--seed", seed),
            *("--bounds", "amplitude=8:12,center=4.5:5.5,sigma=0.5:1.5,c=0:2"),
        ).json["rows"]
        first = [row["path"]["distance"][0] for row in rows]
        assert first[0] == pytest.approx(first[1])
        return first[0]

    assert distances(1) == distances(1) != distances(2)


def test_large_files_are_read_row_by_row(physfit, workplace):
    """With methods that can; scipy is refused in one sentence."""
    rng = np.random.default_rng(4)
    x = rng.uniform(0.0, 10.0, 100_000)
    y = 2.0 * x + 1.0 + 0.1 * rng.standard_normal(x.size)
    with h5py.File("line.h5", "w") as file:
        file["rows"] = np.stack([x, y, np.full(x.size, 0.1)], axis=1)
    words = ("compare", "line.h5", "-m", "linear", "--memory", "1")
    outcome = physfit(*words, "--methods", "lm,gauss_newton,adam", "--json")
    assert outcome.code == 0
    assert outcome.json["reference"]["referee"].startswith("lm over all rows")
    assert outcome.json["n_samples"] == 100_000
    assert "100000 rows" in outcome.err
    outcome = physfit(*words, "--methods", "lm,scipy:lm")
    assert (outcome.code, outcome.out) == (1, "")
    assert "`scipy:lm` needs all rows in memory" in outcome.err


def test_a_job_file_gives_the_settings(physfit, peak, workplace):
    """Its batches are taken; method, outputs and checkpoint are those of its fit."""
    (workplace / "job.toml").write_text(
        'version = 1\ndata.file = "peak.csv"\n'
        'model.expression = "gaussian + constant"\nfit.method = "adam"\n'
        'output.result = "fit.h5"\n'
        'minibatch = {batch_size = 25, checkpoint = "run.ckpt"}\n'
    )
    outcome = physfit("compare", "job.toml", "--methods", "lm,adam", "--json")
    assert outcome.code == 0
    assert [row["batch_size"] for row in outcome.json["rows"]] == [None, 25]
    assert sorted(path.name for path in workplace.iterdir()) == ["job.toml", "peak.csv"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--methods", "lm,adm"], "--methods names 'adm', which is unknown"),
        (["--methods", "lm,lm"], "--methods names 'lm' twice"),
        (["--methods", ","], "--methods takes names separated by commas"),
        (["--methods", "lm", "--epochs", "3"], "--epochs is for methods on minibatch"),
        (["--methods", "adam", "--batch-size", "500"], "--batch-size is 500, but the"),
        (["--methods", "lm", "--plot", "a.jpg"], "--plot `a.jpg` must end in .png"),
    ],
)
def test_what_cannot_be_is_one_sentence(physfit, peak, words, sentence):
    """Exit code 1, nothing on stdout, one error."""
    outcome = physfit("compare", peak, "-m", MODEL, *words)
    assert (outcome.code, outcome.out) == (1, "")
    assert sentence in outcome.err.splitlines()[-1]
