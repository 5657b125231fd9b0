"""From marked Python functions to machine code at an address.

An entry's text (`source.module_text`) is compiled by numba on the first use ever, the
optimised LLVM code is turned into an object file of our own (`cache`), and from then
on every process links that file with llvmlite alone: 3 ms instead of the 0.6 s that
numba's import and first dispatch take. Nothing is unpickled. Compiled code refers to
no symbol but libm's and memory moves; what would need numba's runtime is refused when
it is compiled.
"""

from __future__ import annotations

import ctypes
import gc
import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import re
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache as once
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import llvmlite
import llvmlite.binding as llvm

from physfit.engine import cache
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
#: Stands for a number until that is known; no other constant of the code.
MARK = 5_157_143_901_372_117
#: Causes in numba's messages, and the sentences that are made of them.
_CAUSES = (
    (
        r"(?:Untyped global name|name) '(\w+)'",
        "it uses `{}`, which compiled code does not know.",
    ),
    (r"Unknown attribute '(\w+)'", "it uses `.{}`, which compiled code does not know."),
    (r"Cannot unify (\S+) and (\S+) for", "it mixes {} and {}."),
    (
        r"failed to unpack|unpack tuple|Cannot cast (?:Uni)?Tuple",
        "it returns another number of values than expected.",
    ),
)
#: What numba and Python raise besides numba's own errors on such functions.
_NOT_ARITHMETIC = (AttributeError, NameError, NotImplementedError, SyntaxError)
#: Beginnings of lines of such a message that tell where, not why.
_FRAMES = ("Failed in", "During:", "File ", "<source", "def ", "@", "^", "- ")
_lock = threading.RLock()
_compile_seconds = 0.0


class CompilationError(PhysfitError):
    """A function is not arithmetic that can be compiled; the message says why."""


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
    return compiled_text(function, signature)


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
    address = _loaded(partial(module_text, marked, signature, *called), number)
    return Entry(address, _prototype(signature)(address))


@undisturbed
def _loaded(make_text: Callable[[], str], number: int | None = None) -> int:
    """Address of the machine code of a module text, from the cache or made now.

    An interrupt would leave the locks of LLVM and of numba taken for good.
    """
    global _compile_seconds
    with _lock:
        start = time.perf_counter()
        text = make_text()
        key = _key(text if number is None else f"{text}\n{number}")
        payload = cache.load(key)
        if payload is None:
            payload = _made(text, number, key)
            cache.store(key, payload)
        address = _link(payload, key)
        _compile_seconds += time.perf_counter() - start
    return address


def _made(text: str, number: int | None, key: str) -> bytes:
    """Object file of a module text."""
    if number is None:
        code = _lowered(text)
    else:
        code = _kept_code(text).replace(str(MARK), str(number))
    payload: bytes = _target_machine().emit_object(_optimised(code, key))
    return payload


def _kept_code(text: str) -> str:
    """LLVM code of a module text, from the cache folder if it is there."""
    key = _key(f"code of {text}")
    kept = cache.load(key)
    if kept is None:
        kept = zlib.compress(_lowered(text).encode(), 6)
        cache.store(key, kept)
    return zlib.decompress(kept).decode()


def llvm_of(text: str) -> str:
    """Optimised LLVM code of a module text, always freshly compiled."""
    return str(_optimised(_lowered(text), "fresh"))


def _lowered(text: str) -> str:
    """LLVM code of a module text as numba lowers it."""
    _refuse_interpreter()
    with tempfile.TemporaryDirectory(prefix="physfit-") as place, _only_lowering():
        name = "physfit_generated_" + hashlib.sha256(text.encode()).hexdigest()[:16]
        path = Path(place) / (name + ".py")
        path.write_text(text)
        return _linked(_typed(name, path).main._library)


def _typed(name: str, path: Path) -> Any:
    """Module whose `main` numba has typed; what it cannot type is refused shortly."""
    errors: Any = importlib.import_module("numba.core.errors")
    try:
        return _import(name, path)
    except (errors.NumbaError, *_NOT_ARITHMETIC) as error:
        raise CompilationError(_reason(str(error))) from error


def _reason(message: str) -> str:
    """What matters of numba's page: the cause at its deepest, in one sentence."""
    for pattern, sentence in _CAUSES:
        found = re.search(pattern, message)
        if found is not None:
            return sentence.format(*found.groups())
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    causes = [line for line in lines if not line.startswith(_FRAMES)]
    return (causes or lines or ["numba gave no reason"])[0].rstrip(".:") + "."


