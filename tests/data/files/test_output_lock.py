"""One run at a time on an output; what a killed one left goes, and nothing else."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from physfit.data.files import lock_file
from physfit.data.files.atomic import atomic_file
from physfit.data.files.output_lock import free_target, output_lock
from physfit.errors import DataError

HOLDER = """
import sys, pathlib
from physfit.data.files.output_lock import output_lock
with output_lock(sys.argv[1], sys.argv[2]) as lock:
    temporary = lock.temporary(pathlib.Path(sys.argv[1]))
    temporary.write_bytes(b"half of it")
    print(temporary, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def other():
    """Function that lets another process lock an output; all are killed at the end."""
    begun = []

    def begin(path: Path, share: str = "") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(path), share],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        )
        begun.append(process)
        assert process.stdout is not None
        process.temporary = Path(process.stdout.readline().strip())
        return process

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def names(folder: Path) -> list[str]:
    return sorted(own.name for own in folder.iterdir())


def _hold(path: Path) -> None:
    with output_lock(path):
        pass


def test_two_in_one_process_refuse_each_other(tmp_path):
    """Two threads as two processes; the sentence says who holds it."""
    with ThreadPoolExecutor(1) as pool:
        with output_lock(tmp_path / "o.h5"):
            who = rf"another run \(process {os.getpid()} on .*, since 2.* UTC\); wait"
            with pytest.raises(DataError, match=who):
                pool.submit(_hold, tmp_path / "o.h5").result()
        pool.submit(_hold, tmp_path / "o.h5").result()
    assert names(tmp_path) == []


def test_an_interrupted_run_does_not_refuse_the_next_of_its_thread(tmp_path):
    """Even while its traceback keeps alive what held the lock."""
    interrupted = output_lock(tmp_path / "o.h5")
    temporary = interrupted.__enter__().temporary(tmp_path / "o.h5")
    with output_lock(tmp_path / "o.h5"):
        assert not temporary.exists()
    interrupted.__exit__(None, None, None)
    assert names(tmp_path) == []


def test_two_processes_refuse_each_other_until_one_is_killed(tmp_path, other):
    """A lock ends with its process; what that one wrote is deleted, and only that."""
    (tmp_path / ".o.h5.0123456789ab.tmp").write_text("somebody's")
    link = tmp_path / "link.h5"
    link.symlink_to(tmp_path / "o.h5")
    process = other(tmp_path / "o.h5")
    with pytest.raises(DataError, match=f"process {process.pid} on"), output_lock(link):
        pass
    with pytest.raises(DataError, match="another run"), atomic_file(tmp_path / "o.h5"):
        pass
    assert process.temporary.read_bytes() == b"half of it"
    process.kill()
    process.wait()
    with output_lock(link):
        assert not process.temporary.exists()
    assert names(tmp_path) == [".o.h5.0123456789ab.tmp", "link.h5"]


def test_shares_go_together_and_with_nobody_else(tmp_path, other):
    """Each with others, none twice, and none beside a run that has the whole."""
    out = tmp_path / "o.h5"
    first = other(out, "1-of-2")
    with output_lock(out, "2-of-2"):
        pass
    with pytest.raises(DataError, match="another run"), output_lock(out, "1-of-2"):
        pass
    with pytest.raises(DataError, match="another run"), output_lock(out):
        pass
    first.kill()
    first.wait()
    with (
        output_lock(out),
        pytest.raises(DataError, match="another"),
        output_lock(out, "2-of-2"),
    ):
        pass
    assert names(tmp_path) == []


def test_a_file_in_the_place_of_a_leftover_stays(tmp_path, other):
    """A name alone proves nothing: it must be the file that was begun."""
    process = other(tmp_path / "o.h5")
    process.kill()
    process.wait()
    mine = tmp_path / "mine"
    mine.write_text("precious")
    os.replace(mine, process.temporary)
    with output_lock(tmp_path / "o.h5"):
        pass
    assert process.temporary.read_text() == "precious"


def test_leftovers_are_found_by_every_way_to_their_folder(tmp_path, other):
    """Whichever links lead there, for the writer and for whoever comes next."""
    folder, link = tmp_path / "folder", tmp_path / "link"
    (folder / "o.h5.parts").mkdir(parents=True)
    link.symlink_to(folder)
    process = other(link / "o.h5")
    with output_lock(link / "p.h5") as lock:
        inside = lock.temporary(link / "o.h5.parts" / "part.h5")
        assert (folder / "o.h5.parts" / inside.name).exists()
        assert '"o.h5.parts/.part.h5' in (folder / ".p.h5.lock").read_text()
    process.kill()
    process.wait()
    with output_lock(folder / "o.h5"):
        pass
    assert names(folder) == ["o.h5.parts"]
    assert names(folder / "o.h5.parts") == []


@pytest.mark.parametrize("kind", ["text", "link", "folder", "fifo"])
def test_a_foreign_lock_file_is_refused_and_stays(tmp_path, kind):
    """What physfit did not write is neither taken for a lock nor changed."""
    lock = tmp_path / ".o.h5.lock"
    make = {
        "text": lambda: lock.write_text('{"mine": 1}'),
        "link": lambda: lock.symlink_to(tmp_path / "elsewhere"),
        "folder": lock.mkdir,
        "fifo": lambda: os.mkfifo(lock),
    }
    make[kind]()
    with (
        pytest.raises(DataError, match="that physfit did not make; move it away"),
        output_lock(tmp_path / "o.h5"),
    ):
        pass
    assert names(tmp_path) == [".o.h5.lock"]
    assert kind != "text" or lock.read_text() == '{"mine": 1}'


