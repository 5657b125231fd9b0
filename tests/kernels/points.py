"""Kernels of the components that ship, by the names of their point functions.

Those that follow equations of motion have no point function.
"""

import physfit.models.catalogue  # noqa: F401  fills the declarations
from physfit.models.declaration import DECLARATIONS

KERNELS = {name: own.kernel for name, own in DECLARATIONS.items()}
POINTS = {name: own for name, own in KERNELS.items() if own.is_pointwise}
