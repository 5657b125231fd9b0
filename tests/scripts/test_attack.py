"""A small part of `bash scripts/attack`, and that it would see what it looks for."""

from contextlib import closing

import pytest
from attacks import inputs
from attacks.counting import Log, Outcome
from attacks.judging import judged
from attacks.running import Ended, ForkServer

SENTENCE = "physfit: error: `t.csv` is empty.\n"
ENDS = {
    "converged": (Ended(0, "report", "physfit: wrote `r.h5`.\n", 0.1, 1), Outcome.HELD),
    "some failed": (Ended(3, "", "", 0.1, 1), Outcome.HELD),
    "refused": (Ended(1, "", SENTENCE, 0.1, 1), Outcome.REFUSED),
    "interrupted": (Ended(130, "", "", 0.1, 1), Outcome.INTERRUPTED),
    "two lines": (Ended(1, "", f"{SENTENCE}and more\n", 0.1, 1), Outcome.UNCLEAR),
    "no sentence": (Ended(1, "", "", 0.1, 1), Outcome.UNCLEAR),
    "another code": (Ended(5, "", SENTENCE, 0.1, 1), Outcome.UNCLEAR),
    "unforeseen": (Ended(70, "", SENTENCE, 0.1, 1), Outcome.TRACEBACK),
    "signal": (Ended(-11, "", "", 0.1, 1), Outcome.CRASH),
    "endless": (Ended(None, "", "", 30.0, 1), Outcome.HANG),
    "large": (Ended(0, "", "", 0.1, 2 << 30), Outcome.MEMORY),
}


@pytest.mark.parametrize(("ended", "outcome"), ENDS.values(), ids=ENDS)
def test_how_a_command_ends_is_judged_by_code_and_sentence(ended, outcome):
    """Only what is documented holds."""
    assert judged(ended) is outcome


def test_bad_inputs_are_read_right_or_refused(tmp_path):
    """A few of every kind: no traceback, no crash, no wrong number."""
    with closing(Log(tmp_path, "inputs", loud=False)) as log:
        # altered files take a while to make and have tests of their own
        inputs.attack(log, 20, 50, set(inputs.KINDS) - {"altered files"})
    assert log.holds, log.table()


def test_a_piece_of_python_that_fails_is_seen(tmp_path):
    """The fork server tells a traceback from a sentence and from a result."""
    with ForkServer() as server:
        ends = [
            judged(server.python(code, folder=tmp_path))
            for code in ("1 / 0", "pf.read_table('none.csv')", "print(1)")
        ]
    assert ends == [Outcome.TRACEBACK, Outcome.REFUSED, Outcome.HELD]
