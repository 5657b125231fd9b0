"""What `physfit look` says of a file, draws, and suggests."""

from __future__ import annotations

import shlex
from pathlib import Path

import h5py
import numpy as np
import pytest
from instruments import FILES
from PIL import Image

import physfit as pf
from physfit.cli import look as module
from physfit.data.table import Table
from physfit.fitting.preview.peaks import after_edge
from physfit.fitting.preview.suggestion import suggested as suggestion_of


def written(name: str, model: str, x: np.ndarray, truth: dict, noise: float) -> str:
    """A file of a curve with noise."""
    y = pf.parse_model(model)(x, **truth) + noise * np.random.default_rng(
        11
    ).standard_normal(x.size)
    rows = "".join(f"{a:.7g},{b:.7g}\n" for a, b in zip(x, y, strict=True))
    Path(name).write_text("t (s),U (V)\n" + rows)
    return name


def suggested(out: str) -> list[str]:
    """Words of the command that is suggested."""
    lines = [line for line in out.splitlines() if line.startswith("physfit fit ")]
    assert len(lines) == 1
    return shlex.split(lines[0])[1:]


GRID = np.linspace(0.0, 10.0, 400)
PEAK = {"amplitude": 5.0, "center": 4.0, "sigma": 0.5, "c": 1.0}
CURVES = {
    "gaussian + constant": PEAK,
    "lorentzian + constant": {**PEAK, "gamma": 0.4},
    "exponential + constant": {"amplitude": 3.0, "decay": 2.0, "c": 0.5},
    "ringdown + constant": {
        **{"amplitude": 3.0, "frequency": 1.3, "rate": 0.4, "phase": 0.3, "c": 0.5}
    },
    "linear": {"slope": 0.4, "intercept": -1.0},
}
CURVES["lorentzian + constant"].pop("sigma")


@pytest.mark.parametrize("model", CURVES)
def test_the_command_that_is_suggested_finds_the_truth(physfit, workplace, model):
    """The model that made the data is found, and its fit converges on it."""
    truth = CURVES[model]
    written("a.csv", model, GRID, truth, 0.02)
    words = suggested(physfit("look", "a.csv").out)
    assert words[3] == model
    done = physfit(*words, "--json")
    assert done.code == 0
    for name, own in done.json["parameters"].items():
        assert abs(own["value"] - truth[name]) < 5.0 * own["stderr"]


def test_what_stands_before_the_trigger_is_not_fitted(physfit, workplace):
    """A flat part and an edge: the decay begins at the edge."""
    t = np.arange(-200, 1800) * 1e-6
    y = np.where(t < 0.0, 0.02, 0.02 + 1.8 * np.exp(-np.maximum(t, 0.0) / 3e-4))
    y += 0.01 * np.random.default_rng(11).standard_normal(t.size)
    np.savetxt("s.csv", np.c_[t, y], delimiter=",", header="t,U", comments="")
    words = suggested(physfit("look", "s.csv").out)
    assert words[3] == "exponential + constant"
    low = float(words[words.index("--x-range") + 1].rstrip(":"))
    assert 0.0 <= low < 2e-5
    decay = physfit(*words, "--json").json["parameters"]["decay"]
    assert abs(decay["value"] - 3e-4) < 5.0 * decay["stderr"]


@pytest.mark.parametrize("sign", [1.0, -1.0], ids=["peaks", "dips"])
def test_peaks_are_those_that_are_there(physfit, workplace, sign):
    """Place, height above the base, and width at half of it."""
    y = np.full(400, 10.0)
    for center, height in ((2.0, 4.0), (7.0, 2.0)):
        y += sign * height * np.exp(-0.5 * ((GRID - center) / 0.2) ** 2)
    y += 0.01 * np.random.default_rng(11).standard_normal(400)
    np.savetxt("p.csv", np.c_[GRID, y], delimiter=",", header="x,y", comments="")
    peaks = physfit("look", "p.csv", "--json").json["peaks"]
    for peak, center, height in zip(peaks, (2.0, 7.0), (4.0, 2.0), strict=True):
        assert abs(peak["place"] - center) < 0.06
        assert abs(peak["height"] - sign * height) < 0.1
        assert abs(peak["width"] - 2.355 * 0.2) < 0.05
    assert f"{'peaks' if sign > 0 else 'dips'}: 2" in physfit("look", "p.csv").out


def test_an_exact_curve_is_described_by_the_simplest_model(physfit, workplace):
    """Where all are exact, that with the fewest parameters; x may fall."""
    rows = np.c_[GRID, np.exp(-GRID)][::-1]
    np.savetxt("e.csv", rows, delimiter=",")
    assert suggested(physfit("look", "e.csv").out)[3] == "exponential + constant"


