"""Runs that are interrupted and go on: bit by bit, or refused with the difference."""

from __future__ import annotations

import importlib.util
import sys

import h5py
import numpy as np
import pytest

from physfit import Hdf5Source, Stop, bounds, fit, optimizers, schedules
from physfit.data.files.checkpoint import load_checkpoint, previous_of, save_checkpoint
from physfit.engine.descent import DescentState as State
from physfit.errors import DataError, InputError, PhysfitError
from physfit.fitting import minibatch
from physfit.fitting.resuming import FORMER
from physfit.models import Gaussian, Linear
from physfit.optim.base import chain
from physfit.optim.transforms import scale_by_rate
from physfit.result import FitResult

N = 20_000
MODEL = Gaussian() + Linear()
TRUTH = {"amplitude": 10.0, "center": 5.0, "sigma": 0.8, "slope": 0.1, "intercept": 1.0}
SETTINGS = {
    "method": "adam",
    "batch_size": 150,
    "epochs": 4,
    "seed": 3,
    "memory": 1 << 20,
    "tolerance": 0.0,
    "learning_rate": "inverse_sqrt:0.02",
    "start": {"amplitude": 9, "center": 4.9, "sigma": 0.7, "slope": 0, "intercept": 2},
}


def write(path, seed=1, nan=()):
    """A file of rows (x, y, sigma) in gzip chunks."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.0, 10.0, N)
    sigma = rng.uniform(0.1, 0.3, N)
    rows = np.stack([x, MODEL(x, **TRUTH) + sigma * rng.normal(size=N), sigma], 1)
    rows[list(nan), 1] = np.nan
    with h5py.File(path, "w") as file:
        file.create_dataset("d", data=rows, chunks=(500, 3), compression="gzip")
    return path


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The file that all runs here take."""
    return write(tmp_path_factory.mktemp("rows") / "rows.h5")


class Stopped(Exception):
    """Ends a run from its progress callback."""


def stopper(windows, error):
    """Progress callback that raises at that window."""
    seen = []

    def told(progress):
        seen.append(progress)
        if len(seen) == windows:
            raise error

    return told


def run(data, **options) -> FitResult:
    return fit(MODEL, str(data), **(SETTINGS | options))


def same(found: FitResult, reference: FitResult) -> bool:
    """Whether all but times is the same to the last bit."""
    ours, theirs = found.history, reference.history
    return (
        np.array_equal(found.solution.theta, reference.solution.theta)
        and np.array_equal(found.covariance, reference.covariance)
        and found.status is reference.status
        and found.n_steps == reference.n_steps
        and found.distance == reference.distance
        and all(
            np.array_equal(getattr(ours, name), getattr(theirs, name))
            for name in ours._fields
            if name != "seconds"
        )
    )


@pytest.mark.parametrize("window", [1, 2, 6, 10])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"sampler": "with_replacement"},
        {"method": "momentum", "averaged": False},
        {"tolerance": 0.3, "epochs": 40},
    ],
    ids=["adam", "with replacement", "momentum", "until at rest"],
)
def test_an_interrupted_run_ends_like_one_that_was_not(tmp_path, data, window, options):
    """Ctrl-C at any window, then resume: parameters, history, errors bit by bit."""
    kept = {"checkpoint": tmp_path / "run.ckpt", "checkpoint_every": 1e9}
    with pytest.raises(KeyboardInterrupt):
        run(data, progress=stopper(window, KeyboardInterrupt), **kept, **options)
    resumed = run(data, **kept, resume=True, **options)
    reference = run(data, **options)
    assert same(resumed, reference)
    assert (np.diff(resumed.history.seconds) >= 0.0).all()


def test_a_run_can_be_interrupted_again_and_again(tmp_path, data):
    """Three interruptions change nothing."""
    kept = {"checkpoint": tmp_path / "run.ckpt"}
    for window in (3, 2, 5):
        with pytest.raises(Stopped):
            run(data, progress=stopper(window, Stopped()), resume=True, **kept)
    assert same(run(data, resume=True, **kept), run(data))


