"""Models: the catalogue, what joins and changes its components, and their parsers."""

from __future__ import annotations

from physfit.models.active import Shirley, Tougaard
from physfit.models.catalogue import COMPONENTS
from physfit.models.catalogue.asymmetric import *  # noqa: F403
from physfit.models.catalogue.backgrounds import *  # noqa: F403
from physfit.models.catalogue.decays import *  # noqa: F403
from physfit.models.catalogue.edges import *  # noqa: F403
from physfit.models.catalogue.ising import *  # noqa: F403
from physfit.models.catalogue.lines import *  # noqa: F403
from physfit.models.catalogue.molecular import *  # noqa: F403
from physfit.models.catalogue.motions import *  # noqa: F403
from physfit.models.catalogue.nonlinear import *  # noqa: F403
from physfit.models.catalogue.optics import *  # noqa: F403
from physfit.models.catalogue.oscillators import *  # noqa: F403
from physfit.models.catalogue.peaks import *  # noqa: F403
from physfit.models.catalogue.planes import *  # noqa: F403
from physfit.models.catalogue.resonators import *  # noqa: F403
from physfit.models.catalogue.tails import *  # noqa: F403
from physfit.models.catalogue.thermal import *  # noqa: F403
from physfit.models.finite_lattice import IsingFinite
from physfit.models.ising_energy import IsingEnergy, coupling_matrix, ordered_pairs
from physfit.models.model import Model
from physfit.models.motion import stated as _stated  # noqa: F401  (enters `ode`)
from physfit.models.multiplets import Doublet, Multiplet
from physfit.models.origins import from_origin
from physfit.models.parse import parse_model
from physfit.models.series import Chebyshev, Polynomial, Polynomial2d, Spline

__all__ = ["Chebyshev", "IsingEnergy", "IsingFinite", "Model", "Polynomial"]
__all__ += ["Doublet", "Multiplet", "Polynomial2d", "Spline"]
__all__ += ["Shirley", "Tougaard"]
__all__ += ["coupling_matrix", "from_origin", "ordered_pairs"]
__all__ += ["parse_model", *COMPONENTS]
