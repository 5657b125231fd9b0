"""Complex numbers in files: two columns of them, texts, their standard deviations."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.errors import DataError

X = np.array([1.0, 2.0, 3.0, 4.0])
Y = np.array([1.0 - 2.0j, 0.5 + 0.25j, -3.0 + 1.0j, -1.0 - 1.0j])
S_RE, S_IM = np.array([0.1, 0.2, 0.3, 0.4]), np.array([1.0, 2.0, 3.0, 4.0])
SIZE, PHASE = np.abs(Y), np.angle(Y)
LEVEL = 20.0 * np.log10(SIZE)


def written(path, heading, *columns):
    """A file of columns, numbers or texts."""
    rows = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    path.write_text("\n".join([*([heading] if heading else []), *rows]) + "\n")
    return path


FORMS = {
    "parts": ("f,re,im", (Y.real, Y.imag), "re,im"),
    "parts found": ("f,S21_re,S21_im", (Y.real, Y.imag), None),
    "rad": ("f,mag,phase (rad)", (SIZE, PHASE), "mag,phase"),
    "deg": ("f,R,theta (deg)", (SIZE, np.degrees(PHASE)), "R,theta"),
    "dB": ("f,S21 (dB),arg (°)", (LEVEL, np.degrees(PHASE)), "S21,arg"),
    "dB in the name": ("f,s21_dB,ang [deg]", (LEVEL, np.degrees(PHASE)), "1,2"),
    "said": ("f,S21,phase", (LEVEL, np.degrees(PHASE)), "S21 (dB),phase (deg)"),
    "said by number": ("", (SIZE, PHASE), "1,2 (rad)"),
}


@pytest.mark.parametrize("form", FORMS)
def test_two_columns_are_the_number_that_their_headings_say(tmp_path, form):
    """Parts, or magnitude and phase with their units; never one for the other."""
    heading, columns, y = FORMS[form]
    table = pf.read_table(written(tmp_path / "a.csv", heading, X, *columns), y=y)
    np.testing.assert_allclose(table.y, Y, rtol=1e-14)


REFUSED = {
    "a phase without a unit": ("f,mag,phase", "mag,phase"),
    "dB without a phase": ("f,S21 (dB),b", "S21,b"),
    "a unit against the heading": ("f,mag,phase (rad)", "mag,phase (deg)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_may_be_read_in_two_ways_is_refused(tmp_path, case):
    """A phase in degrees taken for radians would be a wrong number."""
    heading, y = REFUSED[case]
    path = written(tmp_path / "a.csv", heading, X, SIZE, PHASE)
    with pytest.raises(DataError, match=r"\(deg\)|leave the unit out"):
        pf.read_table(path, y=y)


@pytest.mark.parametrize("pattern", ["{0.real}{0.imag:+}j", "({0.real}{0.imag:+}i)"])
def test_texts_are_complex_numbers(tmp_path, pattern):
    """As Python and other programs write them."""
    texts = [pattern.format(value) for value in Y]
    table = pf.read_table(written(tmp_path / "a.csv", "f,S21", X, texts))
    np.testing.assert_array_equal(table.y, Y)


ERRORS = {
    "each found": ("f,re,im,sigma_re,sigma_im", "re,im", None, S_RE + 1j * S_IM),
    "each named": ("f,re,im,a,b", "re,im", "a,b", S_RE + 1j * S_IM),
    "one for both": ("f,re,im,sigma,b", "re,im", None, S_RE),
    "one of them only": ("f,re,im,sigma_re,b", "re,im", None, None),
}


@pytest.mark.parametrize("case", ERRORS)
def test_parts_have_errors_of_their_own(tmp_path, case):
    """Both or none: the error of the real part is not that of the imaginary one."""
    heading, y, sigma, expected = ERRORS[case]
    path = written(tmp_path / "a.csv", heading, X, Y.real, Y.imag, S_RE, S_IM)
    table = pf.read_table(path, y=y, sigma=sigma)
    if expected is None:
        assert table.sigma is None
        assert "sigma_re' not used, though named as an error" in table.note
    else:
        np.testing.assert_array_equal(table.sigma, expected)


def test_errors_of_magnitude_and_phase_are_refused(tmp_path):
    """They are none of the parts."""
    path = written(tmp_path / "a.csv", "f,R,arg (rad),a,b", X, SIZE, PHASE, S_RE, S_IM)
    with pytest.raises(DataError, match="beside a real and an imaginary part"):
        pf.read_table(path, y="R,arg", sigma="a,b")


def test_an_array_of_complex_columns_has_a_real_x(tmp_path):
    """Columns without imaginary parts are real, though the array is complex."""
    np.save(tmp_path / "a.npy", np.column_stack([X, Y]))
    table = pf.read_table(tmp_path / "a.npy")
    np.testing.assert_array_equal(table.x, X)
    np.testing.assert_array_equal(table.y, Y)


MODEL = pf.formula("a / (1 + 2j * (x - b))").where(a=pf.param(start=1), b=pf.fixed(2))
SIGMA = np.linspace(0.1, 0.2, 60) * (1.0 + 3.0j)


def noisy(rows=()):
    """Curves whose imaginary part is the noisier one."""
    rng, x = np.random.default_rng(3), np.linspace(0.0, 4.0, 60)
    noise = SIGMA.real * rng.normal(size=(*rows, 60))
    y = MODEL(x, a=2.0, b=2.0) + noise + 1j * SIGMA.imag * rng.normal(size=(*rows, 60))
    return x, y


@pytest.mark.parametrize(
    "sigma",
    [SIGMA, np.array([SIGMA.real, SIGMA.imag]), (SIGMA.real, SIGMA.imag)],
    ids=["complex", "rows", "pair"],
)
def test_each_part_is_weighed_by_its_own_sigma(sigma):
    """The cost is that of both parts over their own errors."""
    x, y = noisy()
    result = pf.fit(MODEL, x, y, sigma=sigma)
    left = y - result(x)
    chi2 = np.sum((left.real / SIGMA.real) ** 2 + (left.imag / SIGMA.imag) ** 2)
    assert result.chi2 == pytest.approx(chi2, rel=1e-12)
    assert result.dof == 119


@pytest.mark.parametrize("sigma", [0.1 + 0.3j, (0.1, 0.3)], ids=["complex", "pair"])
def test_one_number_for_each_part(sigma):
    """As if it stood for every sample."""
    x, y = noisy()
    one = pf.fit(MODEL, x, y, sigma=sigma)
    whole = pf.fit(MODEL, x, y, sigma=np.full(60, 0.1 + 0.3j))
    assert (one.chi2, one.stderr["a"]) == (whole.chi2, whole.stderr["a"])


@pytest.mark.parametrize("shape", [(60,), (5, 60), (5, 1)], ids=str)
def test_rows_weigh_each_part_as_single_fits_do(shape):
    """`fit_many` and `fit` have the same cost and errors for every row."""
    x, y = noisy((5,))
    sigma = np.broadcast_to(SIGMA if shape != (5, 1) else 0.1 + 0.3j, shape)
    many = pf.fit_many(MODEL, x, y, sigma=sigma)
    whole = np.broadcast_to(sigma, y.shape)
    alone = [pf.fit(MODEL, x, y[k], sigma=whole[k]) for k in range(5)]
    np.testing.assert_allclose(many.chi2, [own.chi2 for own in alone], rtol=1e-10)
    errors = [own.stderr["a"] for own in alone]
    np.testing.assert_allclose(many["a"].stderr, errors, rtol=1e-8)
    again = many.result(3)
    np.testing.assert_allclose(again.pulls, alone[3].pulls, atol=1e-6)


def test_a_complex_sigma_needs_complex_data():
    """Of real data it would lose a part."""
    with pytest.raises(pf.errors.InputError, match="real"):
        pf.fit("a + b*x", X, Y.real, sigma=S_RE + 1j * S_IM)
    with pytest.raises(pf.errors.InputError, match="real"):
        pf.fit_many(pf.models.Linear(), X, Y.real[None], sigma=S_RE + 1j * S_IM)


PLACES = {"rows": (5, 60), "samples": (60,), "one a row": (5, 1)}


@pytest.mark.parametrize("place", PLACES)
def test_rows_of_a_file_have_errors_of_both_parts(tmp_path, place):
    """A complex dataset of sigma is read as the same array in memory is."""
    x, y = noisy((5,))
    sigma = (
        SIGMA if place != "one a row" else np.linspace(0.1, 0.2, 5)[:, None] * (1 + 2j)
    )
    sigma = np.array(np.broadcast_to(sigma, PLACES[place]))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"], file["y"], file["sigma"] = x, y, sigma
    stored = pf.fit_many(MODEL, tmp_path / "a.h5", dataset="/y")
    here = pf.fit_many(MODEL, x, y, sigma=sigma)
    np.testing.assert_array_equal(stored.chi2, here.chi2)
    np.testing.assert_array_equal(stored.stderr, here.stderr)


def test_an_array_of_both_errors_goes_with_a_file(tmp_path):
    """Of complex data; of real ones it would lose a part."""
    x, y = noisy((5,))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"], file["y"], file["real"] = x, y, y.real
    stored = pf.fit_many(MODEL, tmp_path / "a.h5", dataset="/y", sigma=SIGMA)
    here = pf.fit_many(MODEL, x, y, sigma=SIGMA)
    np.testing.assert_array_equal(stored.chi2, here.chi2)
    with pytest.raises(pf.errors.InputError, match="but the data are real"):
        pf.fit_many(
            pf.models.Linear(), tmp_path / "a.h5", dataset="/real", x="/x", sigma=SIGMA
        )


def test_passes_over_a_file_weigh_each_part(tmp_path):
    """By two columns of errors, to the answer in memory."""
    x, y = noisy()
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"], file["re"], file["im"] = x, y.real, y.imag
        file["a"], file["b"] = SIGMA.real, SIGMA.imag
    with pf.Hdf5Source(tmp_path / "a.h5", y="re,im", sigma="a,b", n_outputs=2) as rows:
        passes = pf.fit(MODEL, rows, method="lm", start={"a": 1.5})
    here = pf.fit(MODEL, x, y, sigma=SIGMA)
    assert passes.chi2 == pytest.approx(here.chi2, rel=1e-10)
    assert passes.stderr["a"] == pytest.approx(here.stderr["a"], rel=1e-8)


def test_curve_fit_refuses_complex_data():
    """As scipy's it would fit the real part."""
    with pytest.raises(pf.errors.InputError, match=r"use pf\.fit"):
        pf.curve_fit(lambda x, a: a * x, X, Y)