def test_of_very_many_peaks_the_highest_one_is_fitted_first(physfit, workplace):
    """In a range around it."""
    y = np.full(4000, 1.0)
    x = np.linspace(0.0, 100.0, 4000)
    for center in np.arange(5.0, 100.0, 9.0):
        height = 9.0 if center == 50.0 else 3.0
        y += height * np.exp(-0.5 * ((x - center) / 0.3) ** 2)
    y += 0.02 * np.random.default_rng(11).standard_normal(x.size)
    np.savetxt("s.csv", np.c_[x, y], delimiter=",")
    words = suggested(physfit("look", "s.csv").out)
    assert words[3] == "gaussian + constant"
    center = physfit(*words, "--json").json["parameters"]["center"]
    assert abs(center["value"] - 50.0) < 5.0 * center["stderr"]


def test_six_peaks_are_not_fitted_to_teeth_without_number(
    physfit, workplace, monkeypatch
):
    """Which takes a minute of failing fits, and says nothing of the others."""
    tried = []

    def recorded(model, *args, **settings):
        tried.append(model)
        return pf.fit(model, *args, **settings)

    monkeypatch.setattr("physfit.fitting.preview.suggestion.fit", recorded)
    x = np.arange(600.0)
    np.savetxt("t.csv", np.c_[x, x % 17], delimiter=",")
    assert suggested(physfit("look", "t.csv").out)[3] == "gaussian + constant"
    assert not any("gaussian(b_)" in model for model in tried)


@pytest.mark.parametrize(
    "values", [[np.nan] * 30, [3.0] * 30, [1e300] * 30, [np.inf] * 30, [1.0], [1.0, 2]]
)
def test_data_that_say_little_can_be_looked_at(physfit, workplace, values):
    """Constant, missing or hardly any: nothing breaks, no peak is invented."""
    rows = np.c_[np.arange(float(len(values))), values]
    np.savetxt("v.csv", rows, delimiter=",")
    done = physfit("look", "v.csv")
    assert done.code == 0, done.err
    assert "peaks" not in done.out and "dips" not in done.out


def test_noise_alone_has_no_peaks(physfit, workplace):
    """And a constant describes it."""
    y = np.random.default_rng(11).standard_normal(3000)
    np.savetxt("n.csv", np.c_[np.arange(3000.0), y], delimiter=",")
    record = physfit("look", "n.csv", "--json").json
    assert record["peaks"] == []
    assert record["suggestion"]["model"] == "constant"


@pytest.mark.parametrize("name", FILES)
def test_every_instrument_can_be_looked_at(physfit, workplace, name):
    """Columns are told by their numbers, and the command that is suggested runs."""
    own = FILES[name]
    content = own.content
    data = content if isinstance(content, bytes) else content.encode()
    Path("a.txt").write_bytes(data)
    flags = {"x": "--x", "y": "--y", "scan": "--scan", "sigma": "--sigma"}
    keys = [word for key, v in own.keys.items() for word in (flags[key], str(v))]
    done = physfit("look", "a.txt", *keys)
    assert done.code == 0, done.err
    table = pf.read_table("a.txt", **own.keys)
    said = " ".join(done.out.split())
    assert all(" ".join(remark.split()) in said for remark in table.remarks)
    assert physfit(*suggested(done.out), "-q").code == 0


def test_reading_options_stand_in_the_command(physfit, workplace):
    """It reads what was looked at."""
    rows = "".join(f"{k};{1.5 * k:.3f};9\n".replace(".", ",") for k in range(20))
    Path("a.txt").write_text("9;9;9\n" + rows)
    options = ["--skip-rows", "1", "--delimiter", ";", "--decimal", ",", "--y", "1"]
    words = suggested(physfit("look", "a.txt", *options).out)
    assert {*options} <= {*words}
    assert physfit(*words).code == 0


def test_rows_without_values_are_counted_and_left_out(physfit, workplace):
    """The command says so, too."""
    rows = "".join(f"{k},{'nan' if k in (3, 7) else 2 * k}\n" for k in range(30))
    Path("a.csv").write_text(rows)
    out = physfit("look", "a.csv").out
    assert "30, 2 of them not finite" in out
    assert physfit(*suggested(out)).code == 0


def test_columns_that_are_not_used_are_told(physfit, workplace):
    """With name, unit and range."""
    rows = "".join(f"{k},{k * k},{k + 5},word\n" for k in range(9))
    Path("a.csv").write_text("t (s),U (V),I (mA),note\n" + rows)
    out = physfit("look", "a.csv").out
    lines = {
        line.split()[1]: line.split() for line in out.splitlines() if "   " in line
    }
    assert lines["I"][:7] == ["2", "I", "mA", "not", "used", "5", "13"]
    assert lines["t"][:6] == ["0", "t", "s", "x", "0", "8"]
    assert "not used" in next(line for line in out.splitlines() if " note " in line)


def test_a_figure_is_drawn_to_a_file(physfit, workplace):
    """In place of the picture in the terminal."""
    written("a.csv", "gaussian + constant", GRID, PEAK, 0.02)
    done = physfit("look", "a.csv", "-o", "a.png")
    assert done.code == 0
    assert "wrote `a.png`" in done.err
    assert "⣀" not in done.out
    with Image.open("a.png") as picture:
        assert picture.size[0] > 500


