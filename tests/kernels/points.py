"""Kernels of the components that ship, by the names of their point functions."""

import physfit.models.catalogue  # noqa: F401  fills the declarations
from physfit.models.declaration import DECLARATIONS

POINTS = {name: own.kernel for name, own in DECLARATIONS.items()}
