"""The process behind `ForkServer`: a line of JSON in, a fork, a line of JSON out.

One line asks for one case: `folder` and `timeout`, and `arguments` of the command line
or `code` of Python. The answer is `[code, seconds, peak]`.
"""

from __future__ import annotations

import _thread
import atexit
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import resource
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from attacks.running import ADDRESS_SPACE, waited

#: Modules that a case may need and that take long to import.
HEAVY = ("h5py", "hdf5plugin", "matplotlib.figure", "numba", "scipy.optimize", "sympy")


def serve() -> None:
    """Answer line by line until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    _redirect(1, os.devnull, os.O_WRONLY)
    _warm_up()
    gc.freeze()
    for line in sys.stdin:
        case = json.loads(line)
        child = os.fork()
        if child == 0:
            _child(case)
        answer = waited(child, case["timeout"])
        print(json.dumps(answer), file=answers, flush=True)


def _warm_up() -> None:
    """Import what cases need, and link the code of the common fits."""
    import physfit
    from physfit.cli.main import main

    for name in HEAVY:
        importlib.import_module(name)
    for module in pkgutil.walk_packages(physfit.__path__, "physfit."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder, "t.csv")
        table.write_text("x,y\n" + "".join(f"{i},{i * i % 7}\n" for i in range(20)))
        result = str(Path(folder, "r.h5"))
        code = main(["fit", str(table), "-m", "linear", "-o", result, "-q"])
    if code != 0:
        raise SystemExit("the fork server could not fit a line")


def _child(case: Mapping[str, Any]) -> None:
    """Run the case with its own files for output, and end."""
    os.setsid()
    os.chdir(case["folder"])
    _redirect(0, os.devnull, os.O_RDONLY)
    _redirect(1, ".stdout", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    _redirect(2, ".stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        code = _executed(case["code"]) if "code" in case else _run(case["arguments"])
    except BaseException:
        traceback.print_exc()
        code = 1
    _end(code)


def _run(arguments: list[str]) -> int:
    from physfit.cli.main import run

    sys.argv = ["physfit", *arguments]
    try:
        run()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _executed(code: str) -> int:
    import numpy as np

    import physfit as pf

    try:
        exec(compile(code, "case", "exec"), {"pf": pf, "np": np, "__name__": "case"})
    except (pf.errors.PhysfitError, OSError) as error:
        print(f"physfit: error: {error}", file=sys.stderr)
        return 1
    return 0


def _end(code: int) -> None:
    """End as a process does, without deleting modules, which takes half a second."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()
    deadline = time.monotonic() + 5.0
    while _thread._count() and time.monotonic() < deadline:
        time.sleep(0.001)  # a thread that is at its end frees what it held
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    ctypes.CDLL(None).exit(code)


def _redirect(descriptor: int, path: str, flags: int) -> None:
    opened = os.open(path, flags, 0o600)
    os.dup2(opened, descriptor)
    os.close(opened)


if __name__ == "__main__":
    serve()