def test_a_finished_run_is_resumed_at_once(tmp_path, data):
    """Its checkpoint stays, and leads to the same result without a step."""
    kept = {"checkpoint": tmp_path / "run.ckpt", "resume": True}
    first = run(data, **kept)
    assert (tmp_path / "run.ckpt").exists()
    seen = []
    assert same(run(data, **kept, progress=seen.append), first)
    assert seen == []


def test_threads_may_change_between(tmp_path, data):
    """The number of threads does not matter for what comes out."""
    kept = {"checkpoint": tmp_path / "run.ckpt", "resume": True}
    with pytest.raises(Stopped):
        run(data, progress=stopper(4, Stopped()), threads=1, **kept)
    assert same(run(data, threads=3, **kept), run(data))


def test_an_interruption_in_the_final_pass_loses_nothing(tmp_path, data, monkeypatch):
    """The descent is over and kept by then."""
    kept = {"checkpoint": tmp_path / "run.ckpt", "resume": True}
    real = minibatch.assessed

    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(minibatch, "assessed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(data, **kept)
    monkeypatch.setattr(minibatch, "assessed", real)
    seen = []
    assert same(run(data, **kept, progress=seen.append), run(data))
    assert seen == []


def test_a_damaged_checkpoint_falls_back_to_the_one_before(tmp_path, data):
    """Two generations are kept; the older one leads to the same end."""
    path = tmp_path / "run.ckpt"
    with pytest.raises(Stopped):
        run(
            data,
            progress=stopper(5, Stopped()),
            checkpoint=path,
            checkpoint_every=0.0,
        )
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2 :] = bytes(len(damaged) - len(damaged) // 2)
    path.write_bytes(damaged)
    assert load_checkpoint(previous_of(path)) is not None
    with pytest.warns(UserWarning, match=r"is used instead"):
        resumed = run(data, checkpoint=path, resume=True)
    assert same(resumed, run(data))


def test_a_bad_row_keeps_what_was_done(tmp_path, monkeypatch):
    """The run ends with the number of the row; what came before is kept."""
    monkeypatch.setattr("physfit.fitting.fit_plan.SAMPLE", 640)
    bad = write(tmp_path / "rows.h5", nan=(12_345,))
    kept = {"checkpoint": tmp_path / "run.ckpt", "checkpoint_every": 0.0}
    with pytest.raises(PhysfitError, match="`y` of row 12345 of"):
        run(bad, sampler="sequential", **kept)
    record = load_checkpoint(tmp_path / "run.ckpt")
    assert (record["epoch"], record["window"] > 0) == (0, True)


CHANGES = {
    "seed": {"seed": 4},
    "batch_size": {"batch_size": 151},
    "epochs": {"epochs": 5},
    "learning_rate": {"learning_rate": 0.02},
    "optimizer": {"method": "rmsprop"},
    "nan": {"nan": "omit"},
    "sampler": {"sampler": "sequential"},
    "scaling": {"scaling": "magnitude"},
    "averaged": {"averaged": False},
    "tolerance": {"tolerance": 0.2},
    "memory": {"memory": 1 << 21},
    "max_steps": {"max_steps": 1000},
    "loss": {"loss": "huber"},
    "start": {"start": {"center": 5.1}},
}


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory, data):
    """A checkpoint in the middle of a run."""
    path = tmp_path_factory.mktemp("kept") / "run.ckpt"
    with pytest.raises(Stopped):
        run(data, progress=stopper(3, Stopped()), checkpoint=path)
    return path


@pytest.mark.parametrize("name", CHANGES)
def test_other_settings_are_refused_by_name(data, interrupted, name):
    """One sentence: what differs, what it was, what it is, what to do."""
    before = interrupted.read_bytes()
    with pytest.raises(DataError) as told:
        run(data, checkpoint=interrupted, resume=True, **CHANGES[name])
    sentence = str(told.value)
    assert "belongs to another run: its " in sentence
    if name not in ("optimizer",):  # there its code differs as well
        assert f"its {name} was " in sentence
    assert sentence.endswith("or begin anew with another checkpoint.")
    assert interrupted.read_bytes() == before


def test_a_checkpoint_with_former_names_is_gone_on_with(data, interrupted):
    """Settings were told in other words before."""
    path = interrupted.with_name("earlier.ckpt")
    record = load_checkpoint(interrupted)
    marks = record["run"]
    for before, now in FORMER.items():
        if now in marks:
            marks[before] = marks.pop(now)
    save_checkpoint(path, record)
    assert run(data, checkpoint=path, resume=True).values == run(data).values


