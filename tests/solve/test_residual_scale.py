"""Robust losses without sigma: the scale that the residuals give them."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.data.memory import ArraySource
from physfit.engine.residual_scale import ScaleState, follow, select
from physfit.result.many_export import export_many
from physfit.solve.base import Status
from physfit.solve.residual_scale import minimised_at_scale

X = np.linspace(0.0, 10.0, 120)
PEAK = pf.models.Gaussian() + pf.models.Constant()
TRUTH = {"amplitude": 5.0, "center": 4.0, "sigma": 0.8, "c": 0.5}
LOSSES = ["huber", "soft_l1", "cauchy"]
#: Of y: amplitudes and constants.
IN_Y = ("amplitude", "c")


def spoiled(seed: int, n_rows: int | None = None, share: float = 0.1) -> np.ndarray:
    """A peak with noise of 0.02, a share of the samples ten times as noisy."""
    random = np.random.default_rng(seed)
    shape = X.shape if n_rows is None else (n_rows, X.size)
    size = np.where(random.uniform(size=shape) < share, 0.2, 0.02)
    return PEAK(X, **TRUTH) + size * random.standard_normal(shape)


def size_of(result: pf.FitResult) -> float:
    """Scale of the residuals by their median."""
    n, p = result.data.y.size, len(result.free_names)
    sizes = np.abs(result.data.y - PEAK(X, **result.values))
    return 1.482602218505602 * np.sqrt(n / (n - p)) * float(np.median(sizes))


@pytest.mark.parametrize("unit", [1e-9, 1e-3, 1e4, 1e9])
@pytest.mark.parametrize("loss", LOSSES)
def test_units_of_y_do_not_matter(loss: str, unit: float) -> None:
    """mV or V: the same parameters, errors and scale, but for rounding."""
    y = spoiled(1)
    volt, other = pf.fit(PEAK, X, y, loss=loss), pf.fit(PEAK, X, unit * y, loss=loss)
    for name in PEAK.free_names:
        factor = unit if name in IN_Y else 1.0
        off = other[name].value / factor - volt[name].value
        assert abs(off) < 1e-5 * volt[name].stderr
        assert other[name].stderr / factor == pytest.approx(volt[name].stderr, rel=1e-5)
    assert other.scale == pytest.approx(unit * volt.scale, rel=1e-5)
    assert other.chi2 == pytest.approx(volt.chi2, rel=1e-5)


@pytest.mark.parametrize("method", ["lm", "scipy:trf", "scipy:bfgs"])
@pytest.mark.parametrize("loss", LOSSES)
def test_scale_is_that_of_the_residuals(loss: str, method: str) -> None:
    """A fixed point: sigma = scale gives the same fit, whose residuals give it."""
    found = pf.fit(PEAK, X, spoiled(2), loss=loss, method=method)
    given = pf.fit(PEAK, X, spoiled(2), loss=loss, sigma=found.scale)
    assert size_of(found) == pytest.approx(found.scale, rel=1e-4)
    assert given.scale is None and found.scale is not None
    for name in PEAK.free_names:
        assert abs(found[name].value - given[name].value) < 1e-3 * given[name].stderr
        assert found[name].stderr == pytest.approx(given[name].stderr, rel=1e-3)


@pytest.mark.parametrize("loss", LOSSES)
def test_rows_have_the_scales_of_single_fits(loss: str) -> None:
    """To the accuracy of rows, with masks, and in the result of a row."""
    y = spoiled(3, 8)
    y[2, 7:20] = np.nan
    many = pf.fit_many(PEAK, X, y, loss=loss)
    for row in range(8):
        single = pf.fit(PEAK, X, y[row], loss=loss, nan="omit")
        assert many.scale[row] == pytest.approx(single.scale, rel=1e-4)
        off = many["center"].value[row] - single["center"].value
        assert abs(off) < 1e-3 * single["center"].stderr
        stderr = single["center"].stderr
        assert many["center"].stderr[row] == pytest.approx(stderr, rel=1e-3)
        shown = many.result(row)
        assert shown.scale == many.scale[row]
        assert shown["center"].stderr == pytest.approx(stderr, rel=1e-3)
    assert pf.fit_many(PEAK, X, y, loss=loss, sigma=0.02).scale is None


def test_complex_rows_have_one_scale_for_both_parts() -> None:
    """Real and imaginary parts are residuals alike."""
    ring, t = pf.models.ComplexRingdown(), np.linspace(0.0, 5.0, 100)
    random = np.random.default_rng(4)
    y = ring(t, amplitude=1.0, frequency=2.0, rate=0.5, phase=0.3)
    y = y + 0.1 * (random.normal(size=(3, 100)) + 1j * random.normal(size=(3, 100)))
    y[:, ::9] += 3.0
    many = pf.fit_many(ring, t, y, loss="huber")
    single = pf.fit(ring, t, y[1], loss="huber")
    assert many.scale[1] == pytest.approx(single.scale, rel=1e-4)
    # 1.17 / sqrt(n) is the error of such a scale; outliers widen it by some 15 %
    assert single.scale == pytest.approx(0.115, rel=0.25)


@pytest.mark.parametrize("noise", [1e-6, 1e6], ids="{:g}".format)
@pytest.mark.parametrize("share", [0.0, 0.1], ids="{:g}".format)
@pytest.mark.parametrize("loss", LOSSES)
def test_errors_cover(loss: str, share: float, noise: float) -> None:
    """68 % of the intervals hold the truth, whatever the unit of the noise."""
    unit, n_rows = noise / 0.02, 2000
    y = unit * spoiled(5, n_rows, share)
    truth = {k: v * (unit if k in IN_Y else 1.0) for k, v in TRUTH.items()}
    many = pf.fit_many(PEAK, X, y, loss=loss, start=truth)
    for name in PEAK.free_names:
        pulls = (many[name].value - truth[name]) / many[name].stderr
        # three standard errors of a share of 2000, and 1 % for errors that are known
        # to a tenth
        assert np.mean(np.abs(pulls) < 1.0) == pytest.approx(0.683, abs=0.041)


def test_rounded_data_have_no_error_of_zero() -> None:
    """Most are the same number, so that the median residual would vanish."""
    y = np.random.default_rng(6).poisson(0.3, 400).astype(float)
    for loss in LOSSES:
        result = pf.fit(pf.models.Constant(), np.arange(400.0), y, loss=loss)
        assert result.converged
        assert any("median residual" in own for own in result.warnings)
        # with limits the variance is less than that of the data, but of its size
        assert 0.2 < result["c"].stderr / (0.3 / 400) ** 0.5 < 1.5
        many = pf.fit_many(pf.models.Constant(), np.arange(400.0), y[None], loss=loss)
        assert many.scale[0] == pytest.approx(result.scale, rel=1e-3)
        assert any(own.startswith("In 1 of 1 rows looked") for own in many.warnings)


def test_exact_data_are_met_exactly() -> None:
    """Residuals of rounding size are no noise."""
    result = pf.fit(pf.models.Linear(), X, 2.0 * X + 1.0, loss="huber")
    assert result.status is Status.EXACT
    assert result["slope"].value == pytest.approx(2.0, rel=1e-13)
    assert not result.warnings


@pytest.mark.parametrize("sigma", [0.01, None])
@pytest.mark.parametrize("loss", LOSSES)
def test_outliers_may_have_any_size(loss: str, sigma: float | None) -> None:
    """Numbers that stand for no data, such as 1e30, too; of one row or many.

    As long as they are farther than all noise, it does not matter how far they are.
    """
    line, found = pf.models.Linear(), []
    y = 2.0 * X + 1.0 + 0.01 * np.random.default_rng(11).normal(size=X.size)
    for size in (1e6, 1e10, 1e14, 1e30):
        y[::17] = size
        single = pf.fit(line, X, y, sigma=sigma, loss=loss)
        many = pf.fit_many(line, X, y[None], sigma=sigma, loss=loss)
        assert single.converged and many.converged.all()
        slope = single["slope"]
        assert abs(many["slope"].value[0] - slope.value) < 0.01 * slope.stderr
        assert many["slope"].stderr[0] == pytest.approx(slope.stderr, rel=1e-3)
        found.append((slope.value, slope.stderr))
    values, errors = np.array(found).T
    assert abs(values[0] - 2.0) < 4.0 * errors[0] < 4e-3
    # the smallest outliers still pull a little, of cauchy
    assert np.abs(values - values[0]).max() < 0.1 * errors[0]
    np.testing.assert_allclose(errors, errors[0], rtol=0.01)


@pytest.mark.parametrize("loss", LOSSES)
def test_exact_data_with_outliers_have_no_scale_to_speak_of(loss: str) -> None:
    """Different numbers on one curve are no rounded ones."""
    y = 2.0 * X + 1.0
    y[[3, 50, 90]] = 100.0, -30.0, 7.0
    line = pf.models.Linear()
    single = pf.fit(line, X, y, loss=loss)
    many = pf.fit_many(line, X, y[None], loss=loss)
    assert not single.warnings and not many.warnings
    for slope, scale in (
        (single["slope"].value, single.scale),
        (many["slope"].value[0], many.scale[0]),
    ):
        assert slope == pytest.approx(2.0, rel=1e-8)
        assert scale < 1e-8


def test_nothing_but_zeros_ends() -> None:
    """Neither residuals nor data have a size."""
    result = pf.fit(pf.models.Constant(), X, np.zeros(X.size), loss="cauchy")
    assert result.status is Status.EXACT and result["c"].value == 0.0


def test_limit_of_steps_is_that_of_all_fits() -> None:
    """A fit at one scale after the other takes no more steps than one."""
    stop = pf.Stop(max_steps=7)
    seen: list[pf.Progress] = []
    result = pf.fit(PEAK, X, spoiled(7), loss="cauchy", stop=stop, progress=seen.append)
    assert result.status is Status.MAX_STEPS and result.n_steps == 7
    steps = [own.n_steps for own in seen]
    assert steps == sorted(set(steps)) and {own.max_steps for own in seen} == {7}
    many = pf.fit_many(PEAK, X, spoiled(7)[None], loss="cauchy", stop=stop, retry=False)
    assert many.table.status[0] == Status.MAX_STEPS and many.table.n_steps[0] == 7


@pytest.mark.parametrize("suffix", [".json", ".h5"])
def test_scale_is_kept_in_files(tmp_path, suffix: str) -> None:
    """Errors of a result from a file are those at its scale."""
    result = pf.fit(PEAK, X, spoiled(8), loss="huber")
    result.save(tmp_path / f"fit{suffix}")
    loaded = pf.load_result(tmp_path / f"fit{suffix}")
    assert loaded.scale == result.scale
    np.testing.assert_allclose(loaded.covariance, result.covariance, rtol=1e-12)
    assert f"{result.scale:.4g} a sample, from the residuals" in loaded.report()


def test_scales_of_rows_are_kept_in_files(tmp_path) -> None:
    """As a map and as a column; files of before scales are read without."""
    many = pf.fit_many(PEAK, X, spoiled(9, 3), loss="huber", units=("s", "V"))
    many.save(tmp_path / "maps.h5")
    np.testing.assert_array_equal(pf.load_many(tmp_path / "maps.h5").scale, many.scale)
    export_many(many, tmp_path / "maps.csv")
    table = np.genfromtxt(tmp_path / "maps.csv", delimiter=",", names=True)
    np.testing.assert_array_equal(table["scale"], many.scale)
    assert "of each row's residuals" in many.report()
    with h5py.File(tmp_path / "maps.h5", "r+") as file:
        del file["entry/quality/scale"]
    former = pf.load_many(tmp_path / "maps.h5")
    assert np.isnan(former.scale).all()
    assert "of each row's residuals" not in former.report()
    np.testing.assert_array_equal(former.chi2, many.chi2)


def fresh(is_tied: float = -1.0):
    """A state before any fit, in the interpreter."""
    words = np.zeros(ScaleState.SIZE)
    words[ScaleState.is_tied], words[ScaleState.stays] = is_tied, 1e-8
    return ScaleState.over(words)


@pytest.mark.parametrize("slope", [-0.9, -0.4, 0.0, 0.3, 0.9])
def test_steady_scales_are_foreseen(slope: float) -> None:
    """Scales that follow a line end where it meets the diagonal, after a few fits."""
    state = fresh()
    size, n = 3.0, 0
    while not follow(state, size, size):
        size = 2.0 + slope * (state.scale - 2.0)
        n += 1
    assert state.scale == pytest.approx(2.0, rel=1e-7)
    assert n <= 8


def test_scales_that_vanish_become_those_of_the_mean() -> None:
    """Where the median goes to zero the mean stands in, and it stays so."""
    state = fresh(is_tied=1.0)
    scales, is_settled = [1.0], False
    while not is_settled:
        is_settled = bool(follow(state, 0.5 * scales[-1], 3.0))
        scales.append(state.scale)
    assert scales[-1] == 3.0 and len(scales) < 40


@pytest.mark.parametrize("n", [1, 2, 5, 100, 101])
def test_select_is_a_partition(n: int) -> None:
    """The value of the rank, what is less before it, with ties and in any order."""
    random = np.random.default_rng(n)
    for values in (random.normal(size=n), random.integers(0, 3, n) * 1.0, np.arange(n)):
        rank, work = n // 2, np.array(values, dtype=np.float64)
        assert select(work, n, rank) == np.sort(values)[rank]
        assert (work[:rank] <= work[rank]).all() and (work[rank:] >= work[rank]).all()


def test_search_needs_no_compiled_objective() -> None:
    """What can be minimised and measured is enough."""

    class Middle:
        n_evals = 0

        def scales(self, theta):
            return abs(float(theta[0])), 1.0

        def typical_size(self):
            return 1.0, False

        def measure_by(self, scale):
            self.scale = scale

    objective = Middle()

    def solve(theta, stop, progress):
        ended = np.array([1.0 + 0.5 * objective.scale])
        none = np.empty((1, 1))
        return pf.Solution(ended, 1.0, Status.FTOL, 1, 1, none, 1.0, ended, 0.0, ended)

    found = minimised_at_scale(objective, np.array([5.0]), solve, stop=pf.Stop())
    assert found.scale == pytest.approx(2.0, rel=1e-7)


def stored(n: int = 6000, share: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a peak in random order."""
    random = np.random.default_rng(12)
    x = random.uniform(0.0, 10.0, n)
    size = np.where(random.uniform(size=n) < share, 0.2, 0.02)
    return x, PEAK(x, **TRUTH) + size * random.standard_normal(n)


