"""The reader of pages notices what is wrong on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.markdown import blocks, run

PAGE = """
```python
value = 3
print(value)
```

```text
{wanted}
```
"""


def page(folder: Path, text: str) -> Path:
    path = folder / "page.md"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("wanted", ["3", "..."], ids=["equal", "anything"])
def test_right_output_passes(tmp_path: Path, wanted: str) -> None:
    """Output equal to the page's passes, and dots stand for anything."""
    assert run(page(tmp_path, PAGE.format(wanted=wanted))) == 1


def test_wrong_output_is_refused_with_its_line(tmp_path: Path) -> None:
    """Another output than the page's is refused, naming the line of the code."""
    with pytest.raises(AssertionError, match=r"page\.md:3 prints\n3\n"):
        run(page(tmp_path, PAGE.format(wanted="4")))


def test_output_behind_prose_belongs_to_no_code(tmp_path: Path) -> None:
    """A `text` block is the output of the code above only if nothing stands between."""
    text = PAGE.format(wanted="4").replace("```\n\n```text", "```\nProse.\n```text")
    assert [own.output for own in blocks(page(tmp_path, text))] == [None, None]


def test_peers_code_runs_only_when_asked_for(tmp_path: Path) -> None:
    """Blocks marked with a name are left out unless that name is given."""
    own = page(tmp_path, "```python\na = 1\n```\n\n```python peer\na = 1 / 0\n```\n")
    assert run(own) == 1
    with pytest.raises(ZeroDivisionError):
        run(own, ("peer",))


def test_sessions_check_output_and_exit_code(tmp_path: Path) -> None:
    """Sessions run the command line; `echo $?` is the code of the last command."""
    session = (
        "```console\n$ physfit models nonsense\n...nonsense...\n$ echo $?\n{}\n```\n"
    )
    assert run(page(tmp_path, session.format(1))) == 1
    with pytest.raises(AssertionError, match=r"prints\n1\n"):
        run(page(tmp_path, session.format(0)))
