"""Settings of a fit: data, model, parameters and method."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypedDict

from physfit.settings import kinds
from physfit.settings.kinds import COLUMN, FIGURE, LIMIT, NUMBER, NUMBERS, TEXT
from physfit.settings.setting import REQUIRED, Setting, group
from physfit.settings.texts import Interval

__all__ = ["Columns", "Curve", "Data", "Expression", "Further", "Looked", "Loss"]
__all__ += ["Method", "Parameter", "Place", "Reading", "Start", "Ties", "Within"]


@group("Data", table="data")
class Place(TypedDict, total=False):
    """Where in a file the data are.

    Attributes
    ----------
    dataset
        Path inside an HDF5 file, or a sheet of a workbook.
    """

    dataset: Annotated[str, Setting(TEXT, "PATH")]


@group("Data", table="data")
class Reading(TypedDict, total=False):
    """How a file is read.

    Attributes
    ----------
    skip_rows
        Lines of a text to leave out at its beginning.
    footer
        Lines of a text to leave out at its end.
    delimiter
        What separates the fields of a text: ',', ';', '|', 'tab', 'space'. Default:
        what its lines show.
    decimal
        Decimal mark of a text, '.' or ','; the other one separates thousands. Default:
        what its numbers show.
    scan
        Which of several measurements, from 0, or 'all': of a text where x starts again,
        or of a file of an instrument. Default: the first.
    x_start
        x of the first row, where no column is x. Default: 0, if x_step is given.
    x_step
        From one row to the next, where no column is x. Default: 1, if x_start is given.
    """

    skip_rows: Annotated[int, Setting(kinds.counted(0), "N", 0)]
    footer: Annotated[int, Setting(kinds.counted(0), "N", 0)]
    delimiter: Annotated[str, Setting(kinds.SEPARATOR, "CHARACTER")]
    decimal: Annotated[Literal[".", ","], Setting(kinds.one_of(".", ","), ".|,")]
    scan: Annotated["int | Literal['all']", Setting(kinds.SCAN, "N|all")]
    x_start: Annotated[float, Setting(NUMBER, "NUMBER")]
    x_step: Annotated[float, Setting(kinds.STEP, "NUMBER")]


@group("Data", table="data")
class Columns(Place, Reading, total=False):
    """Which data.

    Attributes
    ----------
    data
        Text (CSV, TSV ...), NPZ, NPY, HDF5, .xlsx, a file of an instrument (JCAMP-DX,
        SPC, WDF, OPUS, SPE, XRDML, LVM, Touchstone), or a job file (.toml). A path
        inside an HDF5 file, or a sheet, follows after '::'.
    x
        Column of x: a name, or a number from 0.
    y
        Column of y; 're,im' or 'mag,phase (deg)' joins two columns to complex values.
    sigma
        Column of the standard deviations of y, or two of both parts; 'none' takes none.
    """

    data: Annotated[str, Setting(kinds.PATH, "<DATA>", REQUIRED, key="file")]
    x: Annotated[str | int, Setting(COLUMN, "COLUMN")]
    y: Annotated[str | int, Setting(COLUMN, "COLUMN")]
    sigma: Annotated[str | int, Setting(kinds.SIGMA, "COLUMN")]


@group("Data")
class Further(TypedDict, total=False):
    """Which files come after the first one.

    Attributes
    ----------
    more
        Further files, one after another; then paths of outputs hold {name}, which
        stands for the name of each file without its suffix, as in 'fit_{name}.png'.
    """

    more: Annotated[tuple[str, ...], Setting(kinds.PATHS, "<MORE>")]


@group("Data")
class Looked(Columns, Further, total=False):
    """Which files `look` reads.

    Attributes
    ----------
    data
        Text (CSV, TSV ...), NPZ, NPY, HDF5, .xlsx, or a file of an instrument. A path
        inside an HDF5 file, or a sheet, follows after '::'.
    output
        Draw the figure to a file, not in the terminal: .png, .pdf or .svg.
    """

    data: Annotated[str, Setting(kinds.PATH, "<FILE>", REQUIRED)]
    output: Annotated[str, Setting(FIGURE, "--output -o FILE", panel="Output")]


@group("Data", table="data")
class Within(TypedDict, total=False):
    """Which samples of a curve.

    Attributes
    ----------
    x_range
        Use this range of x only, ends included; a side may be left out. Default: all.
    """

    x_range: Annotated[Interval, Setting(kinds.RANGE, "LOW:HIGH", (None, None))]


@group("Data", table="data")
class Data(Columns, Within, total=False):
    """Which data, and which samples of them.

    Attributes
    ----------
    nan
        Refuse samples with NaN, or leave them out.
    subtract
        Take a background off first: shirley, tougaard, or an algorithm of pybaselines
        (snip, arpls, ...), with options as in 'arpls:lam=1e6,diff_order=2'.
    """

    nan: Annotated[
        Literal["raise", "omit"],
        Setting(kinds.one_of("raise", "omit"), "raise|omit", "raise"),
    ]
    subtract: Annotated[str, Setting(TEXT, "METHOD")]


@group("Model", table="model")
class Expression(TypedDict, total=False):
    """Which model.

    Attributes
    ----------
    model
        Names of the catalogue with prefixes, and formulas, joined by + - * / and @:
        'voigt(a_) + voigt(b_) + linear', 'a*exp(-x/tau) + c', 'lorentzian @ response'.
        See `physfit models`.
    x_name
        What formulas call x, such as t; u,v for two coordinates.
    response
        File of a measured response, x and y, which `response` in the model stands for.
    """

    model: Annotated[
        str, Setting(TEXT, "--model --formula -m TEXT", "", key="expression")
    ]
    x_name: Annotated[str, Setting(TEXT, "NAME", "x")]
    response: Annotated[str, Setting(kinds.PATH, "FILE")]


@group("Parameters", table="parameters")
class Parameter(TypedDict, total=False):
    """What is asked of one parameter in a job file, [parameters.NAME].

    Attributes
    ----------
    start
        Start value. Default: guessed from the data.
    min
        Lower bound, included. Default: the model's own.
    max
        Upper bound, included. Default: the model's own.
    fixed
        Value at which it is held.
    tie
        Expression of other parameters to which it is tied.
    """

    start: Annotated[float, Setting(NUMBER)]
    min: Annotated[float, Setting(LIMIT)]
    max: Annotated[float, Setting(LIMIT)]
    fixed: Annotated[float, Setting(NUMBER)]
    tie: Annotated[str, Setting(TEXT)]


@group("Model", table="fit")
class Start(TypedDict, total=False):
    """Where the parameters begin.

    Attributes
    ----------
    start
        Start value; what is not given is guessed from the data. 'random' draws them
        all.
    """

    start: Annotated[
        Mapping[str, float] | str, Setting(kinds.START, "NAME=VALUE|random")
    ]


@group("Model")
class Ties(TypedDict, total=False):
    """Options that stand for keys of several parameters.

    Attributes
    ----------
    bounds
        Bounds, ends included; a side left out is open.
    fix
        Hold a parameter at a value.
    tie
        Tie a parameter to others: 'b_sigma=2*a_sigma'.
    """

    bounds: Annotated[
        Mapping[str, tuple[float, float]], Setting(kinds.BOUNDS, "NAME=LOW:HIGH")
    ]
    fix: Annotated[Mapping[str, float], Setting(NUMBERS, "NAME=VALUE")]
    tie: Annotated[Mapping[str, str], Setting(kinds.EXPRESSIONS, "NAME=EXPRESSION")]


@group("Fit", table="fit")
class Loss(TypedDict, total=False):
    """What is made small.

    Attributes
    ----------
    loss
        chi2, poisson, huber, soft_l1 or cauchy, with its constant where wanted, in
        sigma or, without, in the residuals' scale: huber:1.5.
    """

    loss: Annotated[Any, Setting(TEXT, "NAME", "chi2")]


@group("Fit", table="fit")
class Method(TypedDict, total=False):
    """How it is made small.

    Attributes
    ----------
    method
        lm; gauss_newton; gd, sgd, momentum, nesterov, rmsprop, adam, adamw, adagrad,
        lecture_adam, with settings as in adam:beta1=0.95; scipy as referee: scipy:trf
        and others.
    """

    method: Annotated[Any, Setting(kinds.METHOD, "NAME", "lm")]


#: What every fit of one curve takes.
Curve = (Expression, Data, Start, Ties, Loss)