@pytest.mark.parametrize("method", ["lm", "gauss_newton"])
@pytest.mark.parametrize("loss", LOSSES)
def test_passes_over_rows_find_the_same_scale(loss: str, method: str) -> None:
    """The median of residuals that are never all in memory, too."""
    x, y = stored()
    whole = pf.fit(PEAK, x, y, loss=loss)
    source = ArraySource(x, y)
    passed = pf.fit(PEAK, source, loss=loss, method=method, memory=1 << 16)
    assert passed.scale == pytest.approx(whole.scale, rel=1e-6)
    assert passed.n_evals < 40
    for name in PEAK.free_names:
        off = abs(passed[name].value - whole[name].value)
        assert off < 1e-5 * whole[name].stderr
        assert passed[name].stderr == pytest.approx(whole[name].stderr, rel=1e-5)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
@pytest.mark.parametrize("method", ["adam", "gd"])
def test_minibatches_measure_by_the_scale_of_a_sample(method: str, unit: float) -> None:
    """Which is all of them here; so the minimum is that of `lm`."""
    x, y = stored(2000)
    whole = pf.fit(PEAK, x, unit * y, loss="huber")
    run = pf.fit(PEAK, x, unit * y, loss="huber", method=method)
    assert run.converged
    assert run.scale == pytest.approx(whole.scale, rel=1e-6)
    for name in PEAK.free_names:
        assert abs(run[name].value - whole[name].value) < 0.3 * whole[name].stderr
        assert run[name].stderr == pytest.approx(whole[name].stderr, rel=0.01)


