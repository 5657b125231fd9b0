"""Saved results come back as they were, and nothing else comes in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from physfit import fit
from physfit.errors import DataError, InputError
from physfit.models import Exponential
from physfit.models.loss import Loss
from physfit.result import FitResult, load_result
from physfit.result.record import _canonical
from tests.result.cases import complex_valued, every, peak, ring, tied

Case = Callable[[], FitResult]
BOTH = pytest.mark.parametrize("suffix", [".json", ".h5"])


def same(first: object, second: object) -> bool:
    """Equal to the last bit, with NaN equal to itself."""
    if isinstance(first, tuple) and isinstance(second, tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, np.ndarray | float):
        return np.array_equal(first, second, equal_nan=True)  # type: ignore[arg-type]
    return first == second


@BOTH
@every()
def test_comes_back_to_the_last_bit(case: Case, suffix: str, tmp_path: Path) -> None:
    """Model, data, loss, solution, start: every field; and so the same report."""
    result = case()
    result.save(tmp_path / f"fit{suffix}")
    loaded = load_result(tmp_path / f"fit{suffix}")
    own = [field.name for field in fields(FitResult) if field.name != "versions"]
    for name in own:
        assert same(getattr(loaded, name), getattr(result, name)), name
    assert loaded.report() == result.report()
    assert loaded.solution.status is result.solution.status
    assert loaded.data.y.dtype == np.float64
    np.testing.assert_array_equal(loaded.best_fit, result.best_fit)
    np.testing.assert_array_equal(loaded.covariance, result.covariance)


@BOTH
def test_what_is_not_determined_stays_so(suffix: str, tmp_path: Path) -> None:
    """A decay of flat data has an infinite error in a file as well."""
    x = np.linspace(0.0, 10.0, 80)
    y = 1.0 + np.random.default_rng(0).normal(0.0, 0.1, x.size)
    result = fit(Exponential(), x, y)
    assert result["decay"].stderr == np.inf
    result.save(tmp_path / f"flat{suffix}")
    loaded = load_result(tmp_path / f"flat{suffix}")
    assert same(loaded.solution, result.solution)
    assert loaded["decay"].stderr == np.inf
    assert loaded.report() == result.report()


def test_a_file_of_an_earlier_physfit_still_loads() -> None:
    """It has no entries that came later, and a checksum without them."""
    loaded = load_result(Path(__file__).with_name("earlier_fit.json"))
    assert loaded.scale is None
    assert np.isnan(loaded.nearest_chi2)
    assert loaded["slope"].value == pytest.approx(1.98)


@BOTH
def test_second_copy_keeps_the_provenance(suffix: str, tmp_path: Path) -> None:
    """Date and versions are those of the fit, not of the copy."""
    first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    peak().save(first)
    loaded = load_result(first)
    loaded.save(second)
    again = load_result(second)
    assert again.created == loaded.created
    assert again.versions == loaded.versions
    assert again.versions is not None
    assert set(again.versions) == {"physfit", "numpy", "python"}


@pytest.mark.parametrize("suffix", [".json", ".H5", ".hdf5", ".nxs"])
def test_suffix_says_what_kind(suffix: str, tmp_path: Path) -> None:
    """JSON or HDF5, whatever its case."""
    path = tmp_path / f"fit{suffix}"
    ring().save(path)
    assert h5py.is_hdf5(path) == (suffix != ".json")
    assert load_result(path).values == ring().values


def test_other_suffixes_are_refused(tmp_path: Path) -> None:
    """Neither pickles nor guesses."""
    with pytest.raises(InputError, match=r"must end in \.json, \.h5"):
        ring().save(tmp_path / "fit.pkl")
    with pytest.raises(InputError, match=r"must end in \.json, \.h5"):
        load_result(tmp_path / "fit.pkl")


@BOTH
def test_existing_file_is_replaced_only_on_demand(suffix: str, tmp_path: Path) -> None:
    """`overwrite=True` is the demand."""
    path = tmp_path / f"fit{suffix}"
    ring().save(path)
    with pytest.raises(DataError, match="exists"):
        peak().save(path)
    assert load_result(path).model == ring().model
    peak().save(path, overwrite=True)
    assert load_result(path).model == peak().model


@BOTH
def test_file_of_the_future_is_refused(suffix: str, tmp_path: Path) -> None:
    """A newer version gets a sentence, not a guess."""
    path = tmp_path / f"fit{suffix}"
    ring().save(path)
    if suffix == ".json":
        _edit(path, lambda record: record.update(version=99))
    else:
        with h5py.File(path, "r+") as file:
            file.attrs["physfit_version"] = 99
    with pytest.raises(DataError, match="update physfit"):
        load_result(path)


@BOTH
def test_data_that_changed_are_refused(suffix: str, tmp_path: Path) -> None:
    """The checksum covers x, y and sigma."""
    path = tmp_path / f"fit{suffix}"
    ring().save(path)
    if suffix == ".json":
        _edit(path, lambda record: record["data"]["y"][0].__setitem__(3, 0.25))
    else:
        with h5py.File(path, "r+") as file:
            file["entry/fit/data/input_dependent"][3] = 0.25
    with pytest.raises(DataError, match="do not match their checksum"):
        load_result(path)


def _edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    record = json.loads(path.read_text(encoding="utf-8"))
    change(record)
    path.write_text(json.dumps(record), encoding="utf-8")


def _set(*place: str, value: object) -> Callable[[dict[str, Any]], object]:
    def change(record: dict[str, Any]) -> None:
        for key in place[:-1]:
            record = record[key]
        record[place[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda record: record.pop("solution"), "has no entry 'solution'"),
        (lambda record: record["data"].pop("x"), "has no entry 'data.x'"),
        (_set("solution", "theta", value=[1.0]), "has shape"),
        (_set("solution", "status", value=999), "999"),
        (_set("solution", value=3.0), "'solution' is wrong"),
        (_set("start", value="many"), "'start' is wrong"),
        (_set("loss", "name", value="hubert"), "unknown loss"),
        (_set("model", "expression", value="ringdwn"), "did you mean 'ringdown'"),
        (_set("model", "expression", value="__import__('os')"), "not allowed"),
        (
            _set("model", "parameters", "phase", "tie", value="__import__('os')"),
            "not allowed",
        ),
        (_set("model", "parameters", "phase", "tie", value="rate.real"), "not allowed"),
    ],
    ids=[
        "no solution",
        "no x",
        "short theta",
        "unknown status",
        "no record",
        "text for numbers",
        "unknown loss",
        "unknown model",
        "code as model",
        "code as tie",
        "attribute as tie",
    ],
)
def test_damaged_file_gets_a_sentence(
    change: Callable[[dict[str, Any]], object], words: str, tmp_path: Path
) -> None:
    """The path, what is wrong; nothing in the file is run."""
    path = tmp_path / "fit.json"
    ring().save(path)
    _edit(path, change)
    with pytest.raises(DataError, match=r"fit\.json") as caught:
        load_result(path)
    assert words in str(caught.value)


def test_damaged_hdf5_gets_a_sentence(tmp_path: Path) -> None:
    """A group that is not there."""
    path = tmp_path / "fit.h5"
    ring().save(path)
    with h5py.File(path, "r+") as file:
        del file["entry/fit/record/solution"]
    with pytest.raises(DataError, match="has no entry 'solution'"):
        load_result(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record["solution"]["theta"].__setitem__(0, 2.5),
        _set("solution", "status", value=2),
        _set("solution", "cost", value=1.0),
        _set("method", value="scipy:trf"),
        _set("start", value=[1.0, 0.5, 0.2, 0.0]),
        _set("model", "parameters", "rate", "upper", value=9.0),
    ],
    ids=["theta", "status", "cost", "method", "start", "bound"],
)
def test_an_edited_result_is_refused(
    change: Callable[[dict[str, Any]], object], tmp_path: Path
) -> None:
    """No value that somebody wrote is shown as one that converged."""
    path = tmp_path / "fit.json"
    ring().save(path)
    _edit(path, change)
    with pytest.raises(DataError, match="were altered: they do not fit their checksum"):
        load_result(path)


def _alterations(record: Any) -> Iterator[Callable[[Any], None]]:
    """Changes that put another value at each place of a record, or remove it."""
    others = (None, "x", -1, 1.5, True, [], {}, [[1.0], "x"], 10**400)
    for key in list(record) if isinstance(record, dict) else range(len(record))[:1]:
        for other in others:
            yield lambda part, key=key, other=other: part.__setitem__(key, other)
        yield lambda part, key=key: part.__delitem__(key)
        if isinstance(record[key], dict | list):
            for deeper in _alterations(record[key]):
                yield lambda part, key=key, deeper=deeper: deeper(part[key])


def _without_checksum(text: str) -> str:
    record = json.loads(text)
    del record["checksum"]
    return json.dumps(record)


@every()
def test_any_altered_entry_is_read_or_named(case: Case, tmp_path: Path) -> None:
    """Whatever stands at whatever place: a result, or one sentence with the path.

    Files of before had no checksum, which finds any alteration by itself.
    """
    path = tmp_path / "fit.json"
    case().save(path)
    text = _without_checksum(path.read_text(encoding="utf-8"))
    for alter in _alterations(json.loads(text)):
        record = json.loads(text)
        alter(record)
        path.write_text(json.dumps(record), encoding="utf-8")
        try:
            load_result(path).report()
        except DataError as error:
            assert str(error).startswith(f"`{path}`")


def test_json_is_for_readers_too(tmp_path: Path) -> None:
    """Values with errors, quality and units; null where there is no number."""
    path = tmp_path / "fit.json"
    result = tied()
    result.save(path)
    record = json.loads(path.read_text(encoding="utf-8"))
    assert (record["schema"], record["version"]) == ("physfit.fit_result", 2)
    assert record["parameters"]["a_center"]["stderr"] == result["a_center"].stderr
    assert record["parameters"]["slope"]["stderr"] is None
    assert record["parameters"]["intercept"]["note"] == "at lower bound"
    assert record["quality"]["chi2"] == result.chi2
    assert record["model"]["parameters"]["a_gamma"]["tie"] == "0.5 * a_sigma"
    assert record["warnings"] == list(result.warnings)
    assert len(record["data"]["sha256"]) == 64


def _text(value: object) -> object:
    return value.decode() if isinstance(value, bytes) else value


def test_hdf5_follows_nexus(tmp_path: Path) -> None:
    """Default chain to an NXdata with signal, axes, errors and units; NXparameters."""
    path = tmp_path / "fit.h5"
    result = ring()
    result.save(path)
    with h5py.File(path) as file:
        group: Any = file
        for _ in range(3):
            group = group[group.attrs["default"]]
        assert group.attrs["NX_class"] == "NXdata"
        signal, (axis,) = group.attrs["signal"], group.attrs["axes"]
        np.testing.assert_array_equal(group[signal], result.data.y[0])
        np.testing.assert_array_equal(group[axis], result.data.x[0])
        np.testing.assert_array_equal(group[f"{signal}_errors"], 0.1)
        np.testing.assert_array_equal(group["fit_sum"], result.best_fit)
        assert (group[signal].attrs["units"], group[axis].attrs["units"]) == ("um", "s")
        fit = file["entry/fit"]
        assert fit.attrs["NX_class"] == "NXfit"
        assert _text(fit["global_fit_function/formula_description"][()]) == "ringdown"
        rate: Mapping[str, Any] = fit["global_fit_function/fit_parameters/rate"].attrs
        assert rate["stderr"] == result["rate"].stderr
        assert (rate["initial"], rate["min"], rate["vary"]) == (0.2, 0.0, True)
        assert rate["units"] == "1/s"
        np.testing.assert_array_equal(fit["covariance"], result.covariance)
        assert [_text(name) for name in fit["free_names"]] == list(result.free_names)
        assert fit["status"][()] == int(result.status)


def test_complex_data_stand_in_two_columns(tmp_path: Path) -> None:
    """Real part as the signal, imaginary part as auxiliary signal."""
    path = tmp_path / "fit.h5"
    result = complex_valued()
    result.save(path)
    with h5py.File(path) as file:
        group = file["entry/fit/data"]
        np.testing.assert_array_equal(group["input_dependent"], result.data.y[0])
        imaginary = group["input_dependent_imaginary"]
        np.testing.assert_array_equal(imaginary, result.data.y[1])
        assert "input_dependent_imaginary" in group.attrs["auxiliary_signals"]


def test_nxdata_of_a_result_can_be_read_as_data(tmp_path: Path) -> None:
    """The table reader finds x, y and sigma by the default chain."""
    from physfit.data.readers import read_table

    path = tmp_path / "fit.h5"
    result = ring()
    result.save(path)
    table = read_table(path)
    np.testing.assert_array_equal(table.x, result.data.x[0])
    np.testing.assert_array_equal(table.y, result.data.y[0])
    np.testing.assert_array_equal(table.sigma, result.data.sigma[0])
    assert (table.x_unit, table.y_unit) == ("s", "um")


def test_a_checksum_is_of_values_alone():
    """Code that a loss holds has another address in every process."""
    assert _canonical(Loss("huber", (1.5,))) == "[huber, [1.5]]"
