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

START = {"amplitude": 800.0, "center": 420.0, "sigma": 70.0}
START |= {"slope": 0.0, "intercept": 1.0}
#: The best of a series of rates for each method, by scaling.
RATES = {
    "none": {"gd": 1e-6, "rmsprop": 0.01, "adam": 0.1},
    "curvature": {"gd": 0.5, "rmsprop": 0.01, "adam": 0.02},
}


def wavelengths() -> Sample:
    """A line in nanometres on a sloping background: units that suit no one rate."""
    model = pf.models.Gaussian() + pf.models.Linear()
    truth = {"amplitude": 500.0, "center": 460.0, "sigma": 50.0}
    truth |= {"slope": 0.002, "intercept": 1.0}
    x = np.linspace(200.0, 800.0, 400)
    y = model(x, **truth) + 0.3 * np.random.default_rng(7).normal(size=len(x))
    return Sample(model, x, y, np.full(len(x), 0.3), truth)


@figure_of
def scaling(steps: int = 3000) -> Figure:
    """Three methods with parameters as they are, and scaled by the curvature."""
    sample = wavelengths()
    best = sample.fit()
    figure, axes = canvas(2, width=9.0, height=3.5, sharey=True)
    for ax, (name, rates) in zip(axes, RATES.items(), strict=True):
        for color, (method, rate) in zip(COLORS, rates.items(), strict=False):
            result = sample.descent(
                method,
                start=START,
                schedule=rate,
                scaling=name,
                batch_size=len(sample.x),
                epochs=steps,
            )
            look = {"color": color, "label": f"{method}, rate {rate:g}"}
            distance_curve(ax, result, best, **look)
        ax.set_title(f'scaling="{name}"')
        ax.set_xscale("log")
        ax.set_xlim(1, steps)
        ax.legend(loc="lower left")
    axes[1].set_ylabel("")
    tagged(axes)
    return figure


@figure_of
def first_steps(steps: int = 40) -> Figure:
    """Length of the first steps of Adam, with and without correction of the bias."""
    sample = wavelengths()
    rate = 0.001
    figure, (ax,) = canvas(1, width=5.4, height=3.6)
    for color, method in zip(COLORS, ("lecture_adam", "adam"), strict=False):
        result = sample.descent(
            method,
            start=START,
            schedule=rate,
            scaling="none",
            batch_size=len(sample.x),
            epochs=steps,
        )
        amplitude = path_of(result)[:, result.free_names.index("center")]
        lengths = np.abs(np.diff(amplitude)) / rate
        ax.plot(np.arange(1, steps + 1), lengths, color=color, label=method, marker=".")
    t = np.arange(1, steps + 1)
    theory = (1.0 - 0.9**t) / np.sqrt(1.0 - 0.999**t)
    label = r"$(1-\beta_1^t)\,/\sqrt{1-\beta_2^t}$"
    ax.plot(t, theory, ":", color=ROLES["data"], label=label)
    ax.set(xlabel="step", ylabel="length of the step / rate", xlim=(0, steps))
    ax.set_ylim(0.0, 8.0)
    ax.legend(loc="upper right")
    return figure