def _refuse_interpreter() -> None:
    """Refuse numba's switch for debugging, in the environment or its own file."""
    disabled = os.environ.get("NUMBA_DISABLE_JIT", "0")
    if disabled not in ("", "0"):
        raise PhysfitError(
            f"NUMBA_DISABLE_JIT is {disabled!r}, but physfit computes in compiled code "
            "only; unset it."
        )
    if importlib.import_module("numba.core.config").DISABLE_JIT:
        raise PhysfitError(
            "numba's configuration has disable_jit, but physfit computes in compiled "
            "code only; take it out of .numba_config.yaml."
        )


@contextmanager
def _only_lowering() -> Iterator[None]:
    """Let numba type and lower functions, and no more.

    For every function it would link all that this calls, optimise the whole, emit
    machine code and bind it to a Python object. One link and one optimisation at the
    end take half the time and give the same code. Libraries stay as numba makes them,
    not finished yet, so a program's own functions can use them later; meanwhile the
    lock keeps its other threads from compiling. The garbage collector, which looks
    through numba's many small objects for a tenth of the time, waits.
    """
    config: Any = importlib.import_module("numba.core.config")
    codegen: Any = importlib.import_module("numba.core.codegen")
    cpu: Any = importlib.import_module("numba.core.cpu")
    lock: Any = importlib.import_module("numba.core.compiler_lock").global_compiler_lock
    replaced = (
        (config, "OPT", type(config.OPT)(0)),
        (codegen.CPUCodeLibrary, "add_linking_library", _remember_library),
        (codegen.JITCodeLibrary, "get_pointer_to_function", _no_address),
        (cpu.CPUContext, "get_executable", _no_machine_code),
    )
    with lock:
        kept = [getattr(owner, name) for owner, name, _ in replaced]
        collects = gc.isenabled()
        gc.disable()
        try:
            for owner, name, value in replaced:
                setattr(owner, name, value)
            yield
        finally:
            for (owner, name, _), value in zip(replaced, kept, strict=True):
                setattr(owner, name, value)
            if collects:
                gc.enable()


def _remember_library(caller: Any, called: Any) -> None:
    caller._linking_libraries.append(called)


def _no_address(_library: Any, _name: str) -> int:
    return 0


def _no_machine_code(_context: Any, _library: Any, _function: Any, _env: Any) -> Any:
    """Stand-in for the Python object of a compiled function, which is never called.

    numba takes only a built-in function, and tells functions apart by it.
    """
    return [].append


def _linked(library: Any) -> str:
    """LLVM code of a library of numba and of all that it calls, each of them once."""
    libraries = [library]
    for caller in libraries:
        for called in caller._linking_libraries:
            if called not in libraries:
                libraries.append(called)
    module = library._final_module.clone()
    for other in libraries[1:]:
        module.link_in(other._final_module, preserve=True)
    return str(module)


def _import(name: str, path: Path) -> Any:
    specification = importlib.util.spec_from_file_location(name, path)
    if specification is None or specification.loader is None:
        raise PhysfitError(f"the generated module {path} cannot be imported.")
    module = importlib.util.module_from_spec(specification)
    keep = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = keep
        del sys.modules[name]
    return module


def _optimised(code: str, key: str) -> Any:
    """LLVM module with one visible function, named by `key`."""
    module = llvm.parse_assembly(code)
    for function in module.functions:
        if function.name.startswith("cfunc."):
            function.name = _symbol(key)
        elif not function.is_declaration:
            function.linkage = "internal"
    for variable in module.global_variables:
        if not variable.is_declaration:
            variable.linkage = "internal"
    _optimise(module, _target_machine())
    for function in module.functions:
        if function.is_declaration:
            _refuse_runtime(function.name)
    return module


def _optimise(module: Any, machine: Any) -> None:
    """Optimise, now that only one function is visible from outside.

    numba's functions return an error code; once LLVM sees every caller it finds that
    the code is always 0, and the path that would raise a Python exception goes away.
    """
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    tuning.loop_vectorization = True
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
    own = [Path(__file__), Path(__file__).with_name("intrinsics.py")]
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
    packages = ("physfit", "numpy", "numba", "llvmlite")
    return {f"version of {own}": importlib.metadata.version(own) for own in packages}


def _tunes_numba(variable: str) -> bool:
    return variable.startswith("NUMBA_") and "CACHE" not in variable


def _key(text: str) -> str:
    return hashlib.sha256((_surroundings() + text).encode()).hexdigest()[:40]


@once
def _prototype(signature: str) -> Any:
    result, arguments = signature.rstrip(")").split("(")
    kinds: list[Any] = [_CTYPES[name.strip()] for name in arguments.split(",")]
    return ctypes.CFUNCTYPE(_CTYPES[result], *kinds)
