"""The style of figures: what a matplotlibrc of a folder may not decide."""

import io

import matplotlib as mpl
import numpy as np
import pytest

import physfit as pf
from physfit.plot.style import applied, save_figure


def test_no_figure_is_set_by_tex(monkeypatch):
    """Neither labels nor the numbers of axes reach a program, whatever settings say."""
    x = np.arange(9.0)
    result = pf.fit(pf.models.Linear(), x, 2.0 * x + x % 3)
    monkeypatch.setenv("PATH", "/nowhere")
    with mpl.rc_context({"text.usetex": True}):
        target = io.BytesIO()
        save_figure(result.plot(), target, format="png")
    assert target.getvalue()[:4] == b"\x89PNG"


def test_numbers_that_matplotlib_cannot_draw_get_a_sentence():
    """An error of ticks or scales is one of the numbers; errors of physfit pass."""
    with pytest.raises(pf.errors.InputError, match="cannot be drawn"), applied():
        mpl.figure.Figure().subplots().set_ylim(0.0, np.inf)
    with pytest.raises(pf.errors.DataError, match="as it was"), applied():
        raise pf.errors.DataError("as it was")
