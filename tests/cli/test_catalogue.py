"""`models` shows what the catalogue declares."""

from __future__ import annotations

import pydoc
from html import unescape

import pytest
from IPython.core.oinspect import getdoc

from physfit.models.catalogue import COMPONENTS

each_model = pytest.mark.parametrize(
    "own", COMPONENTS.values(), ids=lambda own: own.point
)


@each_model
def test_the_overview_names_every_model(physfit, own):
    """A line for each model, with its parameters in order."""
    outcome = physfit("models")
    line = next(
        line for line in outcome.out.splitlines() if line.split()[0] == own.point
    )
    assert outcome.code == 0
    assert ", ".join(parameter.name for parameter in own.parameters) in line


@each_model
def test_a_model_in_full(physfit, own):
    """Formula, every parameter and derived quantity with its meaning, reference."""
    out = physfit("models", own.point).out
    assert own.declaration.formula in out
    assert own.reference in out
    assert all(parameter.description in out for parameter in own.parameters)
    assert all(f"{text}: {expression}" in out for _, expression, _, text in own.derived)


@each_model
def test_help_shows_what_the_command_line_does(physfit, own):
    """From one source: `physfit models NAME`, `help`, `?`, the docstring, HTML."""
    said = own.__doc__.strip()
    assert getdoc(own).strip() == said
    assert physfit("models", own.point).out.startswith(said)
    shown = pydoc.plain(pydoc.render_doc(own))
    lines = [line for line in said.splitlines() if line]
    assert all(line in shown for line in lines)
    html = unescape(own._repr_html_())
    assert all(cell in html for line in lines for cell in line.split())


def test_units_and_bounds_of_a_model(physfit):
    """Units by those of x and y, bounds as ranges."""
    lines = physfit("models", "pseudo_voigt").out.splitlines()
    assert "  amplitude  [y*x]  any value  area" in lines
    assert "  sigma      [x]    >= 0       half width at half maximum" in lines
    assert "  fraction   [1]    0 to 1     share of the Lorentzian" in lines


def test_a_formula_is_shown_by_its_operations(physfit):
    """What stands beside the catalogue's names is told as `pf.explain` does."""
    out = physfit("models", "gaussian + a*exp(-x/tau)").out
    assert "written by hand" in out
    assert "  parameters   a, tau\n" in out
    assert "d/dtau = " in out


def test_the_overview_names_formulas(physfit):
    """Else nobody would know of them."""
    assert "a*exp(-x/tau) + c" in physfit("models").out


def test_a_model_is_drawn_in_the_terminal(physfit):
    """Below what is said of it, a curve in characters with its axes."""
    lines = physfit("models", "voigt").out.splitlines()
    below = lines[lines.index("also known as: VoigtModel") + 1 :]
    assert any("(y)" in line for line in below)
    assert sum("|" in line for line in below) > 10


def test_a_model_is_drawn_into_a_file(physfit, tmp_path):
    """What differs between the curves stands in the figure's legend."""
    path = tmp_path / "one.svg"
    outcome = physfit("models", "pseudo_voigt", "--plot", str(path))
    assert outcome.code == 0
    assert "fraction = 0.5" in path.read_text()
    assert "one.svg`." in outcome.err
    again = physfit("models", "pseudo_voigt", "--plot", str(path))
    assert again.code == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--plot", "a.png"], "--plot takes the name of a model"),
        (["voigt", "--like", "peak"], "--like searches the catalogue"),
    ],
    ids=["plot", "like"],
)
def test_options_that_do_not_go_together_are_refused(physfit, options, said):
    """A sentence says what goes with what."""
    outcome = physfit("models", *options)
    assert outcome.code == 1
    assert said in outcome.err


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("pseudo voight", "pseudo_voigt"),
        ("free induction decay", "complex_ringdown"),
        ("LorentzianModel", "lorentzian"),
        ("Onsager energy", "ising_square_energy"),
        ("FID", "complex_ringdown"),
    ],
)
def test_models_are_found_by_words(physfit, words, first):
    """By names, those of others, descriptions, references; misspelt ones too."""
    lines = physfit("models", "--like", words).out.splitlines()
    assert lines[1].split()[0] == first


def test_words_of_no_model_say_so(physfit):
    """And what to do."""
    outcome = physfit("models", "--like", "qqqq")
    assert outcome.code == 0
    assert "no model is described by 'qqqq'" in outcome.out
