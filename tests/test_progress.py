"""Bars appear where somebody watches, late, and leave nothing behind."""

from __future__ import annotations

import io
import sys
import time
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit import progress
from physfit.errors import InputError
from physfit.many_fits import replicas
from physfit.many_fits.progress import ManyProgress
from physfit.progress import (
    counted,
    draws_bar,
    lines,
    pace_of_fit,
    pace_of_rows,
    progress_bar,
)
from physfit.solve.base import Progress

X = np.linspace(0.0, 10.0, 201)
Y = pf.models.Gaussian()(X, amplitude=5.0, center=5.0, sigma=1.0)
PEAK = pf.models.Gaussian()
START = {"amplitude": 4.0, "center": 4.5, "sigma": 1.3}
TRUTH = {"amplitude": 5.0, "center": 5.0, "sigma": 1.0}
WIGGLES = 0.1 * np.random.default_rng(1).standard_normal(X.size)


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def watched(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Stderr as a terminal, 100 columns wide.

    No fixture: pytest puts its own stderr back between the set-up and the test.
    """
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    return stream


class Handle:
    """What `display` gives back; it keeps what was shown."""

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []

    def __call__(self, data, *, raw, display_id):
        """Show for the first time."""
        assert raw
        assert display_id is True
        self.shown.append(data)
        return self

    def update(self, data, *, raw):
        """Show in its place."""
        assert raw
        self.shown.append(data)


def notebook(monkeypatch: pytest.MonkeyPatch) -> Handle:
    """A cell of a notebook, by what IPython has in one."""
    handle, shell = Handle(), SimpleNamespace(kernel=object())
    ipython = SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    inner = SimpleNamespace(display=handle)
    monkeypatch.setitem(sys.modules, "IPython.display", inner)
    return handle


def bar(**how):
    """The bar of a fit that begins now."""
    return progress_bar("fitting", pace_of_fit(), **how)


def test_no_bar_where_nobody_watches(capsys):
    """Without a terminal there is no callback, so a fit runs in one go."""
    with bar() as callback:
        assert callback is None
    assert capsys.readouterr().err == ""


def test_no_bar_where_none_is_wanted(monkeypatch):
    """On a terminal neither."""
    watched(monkeypatch)
    with bar(is_wanted=False) as callback:
        assert callback is None


def test_a_short_fit_shows_no_bar(monkeypatch):
    """What ends within half a second prints nothing."""
    monkeypatch.setattr(progress, "BAR_DELAY", 60.0)
    terminal = watched(monkeypatch)
    with bar() as callback:
        callback(Progress(1, 500, 12.5, np.zeros(2)))
    assert terminal.getvalue() == ""


def test_a_long_fit_shows_step_and_cost(monkeypatch):
    """After the delay the bar tells the step and the cost."""
    terminal = watched(monkeypatch)
    monkeypatch.setattr(progress, "BAR_DELAY", 0.01)
    with bar() as callback:
        callback(Progress(7, 500, 12.5, np.zeros(2)))
        deadline = time.monotonic() + 60.0
        while "cost" not in terminal.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    assert "step 7, cost 12.5" in terminal.getvalue()


def test_a_bar_inside_of_another_raises_nothing(monkeypatch):
    """Newer versions of rich show both, older ones that which began first."""
    watched(monkeypatch)
    monkeypatch.setattr(progress, "BAR_DELAY", 0.0)
    with bar() as outer, bar() as callback:
        callback(Progress(7, 500, 12.5, np.zeros(2)))
        outer(Progress(8, 500, 12.5, np.zeros(2)))


def test_an_error_inside_goes_through(monkeypatch):
    """The bar is taken down and the error stays what it was."""
    watched(monkeypatch)
    with pytest.raises(KeyboardInterrupt), bar():
        raise KeyboardInterrupt


def test_a_notebook_shows_an_element_of_html(monkeypatch):
    """Below the cell, without widgets; texts are escaped, and it goes at the end."""
    monkeypatch.setattr(progress, "BAR_DELAY", 0.0)
    monkeypatch.setattr(progress, "CELL_DELAY", 0.0)
    handle = notebook(monkeypatch)
    with progress_bar("<fits>", counted()) as callback:
        callback(1, 4)
        callback(2, 4, "<b>")
    first, second, last = handle.shown
    assert first["text/plain"] == "<fits> 25 %: 1 of 4"
    element = '&lt;fits&gt; <progress value="250" max="1000"></progress> 1 of 4'
    assert first["text/html"] == element
    assert second["text/html"].endswith(" &lt;b&gt;")
    assert last == {"text/plain": ""}


def test_a_notebook_shows_short_jobs_nothing(monkeypatch):
    """As a terminal."""
    monkeypatch.setattr(progress, "BAR_DELAY", 60.0)
    handle = notebook(monkeypatch)
    with progress_bar("fits", counted()) as callback:
        callback(1, 4)
    assert handle.shown == []


def test_a_notebook_is_not_told_of_every_step(monkeypatch):
    """Each message takes longer than a step."""
    monkeypatch.setattr(progress, "BAR_DELAY", 0.0)
    monkeypatch.setattr(progress, "CELL_DELAY", 60.0)
    handle = notebook(monkeypatch)
    with progress_bar("fits", counted()) as callback:
        callback(1, 4)
        callback(2, 4)
    assert handle.shown == []


def shuffled(folder, **how):
    """A file shuffled into another."""
    with h5py.File(folder / "rows.h5", "w") as file:
        file["x"] = X
    return pf.shuffle_file(folder / "rows.h5", folder / "out.h5", overwrite=True, **how)


DOORS = {
    "fit": lambda _, **how: pf.fit(PEAK, X, Y, sigma=0.1, **how),
    "minibatches": lambda _, **how: pf.fit(
        PEAK, X, Y, sigma=0.1, start=START, method="adam", epochs=2, **how
    ),
    "fit_many": lambda _, **how: pf.fit_many(PEAK, X, [Y, Y], sigma=0.1, **how),
    "multistart": lambda _, **how: pf.multistart(PEAK, X, Y, n_starts=4, **how),
    "landscape": lambda _, **how: pf.landscape(
        PEAK, X, Y, over="center", points=9, **how
    ),
    "find_rate": lambda _, **how: pf.find_rate(
        PEAK, X, Y, start=START, per_decade=1, steps=2, **how
    ),
    "sweep": lambda _, **how: pf.sweep(
        PEAK, X, Y, start=START, vary={"beta1": [0.0]}, epochs=1, **how
    ),
    "shuffle_file": shuffled,
    "bootstrap": lambda _, **how: pf.bootstrap(
        pf.fit(PEAK, X, Y + WIGGLES, start=START), 8, **how
    ),
    "toys": lambda _, **how: pf.toys(PEAK, X, TRUTH, sigma=0.1, n=8, **how),
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_draws_a_bar_for_true(door, tmp_path, monkeypatch):
    """And none for False, nor for None; a function is called as ever."""
    monkeypatch.setattr(progress, "BAR_DELAY", 0.0)
    monkeypatch.setattr(progress, "CELL_DELAY", 0.0)
    handle = notebook(monkeypatch)
    DOORS[door](tmp_path, progress=False)
    DOORS[door](tmp_path, progress=None)
    assert handle.shown == []
    seen = []
    DOORS[door](tmp_path, progress=lambda *state: seen.append(state))
    assert seen
    assert handle.shown == []
    DOORS[door](tmp_path, progress=True)
    assert "<progress" in handle.shown[0]["text/html"]
    assert handle.shown[-1] == {"text/plain": ""}


def test_data_sets_are_counted_over_all_blocks(monkeypatch):
    """What is done never falls back to the rows of one block."""
    monkeypatch.setattr(replicas, "BLOCK_BYTES", 1)
    seen = []
    pf.toys(PEAK, X, TRUTH, sigma=0.1, n=20_000, progress=seen.append)
    done = [state.n_done for state in seen]
    assert done == sorted(done)
    assert done[-1] > 10_000
    assert {state.n_rows for state in seen} == {20_000}


@pytest.mark.parametrize("door", DOORS)
def test_what_is_no_callback_is_refused(door, tmp_path):
    """In one sentence, which says what may stand there."""
    sentence = "`progress` must be True for a bar, or a function that takes a "
    with pytest.raises(InputError, match=sentence):
        DOORS[door](tmp_path, progress="yes")


def test_a_fit_behind_a_bar_is_the_same(monkeypatch):
    """To the last digit, though it stops to tell how far it is."""
    notebook(monkeypatch)
    found, plain = (
        pf.fit(PEAK, X, Y, start=START, progress=own) for own in (True, None)
    )
    np.testing.assert_array_equal(found.solution.theta, plain.solution.theta)


def test_signature_and_docstring_stay(monkeypatch):
    """A decorated function is shown as it was written."""

    @draws_bar("counting", counted)
    def count(n: int, *, progress: object = None) -> int:
        """Count."""
        return n

    assert count.__doc__ == "Count."
    assert count(3, progress=True) == count(3) == 3


def test_a_log_has_a_line_a_minute():
    """Of what has been done by then, whenever the callback is called."""
    now, said = [0.0], []
    callback = lines(pace_of_rows(), said.append, clock=lambda: now[0])
    for second in range(0, 200, 7):
        now[0] = float(second)
        callback(ManyProgress(100 * second, 40_000, 3, float(second)))
    assert said == [
        "6300 of 40000 rows, 100 fits/s, 3 failed, 337 s left.",
        "12600 of 40000 rows, 100 fits/s, 3 failed, 274 s left.",
        "18900 of 40000 rows, 100 fits/s, 3 failed, 211 s left.",
    ]
