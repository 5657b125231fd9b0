"""Branches on parameters: the function runs again with every sequence of decisions."""

from __future__ import annotations

from physfit.models.tracing.errors import TraceError

__all__ = ["MOST_PATHS", "Paths"]

#: Sequences of decisions that are followed, and decisions of one.
MOST_PATHS = 16
MOST_DECISIONS = 64


class Paths:
    """The decisions of a run, in the order in which conditions are asked.

    A condition that was asked before has the same answer. `next_run` turns the last
    decision that has not been turned; what was asked after it is asked again.
    """

    def __init__(self) -> None:
        self._planned: list[bool] = []
        self.decisions: list[tuple[int, bool]] = []
        self._n_runs = 1

    def decide(self, condition: int) -> bool:
        """Answer of this run to a condition, given by its step."""
        for step, answer in self.decisions:
            if step == condition:
                return answer
        place = len(self.decisions)
        if place >= MOST_DECISIONS:
            raise TraceError(
                f"asks more than {MOST_DECISIONS} conditions on parameters one after "
                "the other; a loop whose end depends on them is not traced."
            )
        answer = self._planned[place] if place < len(self._planned) else True
        self.decisions.append((condition, answer))
        return answer

    def next_run(self) -> bool:
        """Prepare the next run; whether there is one.

        Raises
        ------
        TraceError
            When there are too many.
        """
        answers = [answer for _, answer in self.decisions]
        while answers and not answers[-1]:
            answers.pop()
        if not answers:
            return False
        self._n_runs += 1
        if self._n_runs > MOST_PATHS:
            raise TraceError(
                f"has more than {MOST_PATHS} paths through its branches "
                "on parameters; use `np.where`."
            )
        self._planned = [*answers[:-1], False]
        self.decisions = []
        return True
