"""Functions in the manner of lab scripts: each is traced, and is the function."""

from __future__ import annotations

import numpy as np
import pytest
import traces
from array_scripts import CASES as ARRAYS
from complex_scripts import CASES as COMPLEX
from parameter_scripts import CASES as PARAMETERS

CASES = {**PARAMETERS, **ARRAYS, **COMPLEX}


@pytest.mark.parametrize("name", CASES)
def test_a_graph_has_values_and_derivatives_of_its_function(name):
    """Values to 1e-12 of the largest, derivatives as differences have them."""
    function, p, x, style = CASES[name]
    call = style(function)

    def of_vector(x, *p):
        return call([x], [*map(np.float64, p)])

    traced = traces.traced(of_vector, len(p), x, [p])
    value, *slopes = traces.values(traced.graph, x, p)
    original = np.ravel(of_vector(x, *p))
    np.testing.assert_allclose(value, original, atol=1e-12 * np.abs(original).max())
    expected = traces.differences(of_vector, x, np.array(p))
    scale = max(np.abs(row).max() for row in expected)
    np.testing.assert_allclose(slopes, expected, rtol=1e-6, atol=1e-7 * scale)
