"""From marked Python functions to machine code at an address.

An entry's text (`source.module_text`) becomes LLVM code on the first use ever
(`lowering`). Optimised, that is turned into an object file of our own (`cache`), and
from then on every process links the file with llvmlite alone: 3 ms instead of the 0.6 s
that numba's import and first dispatch take. Nothing is unpickled. Compiled code refers
to no symbol but libm's and memory moves; what would need numba's runtime is refused
when it is compiled.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import sys
import threading
import time
import zlib
from collections.abc import Callable
from functools import cache as once
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import llvmlite
import llvmlite.binding as llvm

from physfit import __version__
from physfit.engine import cache
from physfit.engine.lowering import (
    MARK,
    VISIBLE,
    CompilationError,
    internalise,
    llvm_code,
)
from physfit.engine.source import module_text
from physfit.engine.workers import undisturbed
from physfit.errors import PhysfitError

__all__ = [
    "CompilationError",
    "Entry",
    "compile_seconds",
    "compiled",
    "compiled_for",
    "compiled_text",
    "llvm_of",
    "machine",
]

#: Outside symbols that compiled code may refer to; everything else needs a runtime.
_LIBM = "exp log pow sin cos tan atan atan2 tanh sqrt fabs floor ceil fma exp2 log2"
_ALLOWED = frozenset([*_LIBM.split(), "sinh", "cosh", "memset", "memcpy", "memmove"])
_CTYPES = {
    "void": None,
    "i64": ctypes.c_int64,
    "f64": ctypes.c_double,
    "i64*": ctypes.c_void_p,
    "f64*": ctypes.c_void_p,
    "i32*": ctypes.c_void_p,
    "u8*": ctypes.c_void_p,
}
#: Modules whose text decides what becomes of a function.
_OWN = ("jit.py", "lowering.py", "intrinsics.py")
_lock = threading.RLock()
_compile_seconds = 0.0


class Entry(NamedTuple):
    """A compiled C function: its address, and the ctypes form that releases the GIL."""

    address: int
    call: Callable[..., Any]


def compile_seconds() -> float:
    """Seconds this process has spent on compiling or loading kernels so far."""
    return _compile_seconds


@once
def compiled(function: Callable[..., Any]) -> Entry:
    """Machine code of a function marked `@entry(signature)`."""
    signature: str = function.__physfit_signature__  # type: ignore[attr-defined]
    unroll: bool = function.__physfit_unroll__  # type: ignore[attr-defined]
    address = _loaded(partial(module_text, function, signature), unroll=unroll)
    return Entry(address, _prototype(signature)(address))


def compiled_text(
    main: Callable[..., Any] | str,
    signature: str,
    *called: Any,
    reorder: bool = False,
    **named: Any,
) -> Entry:
    """Machine code of a marked function, or of a `def main` text with what it calls."""
    make_text = partial(module_text, main, signature, *called, reorder=reorder, **named)
    address = _loaded(make_text)
    return Entry(address, _prototype(signature)(address))


def compiled_module(text: str, signature: str) -> Entry:
    """Machine code of a whole module text (see `source.module_text`)."""
    address = _loaded(lambda: text)
    return Entry(address, _prototype(signature)(address))


@once
def compiled_for(
    number: int, main: str, signature: str, *called: Callable[..., Any]
) -> Entry:
    """Machine code of a `def main` text in which `NUMBER` is a constant.

    With loops of known length everything is unrolled. numba's part of the work, which
    is the greater one, is the same for all numbers; it is done once and kept.
    """
    marked = main.replace("NUMBER", str(MARK))
    address = _loaded(partial(module_text, marked, signature, *called), number=number)
    return Entry(address, _prototype(signature)(address))


@undisturbed
def _loaded(
    make_text: Callable[[], str], number: int | None = None, unroll: bool = True
) -> int:
    """Address of the machine code of a module text, from the cache or made now.

    An interrupt would leave the locks of LLVM and of numba taken for good.
    """
    global _compile_seconds
    with _lock:
        start = time.perf_counter()
        text = make_text()
        variant = number if unroll else "loops as they stand"
        key = _key(text if variant is None else f"{text}\n{variant}")
        payload = cache.load(key)
        if payload is None:
            payload = _made(text, number, unroll, key)
            cache.store(key, payload)
        address = _link(payload, key)
        _compile_seconds += time.perf_counter() - start
    return address


def _made(text: str, number: int | None, unroll: bool, key: str) -> bytes:
    """Object file of a module text."""
    if number is None:
        code = llvm_code(text)
    else:
        code = _kept_code(text).replace(str(MARK), str(number))
    module = _optimised(code, key, unroll)
    payload: bytes = _target_machine().emit_object(module)
    return payload


def _kept_code(text: str) -> str:
    """LLVM code of a module text, from the cache folder if it is there."""
    key = _key(f"code of {text}")
    kept = cache.load(key)
    if kept is None:
        kept = zlib.compress(llvm_code(text).encode(), 6)
        cache.store(key, kept)
    return zlib.decompress(kept).decode()


def llvm_of(text: str, unroll: bool = True) -> str:
    """Optimised LLVM code of a module text, always freshly compiled."""
    return str(_optimised(llvm_code(text), "fresh", unroll))


def _optimised(code: str, key: str, unroll: bool = True) -> Any:
    """LLVM module with one visible function, named by `key`."""
    module = llvm.parse_assembly(code)
    internalise(module)
    for function in module.functions:
        if function.name.startswith(VISIBLE):
            function.name = _symbol(key)
    _optimise(module, _target_machine(), unroll)
    for function in module.functions:
        if function.is_declaration:
            _refuse_runtime(function.name)
    for variable in module.global_variables:
        if variable.name.startswith("numba.dynamic.globals"):
            _refuse_runtime("Py")  # the address of an object of the lowering process
    return module


def _optimise(module: Any, machine: Any, unroll: bool) -> None:
    """Optimise, now that only one function is visible from outside.

    numba's functions return an error code; once LLVM sees every caller it finds that
    the code is always 0, and the path that would raise a Python exception goes away.
    Without `unroll` loops are neither unrolled nor vectorised: for code whose work is
    done by what it calls by address, in a quarter of the time.
    """
    tuning = llvm.create_pipeline_tuning_options(speed_level=3 if unroll else 2)
    tuning.loop_vectorization = tuning.loop_unrolling = unroll
    builder = llvm.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.add_strip_dead_prototype_pass()
    passes.run(module, builder)


def _refuse_runtime(symbol: str) -> None:
    if symbol.startswith("llvm.") or symbol in _ALLOWED:
        return
    python = symbol.startswith(("numba_gil", "Py", "NRT_"))
    needed = "Python itself (print, raise, a list)" if python else repr(symbol)
    raise CompilationError(
        f"a kernel needs {needed} at run time; kernels use float arithmetic, "
        "math.sqrt and the functions of physfit.kernels only."
    )


def _link(payload: bytes, key: str) -> int:
    engine = _engine()
    engine.add_object_file(llvm.object_file.ObjectFileRef.from_data(payload))
    engine.finalize_object()
    address: int = engine.get_function_address(_symbol(key))
    if not address:
        raise PhysfitError(
            f"the compiled kernel {key} does not hold its function; run "
            "`physfit cache clear`."
        )
    return address


def _symbol(key: str) -> str:
    return "physfit_" + key


@once
def _target_machine() -> Any:
    return _new_target_machine()


@once
def _engine() -> Any:
    # The engine owns its target machine, so it gets one of its own.
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), _new_target_machine())


def _new_target_machine() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    cpu, features = _cpu()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=cpu, features=features, opt=3, codemodel="jitdefault"
    )


@once
def _cpu() -> tuple[str, str]:
    features = llvm.get_host_cpu_features()
    # LLVM avoids 512-bit registers on Intel's processors, whose clock once fell with
    # them. Loops that are all arithmetic gain far more: 8.1 instead of 13 ns a point
    # for a Voigt profile with its sums.
    features["prefer-256-bit"] = False
    return llvm.get_host_cpu_name(), features.flatten()


@once
def _surroundings() -> str:
    """Everything besides the text that compiled code depends on."""
    numba = importlib.util.find_spec("numba")
    if numba is None or numba.origin is None:
        raise PhysfitError("numba is not installed; reinstall physfit.")
    version = (Path(numba.origin).parent / "_version.py").read_text()
    own = [Path(__file__).with_name(name) for name in _OWN]
    switches = {name: os.environ[name] for name in os.environ if _tunes_numba(name)}
    facts = [llvm.get_process_triple(), *_cpu(), llvmlite.__version__]
    facts += [sys.version, version, repr(sorted(switches.items())), _numbas_own_file()]
    facts += [path.read_text() for path in own]
    return "\n".join(facts)


def _numbas_own_file() -> str:
    """Switches that numba reads from the working directory."""
    path = Path(".numba_config.yaml")
    return path.read_text(errors="replace") if path.is_file() else ""


def machine() -> dict[str, str]:
    """What the last bit of a result depends on besides the code: CPU and versions."""
    cpu, features = _cpu()
    digest = hashlib.sha256(features.encode()).hexdigest()[:8]
    return {"processor": f"{cpu} {digest}", **_versions()}


@once
def _versions() -> dict[str, str]:
    """Versions of packages: the files that say so take a millisecond to read."""
    of = importlib.metadata.version
    versions = {"physfit": __version__}
    versions |= {own: of(own) for own in ("numpy", "numba", "llvmlite")}
    return {f"version of {own}": version for own, version in versions.items()}


def _tunes_numba(variable: str) -> bool:
    return variable.startswith("NUMBA_") and "CACHE" not in variable


def _key(text: str) -> str:
    return hashlib.sha256((_surroundings() + text).encode()).hexdigest()[:40]


@once
def _prototype(signature: str) -> Any:
    result, arguments = signature.rstrip(")").split("(")
    kinds: list[Any] = [_CTYPES[name.strip()] for name in arguments.split(",")]
    return ctypes.CFUNCTYPE(_CTYPES[result], *kinds)
