"""Settings of fits of many rows, and of commands that make and read files."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypedDict

from physfit.counts import SEEDS
from physfit.settings import kinds, texts
from physfit.settings.fits import Within
from physfit.settings.kinds import FLAG, NUMBERS, TEXT, counted, one_of, typed
from physfit.settings.setting import REQUIRED, Setting, group

__all__ = [
    "Blocks",
    "Exported",
    "ManyFits",
    "ManyOutput",
    "Merged",
    "Named",
    "Outcome",
    "Retried",
]
__all__ += ["Rows", "Saved", "ShuffleSettings", "ShuffledRows", "Simulated"]

PREVIOUS = kinds.assigned("numbers by name, or `previous`", texts.number, "previous")


@group("Rows", table="data")
class Rows(Within, total=False):
    """Which rows.

    Attributes
    ----------
    data
        HDF5, NPY or text file of rows, file of an instrument with many spectra, or a
        job file (.toml). A path inside an HDF5 file follows after '::'.
    job
        Job file whose model and options are taken.
    dataset
        Path inside an HDF5 file.
    x
        Dataset of x; 'none' counts samples.
    sigma
        Dataset of the standard deviations, or one number for all samples, in a file
        with a point (1.0); 'none' takes none.
    sigma_per
        What as many standard deviations as rows and samples are meant for.
    mask
        Dataset of a mask; samples where it is not 0 are left out.
    rows
        These rows only, counted along the map; for a trial.
    map_axes
        Datasets of the positions along the axes of the map, slowest first; 'none'
        counts them. Default: as the file says.
    """

    data: Annotated[
        str, Setting(kinds.PATH, "<DATA>", REQUIRED, key="file", panel="Data")
    ]
    job: Annotated[str, Setting(TEXT, "<JOB>", panel="Data")]
    dataset: Annotated[str, Setting(TEXT, "PATH", panel="Data")]
    x: Annotated[str | int, Setting(kinds.COLUMN, "PATH")]
    sigma: Annotated[str | float, Setting(kinds.SIGMA, "PATH|NUMBER")]
    sigma_per: Annotated[
        Literal["row", "sample"], Setting(one_of("row", "sample"), "row|sample")
    ]
    mask: Annotated[str, Setting(TEXT, "PATH")]
    rows: Annotated[
        tuple[int, int], Setting(typed("range `A:B`", texts.row_range), "A:B")
    ]
    map_axes: Annotated[
        Sequence[str],
        Setting(typed("names, separated by commas", texts.places), "PATHS"),
    ]


@group("Rows")
class Retried(TypedDict, total=False):
    """What becomes of rows that fail.

    Attributes
    ----------
    retry
        Try rows that fail again from other starts (a guess, a neighbour's solution,
        several) (true), or do not (false, --once). Default: true.
    """

    retry: Annotated[bool | None, Setting(kinds.flag(False), "--once")]


@group("Rows")
class ManyFits(Retried, total=False):
    """How each row is fitted.

    Attributes
    ----------
    start
        Start value; what is not given is guessed from each row. 'previous' takes the
        solution of the row before.
    max_steps
        Steps of a fit. Default: 500.
    shard
        Every N-th block of rows from the I-th on, 1/N to N/N; `merge` joins them.
    """

    start: Annotated[
        Mapping[str, float] | str,
        Setting(PREVIOUS, "NAME=VALUE|previous", panel="Model"),
    ]
    max_steps: Annotated[int, Setting(counted(), "N")]
    shard: Annotated[tuple[int, int], Setting(typed("`I/N`", texts.shard), "I/N")]


@group("Output", table="output")
class Blocks(TypedDict, total=False):
    """How the rows of a file are kept.

    Attributes
    ----------
    block_rows
        Rows of a block, which one process fits and keeps as a whole: a kill costs the
        blocks in hand. Default: a 64th of all rows, 64 to 4096.
    """

    block_rows: Annotated[int | None, Setting(counted(), "N")]


@group("Output", table="output")
class ManyOutput(Blocks, total=False):
    """Where the maps go, and what of them is there already.

    Attributes
    ----------
    result
        HDF5 file for the maps.
    resume
        Go on with the finished blocks of this job.
    retry_failed
        Fit the rows of a finished result again that have not converged; the others stay
        as they are.
    refit
        Take DATA as a finished result, and fit its rows again that meet a condition on
        the columns of its table: 'reduced_chi2 > 2', "sigma > 3 & status !=
        'converged'". Better answers are put back and marked, in the file itself or in
        that of -o.
    """

    result: Annotated[str, Setting(kinds.OUTPUT, "--output -o FILE")]
    resume: Annotated[bool, Setting(FLAG)]
    retry_failed: Annotated[bool, Setting(FLAG)]
    refit: Annotated[str, Setting(TEXT, "CONDITION")]


@group("Data")
class Outcome(TypedDict, total=False):
    """The output of `fit-many`.

    Attributes
    ----------
    result
        Output file of `fit-many`, as given to -o.
    """

    result: Annotated[str, Setting(TEXT, "<OUT>", REQUIRED)]


@group("Output")
class Merged(Outcome, total=False):
    """Where what is joined goes.

    Attributes
    ----------
    output
        Write the maps to another .h5, or a table (.csv, .parquet) as `physfit export`
        does.
    """

    output: Annotated[str, Setting(TEXT, "--output -o FILE")]


@group("Data")
class Exported(TypedDict, total=False):
    """What is exported, and where to.

    Attributes
    ----------
    result
        File written by `physfit fit -o` or `fit-many -o`.
    target
        File to write: .csv, .parquet (with pyarrow), .npz or .nc (netCDF, with xarray
        and h5netcdf); of a single fit .csv.
    """

    result: Annotated[str, Setting(TEXT, "<RESULT>", REQUIRED)]
    target: Annotated[
        str,
        Setting(kinds.output(".csv", ".parquet", ".npz", ".nc"), "<FILE>", REQUIRED),
    ]


@group("Output")
class Saved(TypedDict, total=False):
    """A saved result.

    Attributes
    ----------
    result
        File written by `physfit fit -o` or `fit-many -o`.
    output
        Write the report, too: .txt, .md, .tex or .json; of many fits also a folder, for
        a page with maps, worst fits and histograms.
    """

    result: Annotated[str, Setting(TEXT, "<RESULT>", REQUIRED, panel="Data")]
    output: Annotated[str, Setting(TEXT, "--output -o FILE|FOLDER")]


@group("Data")
class Simulated(TypedDict, total=False):
    """What `simulate` draws.

    Attributes
    ----------
    x
        Samples, both ends included.
    truth
        True value of a parameter.
    sigma
        Standard deviation of normal noise.
    poisson
        Draw counts whose mean is the model.
    seed
        Seed of the noise. Default: drawn, and written down.
    output
        CSV file to write; without it the table goes to stdout.
    """

    x: Annotated[Any, Setting(kinds.GRID, "START:STOP:COUNT", REQUIRED)]
    truth: Annotated[Mapping[str, float], Setting(NUMBERS, "--truth -p NAME=VALUE")]
    sigma: Annotated[float, Setting(kinds.measured(positive=True), "NUMBER")]
    poisson: Annotated[bool, Setting(FLAG)]
    seed: Annotated[int, Setting(counted(0, SEEDS - 1), "NUMBER")]
    output: Annotated[
        str, Setting(kinds.output(".csv"), "--output -o FILE", panel="Output")
    ]


@group("Data")
class ShuffledRows(TypedDict, total=False):
    """How `shuffle` permutes.

    Attributes
    ----------
    seed
        Decides the order, together with the memory.
    memory
        For all buffers: MiB, as keyword bytes. Default: 256 MiB.
    """

    seed: Annotated[int, Setting(counted(0, SEEDS - 1), "NUMBER", 0)]
    memory: Annotated[int, Setting(kinds.MEBIBYTES, "MIB", 256 << 20)]


@group("Data")
class ShuffleSettings(ShuffledRows, total=False):
    """What `shuffle` permutes.

    Attributes
    ----------
    path
        The file to read.
    output
        The file to write.
    """

    path: Annotated[str, Setting(TEXT, "<IN>", REQUIRED)]
    output: Annotated[str, Setting(TEXT, "--output -o FILE", REQUIRED)]


@group("Models")
class Named(TypedDict, total=False):
    """What `models` shows.

    Attributes
    ----------
    name
        A model, to see it in full, or a formula.
    like
        List the models that these words describe, such as "asymmetric peak".
    """

    name: Annotated[str, Setting(TEXT, "<NAME>")]
    like: Annotated[str, Setting(TEXT, "WORDS")]
