"""Signals as a process has them that was started at a prompt, and a quick selection."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, repeat
from pathlib import Path

import pytest

#: `--quick` takes one file in so many of each folder, and one test in so many of it,
#: the first in any case.
QUICK_FILES, QUICK_TESTS = 6, 4

# A shell that runs the tests in the background ignores some, and so would the processes
# that tests start and interrupt.
for _name, _handler in (
    ("SIGINT", signal.default_int_handler),
    ("SIGHUP", signal.SIG_DFL),
    ("SIGQUIT", signal.SIG_DFL),
):
    _number = getattr(signal, _name, None)
    if _number is not None and signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, _handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare `--quick`."""
    parser.addoption(
        "--quick",
        action="store_true",
        help="some tests of every folder: two minutes in place of ten",
    )


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave out what `--quick` does not take."""
    if not config.getoption("--quick"):
        return
    files: Counter[Path] = Counter()
    tests: dict[Path, Iterator[int]] = {}
    chosen, left_out = [], []
    for item in items:
        if item.path not in tests:
            is_taken = files[item.path.parent] % QUICK_FILES == 0
            tests[item.path] = cycle(range(QUICK_TESTS)) if is_taken else repeat(1)
            files[item.path.parent] += 1
        (left_out if next(tests[item.path]) else chosen).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = chosen
