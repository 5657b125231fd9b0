"""Runs of a chain by hand: on a given stream of gradients, and on data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from physfit.engine import descent, jit
from physfit.engine.addresses import address_of
from physfit.engine.chain import VECTORS, Stages, StageWords, compiled_stage, stages_of
from physfit.engine.descent import DescentState
from physfit.engine.gradient import gradient_of_rows
from physfit.objective import Objective
from physfit.optim.base import Transform
from physfit.optim.transforms import projected


class Settings:
    """Scale, bounds and metric of n scaled parameters."""

    def __init__(self, n, scale=1.0, lower=-np.inf, upper=np.inf, loss_size=1.0):
        self.scale = np.broadcast_to(np.asarray(scale, dtype=float), (n,))
        self.lower = np.broadcast_to(np.asarray(lower, dtype=float), (n,))
        self.upper = np.broadcast_to(np.asarray(upper, dtype=float), (n,))
        self.loss_size = loss_size
        self.metric = self.scale**2 / loss_size


def stages(transforms: Sequence[Transform], n: int) -> Stages:
    """Compiled form of a chain."""
    return stages_of([own.stage for own in transforms], n)


def follow(transforms, gradients, z, rates, settings=None, state=None) -> np.ndarray:
    """Scaled parameters after each step on a given stream of scaled gradients.

    `state`, a list, is given the state of the chain after the last one.
    """
    steps, n = gradients.shape
    settings = settings or Settings(n)
    made = stages(transforms, n)
    vectors = np.zeros((len(VECTORS), n))
    vectors[VECTORS.index("theta")] = z
    for name in ("scale", "lower", "upper", "metric"):
        vectors[VECTORS.index(name)] = getattr(settings, name)
    memory = np.zeros(made.n_state * n + 1)
    path = np.empty((steps, n))
    for i in range(steps):
        vectors[0] = gradients[i]
        numbers = np.array([i + 1.0, rates[i]])
        for k, own in enumerate(transforms):
            _, place, hyper = made.words[k]
            compiled_stage(own.stage).call(
                address_of(vectors),
                address_of(numbers),
                address_of(memory) + 8 * int(place),
                address_of(made.hyper) + 8 * int(hyper),
                n,
            )
        vectors[1] -= vectors[0]
        path[i] = vectors[1]
    if state is not None:
        state.append(memory)
    return path


class Run:
    """Minibatch descent over the samples of an objective, assembled by hand."""

    def __init__(
        self,
        objective: Objective,
        transforms,
        start,
        *,
        batch=64,
        rates=0.1,
        settings=None,
        max_steps=10**6,
        every=1,
        limit=np.inf,
    ):
        n = objective.n_free
        self.objective = objective
        self.n = n
        self.settings = settings or Settings(n)
        self.stages = stages(projected(transforms), n)
        self.state = np.zeros(descent.descent_size(n, self.stages.n_state))
        scale = np.asarray(self.settings.scale)
        for name in ("SCALE", "LOWER", "UPPER", "METRIC"):
            self.vector(name)[:] = getattr(self.settings, name.lower())
        self.vector("Z")[:] = np.asarray(start) / scale
        self.vector("THETA")[:] = self.vector("Z") * scale
        self.state[DescentState.loss_size] = self.settings.loss_size
        self.state[DescentState.limit] = limit
        self.state[DescentState.max_steps] = max_steps
        self.rates = np.array(np.broadcast_to(rates, (100_000,)), dtype=float)
        self.history = np.zeros((4096, n + descent.RECORD))
        self.words = np.zeros(descent.DescentJob.SIZE, dtype=np.int64)
        self._bind(batch, every)

    def _bind(self, batch, every):
        words = self.words
        words[descent.DescentJob.function] = jit.compiled(gradient_of_rows).address
        words[descent.DescentJob.problem] = self.objective.problem.address
        words[descent.DescentJob.stages] = address_of(self.stages.words)
        words[descent.DescentJob.n_stages] = len(self.stages.words)
        words[descent.DescentJob.hyper] = address_of(self.stages.hyper)
        words[descent.DescentJob.n] = self.n
        words[descent.DescentJob.batch] = batch
        words[descent.DescentJob.rates] = address_of(self.rates)
        words[descent.DescentJob.first_rate] = 1
        words[descent.DescentJob.state] = address_of(self.state)
        words[descent.DescentJob.history] = address_of(self.history)
        words[descent.DescentJob.n_history] = len(self.history)
        words[descent.DescentJob.every] = every

    def vector(self, name: str) -> np.ndarray:
        """A vector of the state by the name of its number in `descent`."""
        start = DescentState.SIZE + getattr(descent, name) * self.n
        return self.state[start : start + self.n]

    def own(self, stage: int, which: int = 0) -> np.ndarray:
        """State of a transform of the chain."""
        place = int(self.stages.words[stage, StageWords.state]) + which * self.n
        start = DescentState.SIZE + descent.N_VECTORS * self.n + place
        return self.state[start : start + self.n]

    def rows(self, start: int, stop: int, ends: bool = False) -> int:
        """Descend over a range of rows; the status."""
        call = jit.compiled(descent.descend).call
        return int(call(address_of(self.words), start, stop, int(ends)))

    def epochs(self, count: int) -> int:
        """Descend over all samples so many times, each with its last batch closed."""
        status = 0
        for _ in range(count):
            status = self.rows(0, self.objective.y.shape[1], True)
        return status

    @property
    def path(self) -> np.ndarray:
        """Scaled parameters after each step."""
        count = int(self.state[DescentState.n_records])
        return self.history[:count, descent.RECORD :].copy()
