"""Fits of one curve: checked, started, solved."""

from __future__ import annotations

from physfit.fitting.prepared import Prepared, prepare
from physfit.fitting.scipy_signature import curve_fit
from physfit.fitting.single import fit

__all__ = ["Prepared", "curve_fit", "fit", "prepare"]
