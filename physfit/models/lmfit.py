"""Models under the names and in the conventions of lmfit's built-in models.

`physfit.models.lmfit.VoigtModel(prefix="a_")` has the parameters of lmfit's class of
that name, with the same meaning, and is a model of physfit like any other. Where
conventions agree it is the entry of the catalogue; the others stand in
`models/catalogue/lmfit`.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from physfit.errors import check_known
from physfit.models.catalogue import lmfit as entries
from physfit.models.catalogue.backgrounds import (
    ComplexConstant,
    Constant,
    Linear,
    Quadratic,
)
from physfit.models.catalogue.decays import Exponential
from physfit.models.catalogue.lmfit import (
    BoseModel,
    BreitWignerModel,
    DampedHarmonicOscillatorModel,
    DampedOscillatorModel,
    DoniachModel,
    ExponentialGaussianModel,
    FermiModel,
    LognormalModel,
    LorentzianModel,
    MoffatModel,
    Pearson4Model,
    Pearson7Model,
    PowerLawModel,
    SineModel,
    SkewedGaussianModel,
    SkewedVoigtModel,
    SplitLorentzianModel,
    StudentsTModel,
    VoigtModel,
)
from physfit.models.catalogue.peaks import Gaussian, PseudoVoigt
from physfit.models.catalogue.planes import Gaussian2d
from physfit.models.formulas.component import formula
from physfit.models.model import Model
from physfit.models.series import Polynomial, Spline

__all__ = [
    "BoseModel",
    "BreitWignerModel",
    "ComplexConstantModel",
    "ConstantModel",
    "DampedHarmonicOscillatorModel",
    "DampedOscillatorModel",
    "DoniachModel",
    "ExponentialGaussianModel",
    "ExponentialModel",
    "ExpressionModel",
    "FermiModel",
    "Gaussian2dModel",
    "GaussianModel",
    "LinearModel",
    "LognormalModel",
    "LorentzianModel",
    "MoffatModel",
    "Pearson4Model",
    "Pearson7Model",
    "PolynomialModel",
    "PowerLawModel",
    "PseudoVoigtModel",
    "QuadraticModel",
    "RectangleModel",
    "SineModel",
    "SkewedGaussianModel",
    "SkewedVoigtModel",
    "SplineModel",
    "SplitLorentzianModel",
    "StepModel",
    "StudentsTModel",
    "ThermalDistributionModel",
    "VoigtModel",
]

ConstantModel, LinearModel, QuadraticModel = Constant, Linear, Quadratic
ComplexConstantModel, Gaussian2dModel = ComplexConstant, Gaussian2d
ExponentialModel, GaussianModel, PseudoVoigtModel = Exponential, Gaussian, PseudoVoigt

#: Forms by the words that lmfit takes.
_FORMS = {
    **{"linear": "Linear", "atan": "Atan", "arctan": "Atan", "erf": "Erf"},
    "logistic": "Logistic",
}


def StepModel(form: str = "linear", prefix: str = "") -> Model:
    """Step from 0 to `amplitude`.

    Parameters
    ----------
    form : {"linear", "atan", "arctan", "erf", "logistic"}
    prefix : str
        Precedes the names of the parameters.

    Raises
    ------
    InputError
        When there is no such form.
    """
    return _of_form("Step", form, _FORMS, prefix)


def RectangleModel(form: str = "linear", prefix: str = "") -> Model:
    """Step up to `amplitude`, and down again; see `StepModel`."""
    return _of_form("Rectangle", form, _FORMS, prefix)


def ThermalDistributionModel(form: str = "bose", prefix: str = "") -> Model:
    """Bose, Maxwell or Fermi distribution, with `amplitude` in the denominator.

    Parameters
    ----------
    form : {"bose", "maxwell", "fermi"}
    prefix : str
        Precedes the names of the parameters.

    Raises
    ------
    InputError
        When there is no such form.
    """
    forms = {"bose": "Bose", "maxwell": "Maxwell", "fermi": "Fermi"}
    word = form.lower()
    known = next((own for own in forms if word.startswith(own)), word)
    return _of_form("Thermal", known, forms, prefix)


def PolynomialModel(degree: int = 7, prefix: str = "") -> Model:
    """Polynomial with coefficients c0, c1, ...; see `physfit.models.Polynomial`."""
    return Polynomial(degree, prefix)


def SplineModel(xknots: ArrayLike, prefix: str = "") -> Model:
    """Cubic spline through values at knots; see `physfit.models.Spline`."""
    return Spline(xknots, prefix)


def ExpressionModel(text: str, x: str = "x") -> Model:
    """Model of a formula, as `pf.formula` makes one."""
    return formula(text, x)


def _of_form(kind: str, form: str, forms: dict[str, str], prefix: str) -> Model:
    check_known("`form` cannot be", [form], forms)
    model: Model = getattr(entries, kind + forms[form])(prefix)
    return model
