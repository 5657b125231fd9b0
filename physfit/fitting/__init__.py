"""Fits of one curve: checked, started, solved."""

from __future__ import annotations

from physfit.fitting.fit_plan import FitPlan, plan_of
from physfit.fitting.scipy_signature import curve_fit
from physfit.fitting.single import fit

__all__ = ["FitPlan", "curve_fit", "fit", "plan_of"]