def test_a_picture_stands_in_the_text_alone(physfit, workplace, monkeypatch):
    """As wide as the terminal; none where it has no such characters."""
    monkeypatch.setenv("COLUMNS", "60")
    written("a.csv", "gaussian + constant", GRID, PEAK, 0.02)
    out = physfit("look", "a.csv").out
    drawn = [line for line in out.splitlines() if any(c >= "\u2801" for c in line)]
    assert 8 < len(drawn) < 20
    assert max(map(len, drawn)) <= 60
    for format in ("markdown", "latex", "html", "json"):
        out = physfit("look", "a.csv", "--format", format).out
        assert not any("\u2800" <= c < "\u2900" for c in out)
    monkeypatch.setattr(module, "encodes", lambda: False)
    assert not any("\u2800" <= c < "\u2900" for c in physfit("look", "a.csv").out)


def test_data_sets_of_hdf5_are_listed_with_what_to_type(physfit, workplace):
    """Shape, type and unit; a file that does not say what is x and y is no error."""
    with h5py.File("run.h5", "w") as file:
        file["time"] = np.arange(50.0)
        file["time"].attrs["units"] = "s"
        file["a/signal"] = np.arange(50.0) ** 2
        file["map"] = np.zeros((4, 50))
        file["title"] = "a run"
    done = physfit("look", "run.h5")
    assert done.code == 0
    lines = {line.split()[0]: line for line in done.out.splitlines() if "/" in line}
    assert "--x, --y or --sigma /time" in lines["/time"]
    assert " 50 " in lines["/time"]
    assert "physfit fit-many run.h5::/map" in lines["/map"]
    assert "text" in lines["/title"]
    assert "does not say what to plot" in done.out
    done = physfit("look", "run.h5", "--x", "/time", "--y", "/a/signal")
    assert "50" in done.out
    assert suggested(done.out)[3] == "quadratic"
    assert physfit(*suggested(done.out)).code == 0
    record = physfit("look", "run.h5", "--json").json
    assert [own["place"] for own in record["data_sets"]] == [
        *("/a/signal", "/map", "/time", "/title")
    ]


def test_texts_and_single_numbers_are_not_offered(physfit, workplace):
    """Nothing is typed for what can be no column."""
    with h5py.File("run.h5", "w") as file:
        file["names"] = ["a", "b", "c"]
        file["gain"], file["signal"] = 2.0, np.arange(3.0)
    out = physfit("look", "run.h5").out
    lines = {line.split()[0]: line for line in out.splitlines() if "/" in line}
    offered = {place for place, line in lines.items() if "--sigma" in line}
    assert offered & {"/names", "/gain", "/signal"} == {"/signal"}


@pytest.mark.parametrize("seed", range(30))
def test_noise_around_a_constant_is_a_constant(seed):
    """Chance makes a model of more parameters a little better, which is not enough."""
    x = np.linspace(0.0, 1.0, 40)
    y = 5.0 + np.random.default_rng(seed).normal(size=x.size)
    found = suggestion_of(Table(x, y, None, "x", "y", "", "", "a.csv", ""), [])
    assert found is not None
    assert found.model == "constant"


def test_a_pulse_is_no_edge():
    """The curve goes back as suddenly as it came; nothing before it is left out."""
    y = np.zeros(200)
    y[50:53] = 1.0
    assert after_edge(y) == 0
    y[50:] = np.exp(-np.arange(150) / 40.0)
    assert after_edge(y) == 50


def test_several_files_are_looked_at_one_after_another(physfit, workplace):
    """One that cannot be read stops no other; figures carry their names."""
    for name in ("a.csv", "b.csv"):
        written(name, "linear", GRID, CURVES["linear"], 0.1)
    done = physfit("look", "a.csv", "no.csv", "b.csv", "-o", "{name}.png")
    assert done.code == 1
    assert "error: `no.csv` does not exist" in done.err
    assert done.out.count("physfit fit ") == 2
    assert Path("a.png").is_file() and Path("b.png").is_file()
    done = physfit("look", "a.csv", "b.csv", "-o", "c.png")
    assert "is one file for 2; write {name} in it" in done.err


def bad(kind: str) -> str:
    """A path at which no table can be read."""
    if kind == "folder":
        Path("bad").mkdir()
    elif kind == "binary":
        Path("bad").write_bytes(bytes(range(256)) * 40)
    elif kind == "empty":
        Path("bad").write_text("")
    elif kind == "words":
        Path("bad").write_text("no numbers\nhere\n")
    elif kind == "hdf5":
        Path("bad").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    return "-" if kind == "stdin" else "bad"


@pytest.mark.parametrize(
    "kind", ["missing", "folder", "binary", "empty", "words", "hdf5", "stdin"]
)
def test_what_is_no_table_is_refused_in_a_sentence(physfit, workplace, kind):
    """Exit code 1, nothing on stdout."""
    done = physfit("look", bad(kind))
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("physfit: error: ")
    assert done.err.count("\n") == 1