def test_another_model_is_refused(data, interrupted):
    """By its expression, or by a bound of a parameter."""
    options = SETTINGS | {"checkpoint": interrupted, "resume": True}
    with pytest.raises(DataError, match="its model was 'gaussian"):
        fit(Gaussian() + Linear() + Gaussian("b_"), str(data), **options)
    with pytest.raises(DataError, match=r"its parameter center was .{,90}, but now is"):
        fit(MODEL.where(center=bounds(4.0, 6.0)), str(data), **options)


def test_other_data_are_refused(tmp_path, data, interrupted):
    """A file of the same name and shape with other rows."""
    other = write(tmp_path / "rows.h5", seed=2)
    with pytest.raises(DataError, match="belongs to another run: its data "):
        run(other, checkpoint=interrupted, resume=True)


def test_an_existing_checkpoint_is_not_overwritten(data, interrupted):
    """Without `resume` a run that was interrupted is not lost."""
    before = interrupted.read_bytes()
    with pytest.raises(DataError, match="is the checkpoint of a run; go on from it"):
        run(data, checkpoint=interrupted)
    assert interrupted.read_bytes() == before


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("missing/run.ckpt", "does not exist; create it first"),
        (".", "is a directory; give a file inside"),
    ],
)
def test_a_checkpoint_that_cannot_be_written_is_refused_first(
    tmp_path, data, place, sentence
):
    """Before the first row is read, not after the first interval."""
    seen = []
    with pytest.raises(DataError, match=sentence):
        run(data, checkpoint=tmp_path / place, progress=seen.append)
    assert seen == []


def test_another_kind_of_file_is_no_checkpoint(tmp_path, data):
    """The data file, for instance, is neither read nor replaced."""
    before = data.read_bytes()
    with pytest.raises(PhysfitError):
        run(data, checkpoint=data, resume=True)
    assert data.read_bytes() == before


def test_resume_without_a_checkpoint_is_refused(data):
    """There is no file to go on from."""
    with pytest.raises(InputError, match="give `checkpoint` its path"):
        run(data, resume=True)


TRANSFORM = """
from physfit.optim.base import transform
from physfit.engine.roles import routine


@routine
def bent(value):
    return value * {factor}


@transform()
def half(step):
    return bent(step)
"""


