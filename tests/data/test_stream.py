"""Streams: what windows hold, whatever the threads do, within the memory granted."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import time
import tracemalloc

import h5py
import numpy as np
import pytest

from physfit.data.base import Position
from physfit.data.hdf5.source import Hdf5Source
from physfit.data.memory import ArraySource
from physfit.data.one_pass import map_windows
from physfit.data.samplers import cautions, sampler_named
from physfit.data.stream import Stream
from physfit.errors import DomainError, InputError

N = 60_000
MEMORY = 1 << 19
NAMES = ["sequential", "with_replacement", "blocks", "stratified:x"]
ONCE = ["sequential", "blocks", "stratified:x", "shuffle"]


def table(n=N):
    """Sorted x; y is the row's number; sigma of both large and small values."""
    rng = np.random.default_rng(3)
    x = np.sort(rng.standard_normal(n))
    return np.stack([x, np.arange(float(n)), rng.uniform(0.5, 2.0, n)], axis=1)


@pytest.fixture(params=["arrays", "contiguous", "gzip"])
def source(request, tmp_path):
    """The same rows from memory and from files."""
    rows = table()
    if request.param == "arrays":
        yield ArraySource(*rows.T)
        return
    options = {"compression": "gzip", "chunks": (500, 3)}
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset(
            "d", data=rows, **(options if request.param == "gzip" else {})
        )
    with Hdf5Source(tmp_path / "a.h5") as opened:
        yield opened


def order_of(source, name, *, memory=MEMORY, **options):
    """The row numbers of each window, after a look at the other columns."""
    options = {"seed": 5, "epochs": 1, "threads": 2} | options
    rows = table(source.n_rows)
    numbers = []
    with Stream(source, sampler_named(name), memory=memory, **options) as stream:
        for window in stream:
            at = window.y[0, : window.n].astype(int)
            np.testing.assert_array_equal(window.x[0, : window.n], rows[at, 0])
            np.testing.assert_array_equal(
                window.weights[0, : window.n], 1 / rows[at, 2]
            )
            numbers.append(at)
    return numbers


@pytest.mark.parametrize("name", ONCE)
def test_every_row_comes_once_an_epoch(source, name):
    """In each of two epochs, each row exactly once, with what belongs to it."""
    memory = 64 * N if name == "shuffle" else MEMORY
    numbers = order_of(source, name, epochs=2, memory=memory)
    half = len(numbers) // 2
    for epoch in (numbers[:half], numbers[half:]):
        np.testing.assert_array_equal(np.sort(np.concatenate(epoch)), np.arange(N))


