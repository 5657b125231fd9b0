"""The compiled-code cache: never stale, never torn, never from a shared folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from physfit.engine import blocks, cache, jit
from physfit.errors import PhysfitError
from physfit.kernels.kernel import scalar

ROOT = Path(__file__).parents[2]
CALLEE = """
from physfit.kernels.kernel import scalar

FACTOR = {factor}

@scalar
def stretched(x):
    return x * FACTOR + {shift}
"""
CALLER = """
from callee import stretched
from physfit.kernels.kernel import scalar

@scalar
def caller(x):
    return stretched(x) + 1.0
"""
SCRIPT = """
import sys
from caller import caller
from physfit.engine.blocks import elementwise
print(elementwise(caller, 1, 1)([1.0, 2.0]).tolist(), "numba" in sys.modules)
"""
MIXED = """
import math
from physfit.kernels.registry import scalar

@scalar
def mixed(x):
    return min(x, 3.0) + math.floor(x) + x // 3.0 + x**2.5
"""
USERS_OWN = """
import math
import numba
from caller import mixed
from physfit.engine.blocks import elementwise

elementwise(mixed, 1, 1)([1.0])

@numba.njit
def own(x):
    if x < 0.0:
        raise ValueError("negative")
    return min(x, 3.0) + math.floor(x) + x // 3.0 + x**2.5

try:
    own(-1.0)
except ValueError as error:
    print(error, abs(own(3.5) - own.py_func(3.5)) < 1e-12)
