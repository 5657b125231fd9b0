"""Cases in processes of their own, with limits of time and memory.

`run` and `physfit` start a process for each case. `ForkServer` imports physfit once and
forks for each case, some ten times as fast: for cases by the thousand.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

__all__ = ["ADDRESS_SPACE", "Ended", "ForkServer", "physfit", "run", "waited"]

#: Limit of a case's address space, in bytes, so that a bomb hits itself alone.
ADDRESS_SPACE = 8 << 30


class Ended(NamedTuple):
    """How a process ended.

    Attributes
    ----------
    code : int or None
        Exit code, minus the signal's number if a signal ended it, None after the limit
        of time.
    stdout, stderr : str
        What it wrote; bytes that are not UTF-8 as backslash escapes.
    seconds : float
        It took.
    peak : int
        Bytes of memory held at most.
    """

    code: int | None
    stdout: str
    stderr: str
    seconds: float
    peak: int


def run(
    command: Sequence[str | Path],
    *,
    folder: Path,
    timeout: float = 120.0,
    environment: Mapping[str, str | None] | None = None,
    signals: Sequence[tuple[float, int]] = (),
    during: Callable[[int], None] | None = None,
) -> Ended:
    """How a command ends that is run in `folder`.

    Parameters
    ----------
    command : sequence of str or Path
        Program and arguments.
    folder : Path
        Working directory; `.stdout` and `.stderr` are written there.
    timeout : float
        Seconds, after which it is killed.
    environment : mapping of str to str or None, optional
        Variables that differ from this process's; None deletes one.
    signals : sequence of (float, int)
        Seconds after the start, and the signal that is sent then.
    during : callable, optional
        Called with the process's id after the start, before anything is waited for.
    """
    merged = {**os.environ, **(environment or {})}
    with _written(folder, "stdout") as out, _written(folder, "stderr") as err:
        process = subprocess.Popen(
            [os.fspath(part) for part in command],
            cwd=folder,
            env={name: text for name, text in merged.items() if text is not None},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            preexec_fn=_limited,
        )
        if during is not None:
            during(process.pid)
        code, seconds, peak = waited(process.pid, timeout, signals)
        process.returncode = -signal.SIGKILL if code is None else code
    return Ended(code, _read(folder, "stdout"), _read(folder, "stderr"), seconds, peak)


def physfit(*arguments: object, folder: Path, **how: Any) -> Ended:
    """How `physfit ARGUMENTS` ends in a process of its own; `how` as in `run`."""
    command = [sys.executable, "-m", "physfit", *map(str, arguments)]
    return run(command, folder=folder, **how)


def waited(
    process: int, timeout: float, signals: Sequence[tuple[float, int]] = ()
) -> tuple[int | None, float, int]:
    """Code, seconds and peak memory of a child that is waited for, or killed."""
    began = time.monotonic()
    pending = sorted(signals)
    code: int | None = None
    pause = 0.0005
    while True:
        ended, status, usage = os.wait4(process, os.WNOHANG)
        seconds = time.monotonic() - began
        if ended:
            code = os.waitstatus_to_exitcode(status)
            break
        while pending and pending[0][0] <= seconds:
            os.kill(process, pending.pop(0)[1])
        if seconds > timeout:
            os.kill(process, signal.SIGKILL)
            _, _, usage = os.wait4(process, 0)
            break
        time.sleep(pause)
        pause = min(2.0 * pause, 0.005)
    # Linux counts in KiB, macOS in bytes
    unit = 1 if sys.platform == "darwin" else 1024
    return code, seconds, usage.ru_maxrss * unit


class ForkServer:
    """Runs cases in forks of a process that has imported physfit and fitted once.

    Used in a `with` statement. The server is a process of its own with one thread, so
    that whoever asks may have as many as it likes.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        scripts = Path(__file__).resolve().parents[1]
        places = [str(scripts), str(scripts.parent), os.environ.get("PYTHONPATH", "")]
        path = os.pathsep.join(place for place in places if place)
        self._environment = {
            **os.environ,
            "PYTHONPATH": path,
            **(environment or {}),
        }

    def __enter__(self) -> ForkServer:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "attacks.fork_server"],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def physfit(self, *arguments: object, folder: Path, timeout: float = 20.0) -> Ended:
        """How `physfit ARGUMENTS` ends in `folder`."""
        return self._asked({"arguments": list(map(str, arguments))}, folder, timeout)

    def python(self, code: str, *, folder: Path, timeout: float = 20.0) -> Ended:
        """How a piece of Python ends, in which `pf` and `np` are imported.

        An error of physfit or of the system is printed as the command line prints it,
        with code 1; any other exception is a traceback.
        """
        return self._asked({"code": code}, folder, timeout)

    def _asked(self, case: Mapping[str, Any], folder: Path, timeout: float) -> Ended:
        assert self._process.stdin is not None and self._process.stdout is not None
        request = {**case, "folder": str(folder), "timeout": timeout}
        print(json.dumps(request), file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        code, seconds, peak = answer
        out, err = _read(folder, "stdout"), _read(folder, "stderr")
        return Ended(code, out, err, seconds, peak)


def _written(folder: Path, name: str) -> Any:
    return (folder / f".{name}").open("wb")


def _read(folder: Path, name: str) -> str:
    path = folder / f".{name}"
    if not path.exists():  # killed before it was opened
        return ""
    text = path.read_bytes().decode("utf-8", "backslashreplace")
    path.unlink()
    return text


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