def test_complex_rows_in_passes() -> None:
    """Both parts of all windows have one scale."""
    ring, t = pf.models.ComplexRingdown(), np.linspace(0.0, 5.0, 3000)
    random = np.random.default_rng(4)
    y = ring(t, amplitude=1.0, frequency=2.0, rate=0.5, phase=0.3)
    y = y + 0.1 * (random.normal(size=3000) + 1j * random.normal(size=3000))
    y[::9] += 3.0
    whole = pf.fit(ring, t, y, loss="cauchy")
    parts = np.stack([y.real, y.imag])
    passed = pf.fit(ring, ArraySource(t, parts), loss="cauchy", memory=1 << 16)
    assert passed.scale == pytest.approx(whole.scale, rel=1e-6)
    assert passed["rate"].stderr == pytest.approx(whole["rate"].stderr, rel=1e-5)


def test_all_methods_of_a_comparison_measure_by_one_scale() -> None:
    """So their costs can be compared, whatever the unit of y."""
    x, y = stored(400)
    methods = ["lm", "gauss_newton", "scipy:trf", "adam"]
    for unit in (1e-6, 1e6):
        table = pf.compare(PEAK, x, unit * y, loss="cauchy", methods=methods)
        assert table.agree
    other = pf.compare(PEAK, x, y, loss="cauchy", methods=["lm"])
    assert table.rows[0].cost == pytest.approx(other.rows[0].cost, rel=1e-6)


