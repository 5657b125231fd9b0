"""The style of figures: what a matplotlibrc of a folder may not decide."""

import io
import itertools

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


def test_labels_of_seconds_since_1970_do_not_overlap():
    """They are those beside an offset; seconds of the day are written out."""
    x = np.linspace(0.0, 0.05, 50)
    for start, is_beside in ((1764505837.25, True), (51234.5, False)):
        figure = pf.fit(pf.models.Linear(), start + x, 3.0 + x).plot()
        figure.savefig(io.BytesIO())
        labels = figure.axes[-1].get_xticklabels()
        boxes = [own.get_window_extent() for own in labels if own.get_text()]
        assert all(a.x1 < b.x0 for a, b in itertools.pairwise(boxes))
        assert bool(figure.axes[-1].xaxis.get_offset_text().get_text()) == is_beside
