"""Files of which the HDF5 library dies are refused, and this process lives on."""

from __future__ import annotations

import gc
import os
import signal
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import h5py
import numpy as np
import pytest

from physfit.data.hdf5 import guard
from physfit.data.hdf5.source import Hdf5Source
from physfit.data.jobs.map_reader import is_map_file
from physfit.data.readers import read_table
from physfit.data.row_source import open_rows
from physfit.errors import DataError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")

READERS = {
    "table": read_table,
    "rows": open_rows,
    "source": Hdf5Source,
    "map": is_map_file,
}


@pytest.fixture
def path(tmp_path):
    """A sound file that was not inspected yet."""
    path = tmp_path / "run.h5"
    with h5py.File(path, "w") as file:
        file["x"], file["y"] = np.arange(4.0), np.ones((3, 4))
    return path


@pytest.fixture
def many_descriptors():
    """More of them than `select` can wait for."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limits[1] != resource.RLIM_INFINITY and limits[1] < 2000:
        pytest.skip("so many are not granted here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(2000, limits[0]), limits[1]))
    with ExitStack() as stack:
        for _ in range(1100):
            stack.enter_context(open(os.devnull))
        yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.usefixtures("many_descriptors")
def test_a_process_with_many_files_open_reads_on(path):
    """The pipe to the child may have any number."""
    assert read_table(f"{path}::/x", x="x", y="x").y.size == 4


def _crash(path):
    os.kill(os.getpid(), signal.SIGSEGV)


def _loop(path):
    while True:
        pass


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_crash_of_the_library_is_a_sentence(path, read, monkeypatch):
    """Every reader of HDF5 lets a child process look first."""
    monkeypatch.setattr(guard, "_walk", _crash)
    with pytest.raises(DataError, match="damaged: the HDF5 library crashes on it"):
        read(path)


def test_an_endless_walk_is_ended(path, monkeypatch):
    """A child has so many seconds of computing."""
    monkeypatch.setattr(guard, "_walk", _loop)
    monkeypatch.setattr(guard, "_COMPUTE_SECONDS", 1)
    with pytest.raises(DataError, match="does not come to an end on it"):
        guard.check_hdf5(path)


def test_what_the_child_takes_is_not_taken_here(path, monkeypatch):
    """Memory beyond its headroom is refused to the child, which then goes on."""
    if not Path("/proc/self/statm").exists():
        pytest.skip("no limit on memory here")
    mark = path.with_suffix(".taken")
    monkeypatch.setattr(
        guard, "_walk", lambda _: mark.write_bytes(np.ones(1 << 28)[:1])
    )
    guard.check_hdf5(path)
    assert not mark.exists()


def test_each_state_of_a_file_is_inspected_once(path, monkeypatch):
    """A second opening costs nothing; a file that was written to is inspected anew."""
    guard.check_hdf5(path)
    monkeypatch.setattr(guard, "_walk", _crash)
    guard.check_hdf5(path)
    os.utime(path, ns=(1, 1))
    with pytest.raises(DataError, match="crashes"):
        guard.check_hdf5(path)


def test_a_restored_date_hides_no_change(path, monkeypatch):
    """A file that was written to and got its date back is inspected anew."""
    guard.check_hdf5(path)
    date = path.stat().st_mtime_ns
    with path.open("r+b") as stream:
        stream.write(stream.read(8))
    os.utime(path, ns=(date, date))
    monkeypatch.setattr(guard, "_walk", _crash)
    with pytest.raises(DataError, match="crashes"):
        guard.check_hdf5(path)


def test_a_hard_link_names_files_beside_itself(path):
    """Files that links lead to are looked for from each name of a file."""
    with h5py.File(path, "r+") as file:
        file["link"] = h5py.ExternalLink("other.h5", "y")
    twin = path.parent / "elsewhere" / "twin.h5"
    twin.parent.mkdir()
    os.link(path, twin)
    found = [guard.referenced_files(own) for own in (path, twin)]
    assert found == [(path.parent / "other.h5",), (twin.parent / "other.h5",)]


def test_names_of_any_letters_and_number_are_known(path):
    """The end of an answer is no letter of a name, however the pipe cuts it."""
    with h5py.File(path, "r+") as file:
        for k in range(3000):
            file[f"links/{k}"] = h5py.ExternalLink(f"{k}{'d' * 60}", "y")
    assert len(guard.referenced_files(path)) == 3000


def test_threads_leave_the_filters_of_warnings_alone(tmp_path):
    """Those of the caller are the same after many threads have opened files."""
    paths = [tmp_path / f"{k}.h5" for k in range(64)]
    for path in paths:
        with h5py.File(path, "w") as file:
            file["y"] = np.arange(4.0)
    before = [own for own in warnings.filters if own[3] is None]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(guard.check_hdf5, paths))
    assert [own for own in warnings.filters if own[3] is None] == before


@pytest.fixture
def children(monkeypatch):
    """Numbers of the children that are begun from here on; others may end meanwhile."""
    begun, fork = [], os.fork

    def noted():
        child = fork()
        if child:
            begun.append(child)
        return child

    monkeypatch.setattr(os, "fork", noted)
    return begun


def is_left(child):
    """Whether nobody has waited for a child."""
    try:
        os.waitpid(child, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


class Alarm(Exception):
    """What a handler of SIGALRM raises here."""


@pytest.fixture
def interrupted():
    """Call something with alarms after so many seconds and every 3 ms from there on."""
    is_armed = [False]

    def ring(number, frame):
        if is_armed[0]:
            raise Alarm

    def call(function, first):
        is_armed[0] = True
        try:
            signal.setitimer(signal.ITIMER_REAL, first, 0.003)
            function()
        finally:
            is_armed[0] = False  # no handler runs before this, as it calls nothing

    before = signal.signal(signal.SIGALRM, ring)
    yield call
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no child processes here")
@pytest.mark.parametrize("moment", np.linspace(0.0001, 0.008, 40).round(5).tolist())
def test_an_interrupt_leaves_nothing_behind(path, interrupted, children, moment):
    """No child, no descriptor, no signal that stays blocked, whenever it comes."""
    gc.collect()  # what other tests have left open is closed now, not meanwhile
    open_files = os.listdir("/dev/fd")
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with suppress(Alarm):
        interrupted(lambda: guard._inspected(path), moment)
    assert len(os.listdir("/dev/fd")) == len(open_files)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == blocked
    assert not any(map(is_left, children))


def test_a_pipe_is_refused_without_a_wait(tmp_path):
    """Opening one would wait for somebody to write."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="is a pipe, not a file"):
        guard.open_hdf5(tmp_path / "pipe")