"""


@scalar
def cubed(x):
    return x * x * x


@scalar
def runtime_needed(x):
    numbers = [x, x]
    numbers.append(x)
    return numbers[0]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "caller.py").write_text(CALLER)
    (tmp_path / "callee.py").write_text(CALLEE.format(factor="2.0", shift="0.0"))
    return tmp_path


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "kernels"
    monkeypatch.setenv("PHYSFIT_CACHE_DIR", str(folder))
    blocks.elementwise.cache_clear()
    return folder


def start(
    sources: Path, folder: Path | str, script: str = SCRIPT
) -> subprocess.Popen[str]:
    environment = dict(os.environ, PHYSFIT_CACHE_DIR=str(folder))
    environment["PYTHONPATH"] = os.pathsep.join([str(sources), str(ROOT)])
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(sources: Path, folder: Path | str, script: str = SCRIPT) -> tuple[str, str]:
    process = start(sources, folder, script)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.strip(), err


@pytest.mark.parametrize(
    ("factor", "shift", "expected"),
    [("3.0", "0.0", "[4.0, 7.0]"), ("2.0", "5.0", "[8.0, 10.0]")],
    ids=["constant", "function"],
)
def test_an_edit_of_a_callee_in_another_file_is_seen(sources, factor, shift, expected):
    """The next process computes with the edited callee, whatever was cached."""
    folder = sources / "kernels"
    assert run(sources, folder)[0] == "[3.0, 5.0] True"
    (sources / "callee.py").write_text(CALLEE.format(factor=factor, shift=shift))
    assert run(sources, folder)[0] == f"{expected} True"


def test_a_cached_kernel_is_used_without_numba(sources):
    """The second process gives the same numbers and never imports numba."""
    folder = sources / "kernels"
    assert run(sources, folder)[0] == "[3.0, 5.0] True"
    assert run(sources, folder)[0] == "[3.0, 5.0] False"


def test_processes_that_start_at_once_on_an_empty_cache_all_work(sources):
    """Both compile, both are right, and one whole file is left."""
    folder = sources / "kernels"
    processes = [start(sources, folder) for _ in range(2)]
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [out.split(" T")[0].split(" F")[0].strip() for out, _ in outputs] == [
        "[3.0, 5.0]"
    ] * 2
    assert [path.suffix for path in folder.iterdir()] == [cache.SUFFIX]


@pytest.mark.parametrize("kind", ["under_a_file", "read_only_file_system"])
def test_a_folder_that_cannot_be_written_works_with_one_message(sources, kind):
    """Without a usable folder each process compiles, and says so once."""
    blocker = sources / "file"
    blocker.write_text("")
    folder = blocker / "kernels" if kind == "under_a_file" else "/proc/physfit"
    for _ in range(2):
        out, err = run(sources, folder)
        assert out == "[3.0, 5.0] True"
        assert err.count("CacheWarning") == 1
        assert "set PHYSFIT_CACHE_DIR to a folder that you can write" in err


def test_a_folder_that_others_can_write_is_refused(own_folder):
    """Machine code is neither read from nor written to a folder open to others."""
    cache.store("key", b"payload")
    assert cache.load("key") == b"payload"
    own_folder.chmod(0o777)
    with pytest.raises(cache.CacheError, match=r"mode 0777; run `chmod 700"):
        cache.load("key")
    with pytest.raises(cache.CacheError, match="writable by you alone"):
        cache.store("other", b"payload")


@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give away"
)
def test_a_folder_of_somebody_else_is_refused(own_folder):
    """A folder with another owner is not trusted."""
    cache.store("key", b"payload")
    os.chown(own_folder, 12345, -1)
    with pytest.raises(cache.CacheError, match="its owner is user 12345"):
        cache.load("key")


def _foreign(path: Path) -> None:
    os.chown(path, 12345, -1)


def _open(path: Path) -> None:
    path.chmod(0o666)


def _linked(path: Path) -> None:
    elsewhere = path.parent.with_name("elsewhere")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def _named_twice(path: Path) -> None:
    os.link(path, path.parent.with_name("elsewhere"))


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _renamed(path: Path) -> None:
    cache.store("other", b"other payload")
    path.with_name("other" + cache.SUFFIX).replace(path)


AS_ROOT = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give away"
)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such owners")
@pytest.mark.parametrize(
    "plant",
    [
        pytest.param(_foreign, marks=AS_ROOT),
        *(_open, _linked, _named_twice, _fifo, _renamed),
    ],
)
def test_a_file_that_others_may_have_written_is_compiled_anew(own_folder, plant):
    """Its own owner and mode decide, not those of the folder; the next one is used."""
    cache.store("key", b"payload")
    path = own_folder / ("key" + cache.SUFFIX)
    plant(path)
    assert cache.load("key") is None
    assert len(cache.not_trusted()) == (plant is not _renamed)
    cache.store("key", b"payload")
    assert cache.load("key") == b"payload"
    assert cache.not_trusted() == []


@AS_ROOT
def test_a_link_of_somebody_else_is_refused(own_folder, tmp_path, monkeypatch):
    """Kernels go into no folder that another user chose; own links are followed."""
    cache.store("key", b"payload")
    link = tmp_path / "link"
    link.symlink_to(own_folder)
    monkeypatch.setenv("PHYSFIT_CACHE_DIR", str(link))
    assert cache.load("key") == b"payload"
    os.lchown(link, 12345, -1)
    with pytest.raises(cache.CacheError, match="its owner is user 12345"):
        cache.load("key")


@pytest.mark.parametrize("name", ["kernels", "./a/../kernels", "file", "file/kernels"])
def test_odd_names_of_the_folder_are_sound(tmp_path, monkeypatch, name):
    """Relative names mean the working directory; what is no folder keeps nothing."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "file").write_text("precious")
    monkeypatch.setenv("PHYSFIT_CACHE_DIR", name)
    monkeypatch.setattr(cache, "_warned", {name})
    cache.store("key", b"payload")
    assert cache.load("key") == (None if "file" in name else b"payload")
    assert (tmp_path / "file").read_text() == "precious"


@pytest.mark.parametrize(
    "damage",
    [lambda raw: raw[:-3], lambda raw: raw[:40] + b"x" + raw[41:], lambda raw: b""],
    ids=["truncated", "edited", "emptied"],
)
def test_a_damaged_file_counts_as_missing(own_folder, damage):
    """A payload that does not match its digest is never handed out."""
    cache.store("key", b"a long enough payload")
    path = own_folder / ("key" + cache.SUFFIX)
    path.write_bytes(damage(path.read_bytes()))
    assert cache.load("key") is None


def test_clear_deletes_what_entries_lists(own_folder):
    """`clear` counts and removes all compiled kernels and nothing else."""
    cache.store("one", b"1")
    cache.store("two", b"2")
    (own_folder / "note.txt").write_text("mine")
    assert [path.stem for path in cache.entries()] == ["one", "two"]
    assert cache.clear() == 2
    assert [path.name for path in own_folder.iterdir()] == ["note.txt"]


