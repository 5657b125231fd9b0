"""Code blocks of a Markdown page, run in order as a reader would."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Block", "agrees", "blocks", "run"]

_FENCE = re.compile(r"^```(.*)$")
_CHECKER = doctest.OutputChecker()
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Block(NamedTuple):
    """A fenced block.

    Attributes
    ----------
    line : int
        Of its first line of code, from 1.
    info : tuple of str
        Words behind the fence: the language, and whose code it is.
    text : str
    output : str or None
        The `text` block that follows with nothing but blank lines between.
    """

    line: int
    info: tuple[str, ...]
    text: str
    output: str | None = None


def blocks(page: Path) -> list[Block]:
    """Fenced blocks of a page in order, each `text` block with the one before it."""
    found: list[Block] = []
    gap = True
    for block, is_adjacent in _fenced(page.read_text(encoding="utf-8")):
        gap = not is_adjacent
        if block.info == ("text",) and found and not gap:
            found[-1] = found[-1]._replace(output=block.text)
        else:
            found.append(block)
    return found


def _fenced(text: str) -> Iterator[tuple[Block, bool]]:
    """Blocks, and whether only blank lines lie between each and the one before it."""
    lines, inside, start, info = text.splitlines(), False, 0, ""
    prose = True
    for number, line in enumerate(lines):
        match = _FENCE.match(line)
        if match and not inside:
            inside, start, info = True, number + 1, match[1]
        elif match:
            body = "".join(f"{own}\n" for own in lines[start:number])
            yield Block(start + 1, tuple(info.split()), body), not prose
            inside, prose = False, False
        elif not inside and line.strip():
            prose = True


def run(page: Path, peers: tuple[str, ...] = ()) -> int:
    """Execute the blocks of a page in one namespace; return how many.

    `python` blocks are executed, those marked with a peer's name only when it is in
    `peers`; `console` blocks go to the command line, line by line. What they print must
    be what the page says, with `...` for anything.
    """
    namespace: dict[str, Any] = {"__name__": "page"}
    count = 0
    for block in blocks(page):
        language, *owner = block.info or ("",)
        if language == "python" and set(owner) <= set(peers):
            printed = _executed(page, block, namespace)
            if block.output is not None:
                _compare(page, block.line, block.output, printed)
            count += 1
        elif language == "console":
            _session(page, block)
            count += 1
    return count


def agrees(wanted: str, got: str) -> bool:
    """Whether an output is the one on the page; `...` stands for anything."""
    return _CHECKER.check_output(wanted, got, _FLAGS)


def _executed(page: Path, block: Block, namespace: dict[str, Any]) -> str:
    # Blank lines in front, so that a traceback names the line of the page.
    code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, namespace)
    return printed.getvalue()


def _session(page: Path, block: Block) -> None:
    """Run each `$ physfit ...` of a block; the lines below it are what it prints."""
    from physfit.cli.main import main

    code = 0
    for line, command, wanted in _commands(block):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            if command == "echo $?":
                print(code)
            elif command.startswith("cat "):
                print(Path(shlex.split(command)[1]).read_text(encoding="utf-8"))
            else:
                program, *arguments = shlex.split(command)
                assert program == "physfit", f"{page}:{line}: cannot run {command!r}"
                code = main(arguments)
        if wanted:
            _compare(page, line, wanted, printed.getvalue())


def _commands(block: Block) -> Iterator[tuple[int, str, str]]:
    """Line, command and wanted output of each prompt of a session."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    line = block.line + parts[0].count("\n")
    for part in parts[1:]:
        joined = part.replace("\\\n", " ")
        command, _, wanted = joined.partition("\n")
        yield line, command.strip(), wanted
        line += part.count("\n")


def _compare(page: Path, line: int, wanted: str, got: str) -> None:
    assert agrees(wanted, got), (
        f"{page}:{line} prints\n{got}\nbut the page says\n{wanted}"
    )
