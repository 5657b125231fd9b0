import gc
import threading
import time

import pytest

from physfit.engine.syntax import parsed_expression, parsed_module

TEXT = "(1 + " * 40 + "2" + ")" * 40


class Cycle:
    """Garbage whose collection lets another thread go on."""

    def __init__(self):
        self.itself = self

    def __del__(self):
        time.sleep(0)


@pytest.fixture
def garbage():
    """Collections at almost every allocation."""
    thresholds = gc.get_threshold()
    gc.set_threshold(10)
    yield
    gc.set_threshold(*thresholds)


def parse_often(failures):
    try:
        for _ in range(60):
            Cycle()
            parsed_module(f"x = {TEXT}")
            parsed_expression(TEXT)
    except SystemError as error:
        failures.append(error)


@pytest.mark.usefixtures("garbage")
def test_threads_parse_at_the_same_time():
    """Each gets its tree, wherever collections let another thread go on."""
    failures: list[SystemError] = []
    threads = [threading.Thread(target=parse_often, args=(failures,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