def own_transform(path, factor):
    """A transform of a user's module, which is written anew."""
    path.write_text(TRANSFORM.format(factor=factor))
    spec = importlib.util.spec_from_file_location("users_own", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["users_own"] = module
    spec.loader.exec_module(module)
    return chain(module.half(), scale_by_rate(), name="own")


def test_an_edited_transform_is_refused(tmp_path, data):
    """A function that it calls was changed: same name and numbers, another run."""
    kept = {"checkpoint": tmp_path / "run.ckpt", "resume": True}
    first = own_transform(tmp_path / "first.py", 0.5)
    with pytest.raises(Stopped):
        run(data, method=first, progress=stopper(2, Stopped()), **kept)
    same_code = own_transform(tmp_path / "second.py", 0.5)
    run(data, method=same_code, **kept)
    edited = own_transform(tmp_path / "third.py", 0.25)
    assert repr(edited.transforms) == repr(first.transforms)
    with pytest.raises(DataError, match="its code of half was"):
        run(data, method=edited, **kept)


def test_a_run_by_another_function_of_the_step_is_refused(tmp_path, data):
    """The checkpoint knows a function by its name and by what it computes."""
    kept = {"checkpoint": tmp_path / "run.ckpt", "resume": True}
    with pytest.raises(Stopped):
        run(data, learning_rate=falling(0.02), progress=stopper(3, Stopped()), **kept)
    with pytest.raises(DataError, match="its code of learning_rate was '"):
        run(data, learning_rate=falling(0.03), **kept)
    with pytest.raises(DataError, match="its code of learning_rate was '"):
        run(data, learning_rate=0.02, **kept)
    found = run(data, learning_rate=falling(0.02), **kept)
    assert same(found, run(data, learning_rate=falling(0.02)))


def falling(rate):
    """A function that encloses its rate."""
    return lambda t: rate / t**0.5


def test_a_source_and_its_path_are_the_same_data(tmp_path, data):
    """A run begun on a path goes on from a source with the same columns."""
    kept = {"checkpoint": tmp_path / "run.ckpt", "resume": True}
    with pytest.raises(Stopped):
        run(data, progress=stopper(3, Stopped()), **kept)
    with Hdf5Source(data) as source:
        assert same(fit(MODEL, source, **SETTINGS, **kept), run(data))


def test_the_parts_of_a_fit_in_passes_are_not_those_of_a_run(data):
    """`lm` over a file takes no checkpoint: it is done in ten passes."""
    with pytest.raises(InputError, match="`checkpoint` is for"):
        fit(MODEL, str(data), method="lm", checkpoint="x.ckpt", stop=Stop())
    for method in ("lm", "gauss_newton"):
        with (
            Hdf5Source(data) as source,
            pytest.raises(InputError, match="`checkpoint` is for methods on mini"),
        ):
            fit(MODEL, source, method=method, checkpoint="x.ckpt")


def test_recipes_by_name_and_by_object_are_one(tmp_path, data):
    """The chain decides, not how it was called."""
    kept = {"checkpoint": tmp_path / "run.ckpt", "resume": True}
    with pytest.raises(Stopped):
        run(data, progress=stopper(3, Stopped()), **kept)
    own = {"method": optimizers.adam(), "learning_rate": schedules.inverse_sqrt(0.02)}
    assert same(run(data, **own, **kept), run(data))


def _at(place, value):
    def change(record):
        record["state"][place] = value

    return change


def _put(name, value):
    return lambda record: record.__setitem__(name, value)


FORGED = {
    "converged": (_put("status", 1), "its status 1 is none that its run can have"),
    "steps": (_at(State.t, 1e6), "steps do not fit"),
    "half a step": (_at(State.t, 10.5), "steps do not fit"),
    "negative steps": (_at(State.t, -1.0), "steps do not fit"),
    "rows": (_at(State.n_seen, 1e9), "steps do not fit"),
    "open batch": (_at(State.count, -3.0), "steps do not fit"),
    "records": (_at(State.n_records, 1e9), "records instead of 1000000000"),
    "no number": (
        _at(State.n_records, np.nan),
        "number of records is out of range",
    ),
    "status of the loop": (
        _at(State.status, 77.0),
        "none that its run can have",
    ),
    "limit of steps": (_at(State.max_steps, 10.0), "its limit of steps is 10"),
    "size of the loss": (
        _at(State.loss_size, 1e-9),
        "its size of the loss is 1e-09",
    ),
    "parameters": (_at(State.SIZE + 5, 99.0), "differ between their two units"),
    "scales": (_at(State.SIZE + 10, 99.0), "its scales are others"),
    "lower bound": (_at(State.SIZE + 15, 99.0), "its lower bounds are others"),
    "the end": (lambda r: r.update(epoch=4, window=0), "steps do not fit"),
    "past the end": (_put("epoch", 5), "steps do not fit"),
    "other epoch": (_put("epoch", 1), "steps do not fit"),
    "beyond the windows": (_put("window", 10**6), "but there are"),
    "negative window": (_put("window", -1), "'window' is wrong"),
    "not there": (lambda record: record.pop("state"), "no entry 'state'"),
    "text": (_put("epoch", "2"), "'epoch' is wrong"),
    "short": (lambda r: r.update(state=r["state"][:-1]), "numbers instead of"),
    "no fingerprint": (_put("run", {}), "belongs to another run"),
}


@pytest.mark.parametrize(("change", "words"), FORGED.values(), ids=FORGED.keys())
def test_a_state_that_cannot_be_of_this_run_is_refused(tmp_path, data, change, words):
    """By the name of what does not fit, though its checksum is right."""
    path = tmp_path / "run.ckpt"
    with pytest.raises(Stopped):
        run(data, progress=stopper(2, Stopped()), checkpoint=path)
    record = load_checkpoint(path)
    change(record)
    save_checkpoint(path, record)
    with pytest.raises(DataError) as caught:
        run(data, checkpoint=path, resume=True)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