def test_explorations_do_not_depend_on_the_unit_of_y() -> None:
    """Heights above the minimum are in units of the loss at its scale."""
    x, y = stored(300)
    over = ("center", "sigma")
    one, other = (
        pf.landscape(PEAK, x, unit * y, loss="huber", over=over, points=5)
        for unit in (1.0, 1e6)
    )
    near = {"rtol": 1e-4, "atol": 1e-9}
    np.testing.assert_allclose(one.delta_chi2, other.delta_chi2, **near)
    assert one.noise == other.noise == 1.0
    one, other = (
        pf.multistart(PEAK, x, unit * y, loss="huber", n_starts=8, seed=1)
        for unit in (1.0, 1e6)
    )
    assert one.best.cost == pytest.approx(other.best.cost, rel=1e-6)
    swept = pf.sweep(
        PEAK, x, 1e6 * y, loss="huber", vary={"learning_rate": [0.01]}, epochs=300
    )
    assert 0.0 <= swept.runs[0].excess_chi2 < 0.1


def test_rounded_rows_in_passes_have_the_scale_of_the_mean() -> None:
    """As in memory, though no pass sees all data."""
    y = np.random.default_rng(6).poisson(0.3, 4000).astype(float)
    x = np.arange(4000.0)
    whole = pf.fit(pf.models.Constant(), x, y, loss="huber")
    passed = pf.fit(
        pf.models.Constant(), ArraySource(x, y), loss="huber", memory=1 << 16
    )
    assert passed.scale == pytest.approx(whole.scale, rel=1e-3)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_model_without_free_parameters_has_a_scale(loss: str) -> None:
    """There is nothing to fit, but residuals are told in units of it."""
    line = pf.models.Linear().where(slope=pf.fixed(1.0), intercept=pf.fixed(0.0))
    result = pf.fit(line, X, X + 0.1, loss=loss)
    assert result.scale == pytest.approx(0.1482602, rel=1e-6)
    assert result.status is Status.NOTHING_FREE and not result.warnings


@pytest.mark.parametrize("loss", ["huber", "cauchy"])
def test_data_that_are_all_zero_are_met_whatever_the_start(loss):
    """Residuals shrink without an end, and weights by them would have no square."""
    x, model = np.linspace(0.3, 5.0, 60), pf.models.IsingSquareHeat()
    for start in ({"J": 1.0}, None):  # the first leads to a minimum beside this one
        result = pf.fit(model, x, np.zeros(x.size), start=start, loss=loss)
        assert result.converged
    assert np.abs(result(x)).max() < 1e-100
