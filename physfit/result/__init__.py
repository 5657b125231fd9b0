"""Results of fits: values with errors, how good and how far, reports, files."""

from __future__ import annotations

from physfit.result.estimate import Estimate
from physfit.result.file import load_result
from physfit.result.fit_result import FitResult
from physfit.result.many_result import ManyResult

__all__ = ["Estimate", "FitResult", "ManyResult", "load_result"]