@pytest.mark.parametrize("name", NAMES)
def test_threads_do_not_matter(source, name):
    """One thread or seven: the same windows, bit by bit."""
    one = order_of(source, name, epochs=2, threads=1)
    seven = order_of(source, name, epochs=2, threads=7)
    assert len(one) == len(seven) > 4
    for mine, theirs in zip(one, seven, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("name", NAMES[1:])
def test_seeds_and_epochs_differ(source, name):
    """Neither the blocks nor the order within them come again."""
    first = order_of(source, name, epochs=2)
    half = len(first) // 2
    other = order_of(source, name, seed=6)
    for window in (first[half], other[0]):
        n = min(first[0].size, window.size)
        assert np.mean(first[0][:n] == window[:n]) < 0.01
        assert np.isin(first[0], window).mean() < 0.6


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_goes_on_where_it_stood(source, name):
    """From any position the rest is that of the uninterrupted stream."""
    whole = order_of(source, name, epochs=2)
    half = len(whole) // 2
    rest = order_of(source, name, epochs=2, position=Position(1, 2))
    assert len(rest) == len(whole) - half - 2
    for mine, theirs in zip(rest, whole[half + 2 :], strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_windows_say_where_they_are(source):
    """Epoch, index and the last one of an epoch; columns on 64 bytes."""
    with Stream(
        source, sampler_named("blocks"), seed=1, epochs=2, memory=MEMORY, threads=2
    ) as stream:
        places = []
        for window in stream:
            places.append((window.epoch, window.index, window.is_last))
            addresses = [row.ctypes.data for row in (*window.x, *window.y)]
            assert all(address % 64 == 0 for address in addresses)
            assert window.n <= window.x.shape[1]
        last = stream.n_windows - 1
    expected = [(e, k, k == last) for e in range(2) for k in range(last + 1)]
    assert places == expected


def test_rows_drawn_with_replacement_are_uniform(source):
    """Chi2 of the counts in 100 stretches of the file; and some rows come again."""
    drawn = np.concatenate(order_of(source, "with_replacement"))
    assert drawn.size == N
    counts = np.bincount(drawn * 100 // N, minlength=100)
    chi2 = ((counts - N / 100) ** 2 / (N / 100)).sum()
    assert 50 < chi2 < 170  # 99 degrees of freedom, 5 sigma
    # of n draws from n rows 1 - 1/e are distinct, with a spread of about 0.3 / sqrt(n)
    assert np.unique(drawn).size / N == pytest.approx(1 - np.exp(-1), abs=0.01)


def test_sorted_data_are_mixed():
    """Means of 500 rows in a row: how far stretches of a sorted file stay apart.

    Independent rows would give 1 / sqrt(500) = 0.045, independent runs of eight rows
    1 / sqrt(62) = 0.127; in short windows few blocks meet.
    """
    rows = table()
    source = ArraySource(*rows.T)
    spread = {}
    for name in (*NAMES, "shuffle"):
        memory = 64 * N if name == "shuffle" else MEMORY
        order = np.concatenate(order_of(source, name, memory=memory))
        means = rows[order[: N // 500 * 500], 0].reshape(-1, 500).mean(axis=1)
        spread[name] = float(means.std())
    assert spread["sequential"] > 0.9
    assert spread["with_replacement"] == pytest.approx(0.045, abs=0.015)
    assert spread["shuffle"] == pytest.approx(0.045, abs=0.015)
    assert spread["blocks"] < 0.25
    assert spread["stratified:x"] < spread["blocks"]


def test_strata_of_few_values_are_kept_in_proportion():
    """A rare class is spread evenly: no stretch of 200 rows lacks its 5 %."""
    rng = np.random.default_rng(4)
    x = (rng.random(N) < 0.05).astype(float)
    source = ArraySource(x, np.arange(float(N)))
    sampler = sampler_named("stratified:x")
    with Stream(source, sampler, seed=1, epochs=1, memory=MEMORY) as stream:
        for window in stream:
            used = window.x[0, : window.n // 200 * 200].reshape(-1, 200).sum(axis=1)
            # of the window's own share, which is not exactly 5 %
            assert np.abs(used - 200 * window.x[0, : window.n].mean()).max() < 3


@pytest.mark.parametrize("threads", [1, 3, 8])
def test_results_of_a_pass_come_in_order(source, threads):
    """Whatever the threads do; a worker's number is its own while it works."""
    busy = [threading.Lock() for _ in range(threads)]

    def function(window, worker):
        assert busy[worker].acquire(blocking=False)
        first = float(window.y[0, 0])
        time.sleep(0.002 * (window.index % 3))
        busy[worker].release()
        return first, window.n, float(window.y[0, : window.n].sum())

    found = list(map_windows(source, function, memory=MEMORY, threads=threads))
    firsts, sizes, sums = zip(*found, strict=True)
    np.testing.assert_array_equal(firsts, np.cumsum([0, *sizes[:-1]]))
    assert (sum(sizes), sum(sums)) == (N, N * (N - 1) / 2)


def test_an_error_reaches_the_caller_after_the_windows_before_it(source):
    """A NaN row ends the stream at its window, with its number in the file."""
    rows = table()
    rows[41_000, 0] = np.nan
    broken = ArraySource(*rows.T)
    seen = 0
    with (
        pytest.raises(DomainError, match="`x` of row 41000 of `arrays` must be finite"),
        Stream(
            broken, sampler_named("sequential"), seed=1, epochs=1, memory=MEMORY
        ) as stream,
    ):
        for window in stream:
            seen += window.n
    assert 0 < seen <= 41_000
    kept = sum(map_windows(broken, lambda window, worker: window.n, nan="omit"))
    assert kept == N - 1


@pytest.mark.parametrize("name", ONCE[:3])
def test_rows_left_out_leave_the_others_whole(name):
    """With NaN in any column, the rest comes once, x with its y and its sigma."""
    rows = table()
    gone = np.arange(11, N, 97)
    rows[gone, np.arange(gone.size) % 3] = np.nan
    source = ArraySource(*rows.T)
    found = []
    with Stream(
        source, sampler_named(name), seed=1, epochs=1, memory=MEMORY, nan="omit"
    ) as stream:
        for window in stream:
            at = window.y[0, : window.n].astype(int)
            np.testing.assert_array_equal(window.x[0, : window.n], rows[at, 0])
            np.testing.assert_array_equal(
                window.weights[0, : window.n], 1 / rows[at, 2]
            )
            found.append(at)
    kept = np.setdiff1d(np.arange(N), gone)
    np.testing.assert_array_equal(np.sort(np.concatenate(found)), kept)


@pytest.mark.parametrize("name", ["with_replacement", "blocks", "stratified:x"])
def test_the_row_number_is_that_of_the_file(name):
    """In any order of reading."""
    rows = table()
    rows[777, 2] = 0.0
    source = ArraySource(*rows.T)
    with pytest.raises(DomainError, match="`sigma` of row 777 of `arrays` must be ab"):
        order_of(source, name, epochs=9)


def test_leaving_early_stops_the_threads(source):
    """Also by an exception inside the block; no reader goes on."""
    before = threading.active_count()
    with (
        pytest.raises(KeyboardInterrupt),
        Stream(source, sampler_named("blocks"), seed=1, epochs=10**6) as stream,
    ):
        for window in stream:
            if window.epoch == 2:
                raise KeyboardInterrupt
    assert threading.active_count() == before
    for window in map_windows(source, lambda window, worker: window.n):
        assert window > 0
        break


def test_a_plan_that_fails_reaches_the_caller(monkeypatch):
    """Not a thread that dies while the caller waits for ever."""
    source = ArraySource(np.arange(1000.0), np.ones(1000))
    stream = Stream(source, sampler_named("blocks"), seed=1, epochs=1)

    def plan(*arguments):
        raise RuntimeError("no plan")

    arrangement = stream._arrangement._replace(plan=plan)
    monkeypatch.setattr(stream, "_arrangement", arrangement)
    with pytest.raises(RuntimeError, match="no plan"), stream:
        next(iter(stream))


def test_threads_that_the_system_refuses_are_missed_by_nobody(monkeypatch):
    """The reader of the stream does what they would have done."""

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    source = ArraySource(np.arange(1000.0), np.ones(1000))
    monkeypatch.setattr(threading.Thread, "start", refuse)
    stream = Stream(source, sampler_named("blocks"), seed=1, epochs=1, threads=9)
    with stream:
        assert sum(window.x[0, : window.n].sum() for window in stream) == 499_500.0


def test_arguments_out_of_range():
    """One sentence each."""
    source = ArraySource(np.arange(1000.0), np.ones(1000))
    blocks = sampler_named("blocks")
    with pytest.raises(
        InputError, match=r"`memory` has room for 20 rows .* at least 32"
    ):
        Stream(source, blocks, seed=1, epochs=1, memory=900)
    with pytest.raises(InputError, match=r"`shuffle` holds all 1000 rows"):
        Stream(source, sampler_named("shuffle"), seed=1, epochs=1, memory=1 << 14)
    with pytest.raises(
        InputError, match=r"'block', which is unknown; did you mean 'blocks'\?"
    ):
        sampler_named("block")
    with pytest.raises(InputError, match="no column 'z' to stratify by"):
        Stream(source, sampler_named("stratified:z"), seed=1, epochs=1)


def test_arrays_of_every_kind():
    """Complex values, several coordinates, one sigma for both parts, spins."""
    z = np.array([1 + 2j, 3 - 1j])
    source = ArraySource(np.array([[1.0, 2.0], [3.0, 4.0]]), z, [0.5, 0.25])
    (window,) = map_windows(source, lambda window, worker: window)
    np.testing.assert_array_equal(window.x[:, :2], [[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(window.y[:, :2], [[1.0, 3.0], [2.0, -1.0]])
    np.testing.assert_array_equal(window.weights[:, :2], [[2.0, 4.0]] * 2)
    spins = np.array([[1, -1, 1], [-1, -1, 1]], dtype=np.int8)
    source = ArraySource(spins, [1.0, 2.0])
    (window,) = map_windows(source, lambda window, worker: window)
    np.testing.assert_array_equal(window.x[:2], spins)
    assert (source.n_spins, source.n_inputs, window.n) == (3, 3, 2)
    assert source.fingerprint() != ArraySource(-spins, [1.0, 2.0]).fingerprint()


def test_cautions_name_what_cannot_be_fast(tmp_path):
    """Random rows of compressed chunks, and chunks that no window holds."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("d", data=table(), chunks=(20_000, 3), compression="gzip")
    with Hdf5Source(tmp_path / "a.h5") as source:
        drawn, blocks = sampler_named("with_replacement"), sampler_named("blocks")
        assert cautions(source, blocks, 64 << 20) == ()
        (random,) = cautions(source, drawn, 64 << 20)
        (wide,) = cautions(source, blocks, 1 << 20)
    assert "decompress a whole chunk each" in random
    assert "has chunks of 40000 rows, more than a window" in wide


MEASURE = """
import resource, sys
import h5py, numpy as np
from physfit.data.hdf5.source import Hdf5Source
from physfit.data.samplers import sampler_named
from physfit.data.stream import Stream

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

with Hdf5Source(sys.argv[1]) as source:
    blocks = sampler_named("blocks")
    with Stream(source, blocks, seed=1, epochs=1, memory=1 << 20) as stream:
        next(iter(stream))
    before = peak()
    with Stream(source, blocks, seed=1, epochs=1, memory=8 << 20) as stream:
        n = sum(window.n for window in stream)
    print(n, (peak() - before) / 1024)
"""


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_memory_is_bounded_by_the_setting(tmp_path, compression):
    """A file of 72 MB through 8 MiB of buffers: the process grows by less than 16 MiB.

    Twice the setting leaves room for the interpreter's own; the file would not fit.
    """
    n = 3_000_000
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset(
            "d", (n, 3), "f8", chunks=(8192, 3), compression=compression
        )
        for start in range(0, n, 500_000):
            data[start : start + 500_000] = np.full((500_000, 3), 1.0 + start)
    script = textwrap.dedent(MEASURE)
    command = [sys.executable, "-c", script, str(tmp_path / "a.h5")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    rows, mebibytes = answer.stdout.split()
    assert int(rows) == n
    assert float(mebibytes) < 16.0


def test_buffers_stay_within_the_setting():
    """What numpy allocates for a stream, in this process."""
    source = ArraySource(np.zeros(2_000_000), np.zeros(2_000_000))
    blocks = sampler_named("blocks")
    tracemalloc.start()
    try:
        with Stream(source, blocks, seed=1, epochs=1, memory=4 << 20) as stream:
            assert sum(window.n for window in stream) == 2_000_000
        assert tracemalloc.get_traced_memory()[1] < 1.1 * (4 << 20)
    finally:
        tracemalloc.stop()