@pytest.mark.parametrize(
    "line",
    [
        '{"file": "../o.tmp", "inode": null}',
        '{"file": "a/b/.c.tmp", "inode": 1}',
        '{"file": "/etc/.x.tmp"}',
        '{"file": 3}',
        '{"file": "o.h5", "inode": null}',
        '{"file": ".a\\u0000.tmp"}',
        '{"file": "',
    ],
)
def test_altered_notes_delete_nothing_else(tmp_path, line):
    """Only hidden temporary files beside the output, or in a folder there."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("o.tmp", "folder/o.h5"):
        (tmp_path / name).touch()
    (folder / ".o.h5.lock").write_text('{"physfit": 1}\n' + line)
    with output_lock(folder / "o.h5"):
        pass
    assert (names(tmp_path), names(folder)) == (["folder", "o.tmp"], ["o.h5"])


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no owners of files here")
def test_notes_of_another_user_delete_nothing(tmp_path, monkeypatch):
    """Whoever may write into the folder could note any file of ours."""
    temporary = tmp_path / ".o.h5.0123456789ab.tmp"
    temporary.touch()
    note = f'{{"file": "{temporary.name}", "inode": null}}'
    (tmp_path / ".o.h5.lock").write_text('{"physfit": 1}\n' + note)
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    with output_lock(tmp_path / "o.h5"):
        assert temporary.exists()


def test_without_locks_a_warning_says_so(tmp_path, monkeypatch):
    """Some network file systems have none; outputs are written all the same."""

    def refuse(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(lock_file.fcntl, "flock", refuse)
    with (
        pytest.warns(UserWarning, match="has no file locks .*; see to it that no two"),
        atomic_file(tmp_path / "o.txt") as temporary,
    ):
        temporary.write_text("done")
    assert names(tmp_path) == ["o.txt"]


def test_a_forked_child_leaves_files_and_lock_to_its_parent(tmp_path):
    """Its end deletes nothing, whether it unwinds or not; its lock ends with ours."""
    code = (
        "import os, pathlib, sys\n"
        "from physfit.data.files.output_lock import output_lock\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "with output_lock(path) as lock:\n"
        "    temporary = lock.temporary(path)\n"
        "    child = os.fork()\n"
        "    if child:\n"
        "        os.waitpid(child, 0)\n"
        "        assert temporary.exists() and path.with_name('.o.h5.lock').exists()\n"
        "if child:\n"
        "    with output_lock(path): pass\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", code, str(tmp_path / "o.h5")]
    root = str(Path(__file__).parents[3])
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": root})
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["x" * 255, "\N{ROCKET}" * 63], ids=["long", "wide"])
def test_the_longest_names_can_be_written(tmp_path, name):
    """Names of temporary and lock files are shortened where they must be."""
    with atomic_file(tmp_path / name) as temporary:
        temporary.write_text("done")
    assert names(tmp_path) == [name]


def test_a_callback_in_a_thread_does_not_take_the_output_written_around_it(tmp_path):
    """Only the main thread is interrupted; in others, what holds a lock goes on."""

    def nested() -> None:
        with output_lock(tmp_path / "o.h5") as outer:
            temporary = outer.temporary(tmp_path / "o.h5")
            with pytest.raises(DataError, match="another run"):
                _hold(tmp_path / "o.h5")
            assert temporary.exists()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(nested).result()
    assert names(tmp_path) == []


@pytest.mark.parametrize("text", ["", '{"physfit": 1, "my": "settings"}\n'])
def test_a_lock_with_a_second_name_is_no_lock(text, tmp_path):
    """It would be written to and shortened under its other name too."""
    (tmp_path / "precious").write_text(text)
    (tmp_path / ".o.h5.lock").hardlink_to(tmp_path / "precious")
    with pytest.raises(DataError, match="that physfit did not make"):
        _hold(tmp_path / "o.h5")
    assert (tmp_path / "precious").read_text() == text


def test_notes_delete_only_what_has_the_name_of_a_temporary_file(tmp_path):
    """Whoever writes notes knows the numbers of files; other names stay, and links."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to("elsewhere")
    places = [".keep.tmp", "elsewhere/.keep.tmp", "link/.o.h5.0123456789ab.tmp"]
    for place in places:
        (tmp_path / place).write_text("somebody's")
    notes = [{"file": own, "inode": os.stat(tmp_path / own).st_ino} for own in places]
    lines = ['{"physfit": 1}', *map(json.dumps, notes), '{"a":' * 100_000]
    (tmp_path / ".o.h5.lock").write_text("\n".join(lines))
    _hold(tmp_path / "o.h5")
    assert all((tmp_path / place).exists() for place in places)
    assert not (tmp_path / ".o.h5.lock").exists()


def test_a_lock_file_without_end_is_refused(tmp_path):
    """Its size is looked at before it is read."""
    (tmp_path / ".o.h5.lock").write_text('{"physfit": 1}\n')
    os.truncate(tmp_path / ".o.h5.lock", 60 << 30)
    with pytest.raises(DataError, match="that physfit did not make"):
        _hold(tmp_path / "o.h5")


def test_a_refused_output_loses_what_a_killed_run_left(tmp_path):
    """The file was in its place when the run was killed: nobody writes it again."""
    out = tmp_path / "out.json"
    with output_lock(out):
        lock = (tmp_path / ".out.json.lock").read_bytes()
    out.write_text("whole")
    (tmp_path / ".out.json.lock").write_bytes(lock)
    with pytest.raises(DataError, match="exists"):
        free_target(out)
    assert [own.name for own in tmp_path.iterdir()] == ["out.json"]
