"""Peaks of one coordinate."""

from __future__ import annotations

from scipy import stats

from tests.kernels import domains
from tests.models.catalogue.cases.case import Case, peak, uniform

CASES: dict[str, Case] = {
    "gaussian": peak(
        domains.gaussian,
        peer=lambda x, amplitude, center, sigma: (
            amplitude * stats.norm.pdf(x, center, sigma)
        ),
    ),
    "lorentzian": peak(
        domains.lorentzian,
        width="gamma",
        far=1e6,
        peer=lambda x, amplitude, center, gamma: (
            amplitude * stats.cauchy.pdf(x, center, gamma)
        ),
    ),
    "voigt": peak(
        domains.voigt,
        width=("sigma", "gamma"),
        far=50.0,
        no_limit={"sigma": "tested in tests/models/test_bounds.py", "gamma": "too"},
    ),
    "pseudo_voigt": peak(
        domains.pseudo_voigt,
        far=100.0,
        shapes={"fraction": uniform(0.0, 1.0)},
    ),
}