def test_a_folder_made_by_physfit_is_private(own_folder):
    """The folder is created with mode 0700."""
    cache.store("key", b"payload")
    assert own_folder.stat().st_mode & 0o777 == 0o700


def test_an_elementwise_function_is_linked_once(own_folder):
    """Machine code is never unloaded, so asking again must not link it again."""
    assert blocks.elementwise(cubed, 1, 1) is blocks.elementwise(cubed, 1, 1)


def test_numba_disable_jit_is_refused(own_folder, monkeypatch):
    """Interpreted numba is named as what stands in the way."""
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    with pytest.raises(PhysfitError, match="NUMBA_DISABLE_JIT is '1'"):
        blocks.elementwise(cubed, 1, 1)


def test_numba_disabled_by_its_own_file_is_refused(own_folder, monkeypatch):
    """So is the switch where the environment does not show it."""
    from numba.core import config

    monkeypatch.setattr(config, "DISABLE_JIT", 1)
    with pytest.raises(PhysfitError, match="disable_jit"):
        blocks.elementwise(cubed, 1, 1)


def test_a_user_without_a_home_folder_has_no_cache(tmp_path, monkeypatch):
    """No folder called "~" appears in the working directory; a warning says why."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHYSFIT_CACHE_DIR", "~nobody-of-that-name/kernels")
    with pytest.warns(cache.CacheWarning, match="no such home folder"):
        cache.store("key", b"payload")
    assert cache.load("key") is None
    assert list(tmp_path.iterdir()) == []


def test_code_that_needs_a_runtime_is_refused(own_folder):
    """A kernel that allocates is refused when it is compiled, not when it runs."""
    with pytest.raises(PhysfitError, match="at run time; kernels use float arithmetic"):
        blocks.elementwise(runtime_needed, 1, 1)
    assert cache.entries() == []


def test_numbas_own_optimisation_is_left_as_it_was(own_folder):
    """Compiling a kernel leaves the user's numba with its own settings."""
    from numba.core import config

    before = config.OPT
    np.testing.assert_array_equal(blocks.elementwise(cubed, 1, 1)([2.0]), [8.0])
    assert config.OPT is before


def test_numba_functions_of_a_program_work_beside_ours(tmp_path):
    """What numba has lowered for us it has not finished, and a program may need it."""
    (tmp_path / "caller.py").write_text(MIXED)
    out, _ = run(tmp_path, tmp_path / "kernels", USERS_OWN)
    assert out == "negative True"


@pytest.mark.parametrize(
    ("variable", "matters"),
    [("NUMBA_CPU_NAME", True), ("NUMBA_CACHE_DIR", False)],
    ids=["tuning", "cache"],
)
def test_numbas_switches_are_part_of_the_key(variable, matters, monkeypatch):
    """What may change the code changes its name; where numba keeps its own does not."""
    before = jit._surroundings.__wrapped__()
    monkeypatch.setenv(variable, "of-a-test")
    assert (jit._surroundings.__wrapped__() != before) is matters


def test_numbas_file_in_the_working_directory_is_part_of_the_key(tmp_path, monkeypatch):
    """It holds the same switches."""
    monkeypatch.chdir(tmp_path)
    before = jit._surroundings.__wrapped__()
    (tmp_path / ".numba_config.yaml").write_text("cpu_name: generic")
    assert jit._surroundings.__wrapped__() != before


@pytest.mark.parametrize("name", ["jit.py", "lowering.py", "intrinsics.py"])
def test_an_edit_of_the_compiler_itself_is_seen(
    own_folder, tmp_path, monkeypatch, name
):
    """How code is made is part of the key: another pipeline, other object files."""
    copies = tmp_path / "engine"
    copies.mkdir()
    for file in ("jit.py", "lowering.py", "intrinsics.py"):
        (copies / file).write_text((ROOT / "physfit" / "engine" / file).read_text())
    monkeypatch.setattr(jit, "__file__", str(copies / "jit.py"))
    surroundings = jit._surroundings.__wrapped__
    before = surroundings()
    with (copies / name).open("a") as stream:
        stream.write("# another pass\n")
    assert surroundings() != before
