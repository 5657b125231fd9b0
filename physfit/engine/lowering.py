"""From the text of a module to LLVM code, by numba; or as it comes with the package.

numba's part of a compilation takes two thirds of its time. What it makes of the
functions of physfit itself is the same everywhere, so a wheel or checkout brings it
along for x86-64 on Linux: a first fit then takes 3 s instead of 9. The code is found by
a digest of the whole text; a function that has been edited, or one of the user's, is
lowered here.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import importlib.util
import os
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache as once
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm

from physfit.errors import PhysfitError

__all__ = ["ARCHIVE", "MARK", "VISIBLE", "CompilationError", "internalise"]
__all__ += ["key_of", "llvm_code", "lowered"]

#: Stands for a number until that is known; no other constant of the code.
MARK = 5_157_143_901_372_117
#: Beginning of the name of the C function in LLVM code.
VISIBLE = "cfunc."
#: LLVM code of texts, by their keys.
ARCHIVE = Path(__file__).with_name("lowered.zip")
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


class CompilationError(PhysfitError):
    """A function is not arithmetic that can be compiled; the message says why."""


def llvm_code(text: str) -> str:
    """LLVM code of a module text: from the archive if it is there, else from numba."""
    if ARCHIVE.exists():
        with zipfile.ZipFile(ARCHIVE) as archive, suppress(KeyError):
            return archive.read(key_of(text)).decode()
    return lowered(text)


def key_of(text: str) -> str:
    """Name of a module text in the archive."""
    facts = (llvm.get_process_triple(), str(llvm.llvm_version_info[0]), _intrinsics())
    return hashlib.sha256("\n".join([*facts, text]).encode()).hexdigest()[:40]


@once
def _intrinsics() -> str:
    return Path(__file__).with_name("intrinsics.py").read_text()


def lowered(text: str) -> str:
    """LLVM code of a module text as numba lowers it, its functions simplified.

    Where a number is to be put in later nothing is: twice the mark would be folded.
    """
    _refuse_interpreter()
    with tempfile.TemporaryDirectory(prefix="physfit-") as place, _only_lowering():
        name = "physfit_generated_" + hashlib.sha256(text.encode()).hexdigest()[:16]
        path = Path(place) / (name + ".py")
        path.write_text(text)
        module = _linked(_typed(name, path).main._library)
    if str(MARK) not in text:
        _simplify(module)
    return str(module)


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


def _linked(library: Any) -> Any:
    """LLVM module of a library of numba and of all that it calls, each of them once."""
    libraries = [library]
    for caller in libraries:
        for called in caller._linking_libraries:
            if called not in libraries:
                libraries.append(called)
    module = library._final_module.clone()
    for other in libraries[1:]:
        module.link_in(other._final_module, preserve=True)
    return module


def internalise(module: Any) -> None:
    """Let nothing but the C function be seen from outside, so that callers show."""
    for function in module.functions:
        if not (function.is_declaration or function.name.startswith(VISIBLE)):
            function.linkage = "internal"
    for variable in module.global_variables:
        if not variable.is_declaration:
            variable.linkage = "internal"


def _simplify(module: Any) -> None:
    """What every optimisation begins with, to a fifth of the text.

    Before all, that numba's error codes are 0 where nothing can be raised.
    """
    internalise(module)
    passes = llvm.create_new_module_pass_manager()
    passes.add_sroa_pass()
    passes.add_instruction_combine_pass()
    passes.add_simplify_cfg_pass()
    passes.add_ipsccp_pass()
    passes.add_dead_arg_elimination_pass()
    passes.add_instruction_combine_pass()
    passes.add_simplify_cfg_pass()
    passes.add_global_dead_code_eliminate_pass()
    passes.add_strip_dead_prototype_pass()
    passes.run(module, _pass_builder())


@once
def _pass_builder() -> Any:
    """For no processor in particular: the code is to be the same everywhere."""
    llvm.initialize_native_target()
    target = llvm.Target.from_default_triple().create_target_machine()
    return llvm.create_pass_builder(target, llvm.create_pipeline_tuning_options())


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