@pytest.mark.parametrize("name", ["complex_ringdown", "resonator_transmission"])
def test_guesses_over_a_file_are_those_in_memory(tmp_path, name):
    """Both parts of the samples that are drawn from it stay with their x."""
    rng, model = np.random.default_rng(4), pf.parse_model(name)
    x = np.sort(rng.uniform(4.0, 6.0, 9000))
    truth = {"amplitude": 2.0, "frequency": 3.0, "rate": 0.4, "phase": 0.3}
    if name != "complex_ringdown":
        truth = {"height": 2.0, "alpha": 0.3, "delay": 0.4, "f0": 5.0, "Q": 20.0}
    y = model(x, **truth) + 0.1 * (rng.normal(size=9000) + 1j * rng.normal(size=9000))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"], file["y"] = x, y
    with pf.Hdf5Source(tmp_path / "a.h5", n_outputs=2) as rows:
        result = pf.fit(model, rows, method="lm")
    assert result.chi2 == pytest.approx(pf.fit(model, x, y, start=truth).chi2, rel=1e-6)


def test_errors_cover_the_truth_where_parts_differ_in_noise():
    """Pulls of 600 simulated resonances, the imaginary part thrice as noisy."""
    x = np.linspace(4.99, 5.01, 80)
    truth = {"amplitude": 2.0, "alpha": 0.3, "delay": 20.0, "f0": 5.001, "Q": 2000.0}
    truth |= {"Qc": 3000.0, "phi": 0.2}
    model, sigma = pf.models.ResonatorNotch(), 0.02 + 0.06j
    rng = np.random.default_rng(11)
    noise = rng.normal(size=(2, 600, 80))
    y = model(x, **truth) + sigma.real * noise[0] + 1j * sigma.imag * noise[1]
    many = pf.fit_many(model, x, y, sigma=sigma)
    assert many.converged.all()
    exact = np.array([truth[name] for name in many.names])
    pulls = (many.table.theta - exact) / many.stderr
    # standard errors of a mean and of a deviation of 600: 0.041 and 0.029; 4.5 of these
    assert np.abs(pulls.mean(axis=0)).max() < 4.5 * 0.041
    assert np.abs(pulls.std(axis=0) - 1.0).max() < 4.5 * 0.029
    assert many.chi2.mean() == pytest.approx(153.0, abs=4.5 * np.sqrt(2 * 153 / 600))
