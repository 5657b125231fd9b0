"""RMSprop and Adam: steps that do not depend on the size of the gradient."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import physfit as pf
from physfit.plot.history import distance_curve
from physfit.plot.style import ROLES

from .canvas import COLORS, canvas, figure_of, tagged
from .landscapes import path_of
from .samples import Sample

__all__ = ["first_steps", "scaling"]

#: Unit of length, scaling, and the best of a series of rates for each method.
PANELS = (
    (1.0, "none", {"gd": 0.003, "rmsprop": 0.01, "adam": 0.1}),
    (10.0, "none", {"gd": 3e-5, "rmsprop": 0.003, "adam": 0.03}),
    (10.0, "curvature", {"gd": 0.1, "rmsprop": 0.01, "adam": 0.03}),
)


def position(unit: float) -> Sample:
    """A line on a sloping background, its x in units of 1 cm / `unit`."""
    model = pf.models.Gaussian() + pf.models.Linear()
    truth = {"amplitude": 5.0 * unit, "center": 4.6 * unit, "sigma": 0.8 * unit}
    truth |= {"slope": 0.1 / unit, "intercept": 1.0}
    x = np.linspace(0.0, 10.0 * unit, 400)
    y = model(x, **truth) + 0.3 * np.random.default_rng(7).normal(size=len(x))
    return Sample(model, x, y, np.full(len(x), 0.3), truth)


def start(unit: float) -> dict[str, float]:
    """Where all descents begin, in that unit."""
    found = {"amplitude": 3.0 * unit, "center": 4.0 * unit, "sigma": 1.2 * unit}
    return found | {"slope": 0.0, "intercept": 2.0}


@figure_of
def scaling(steps: int = 3000) -> Figure:
    """Three methods in centimetres, in millimetres, and scaled by the curvature."""
    figure, axes = canvas(3, width=9.0, height=3.4, sharey=True)
    for ax, (unit, name, rates) in zip(axes, PANELS, strict=True):
        sample = position(unit)
        best = sample.fit()
        for color, (method, rate) in zip(COLORS, rates.items(), strict=False):
            result = sample.descent(
                method,
                start=start(unit),
                learning_rate=rate,
                scaling=name,
                batch_size=len(sample.x),
                epochs=steps,
            )
            look = {"color": color, "label": f"{method}, rate {rate:g}"}
            distance_curve(ax, result, best, **look)
        ax.set_title(f'x in {"cm" if unit == 1.0 else "mm"}, scaling="{name}"')
        ax.set_xscale("log")
        ax.set_xlim(3, steps)
        ax.set_ylim(1e-5, 300.0)
        ax.set_ylabel("")
        ax.legend(loc="lower left")
    axes[0].set_ylabel("distance to the minimum (σ)")
    tagged(axes)
    return figure


@figure_of
def first_steps(steps: int = 40) -> Figure:
    """Length of the first steps of Adam, with and without correction of the bias."""
    sample = position(10.0)
    rate = 0.001
    figure, (ax,) = canvas(1, width=5.4, height=3.6)
    for color, method in zip(COLORS, ("lecture_adam", "adam"), strict=False):
        result = sample.descent(
            method,
            start=start(10.0),
            learning_rate=rate,
            scaling="none",
            batch_size=len(sample.x),
            epochs=steps,
        )
        center = path_of(result)[:, result.free_names.index("center")]
        lengths = np.abs(np.diff(center)) / rate
        ax.plot(np.arange(1, steps + 1), lengths, color=color, label=method, marker=".")
    t = np.arange(1, steps + 1)
    theory = (1.0 - 0.9**t) / np.sqrt(1.0 - 0.999**t)
    label = r"$(1-\beta_1^t)\,/\sqrt{1-\beta_2^t}$"
    ax.plot(t, theory, ":", color=ROLES["data"], label=label)
    ax.set(xlabel="step", ylabel="length of the step / rate", xlim=(0, steps))
    ax.set_ylim(0.0, 8.0)
    ax.legend(loc="upper right")
    return figure
