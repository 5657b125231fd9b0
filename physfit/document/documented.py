"""What has a report: as text, HTML in notebooks, markup to paste, and JSON."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any

import numpy as np

from physfit.document.blocks import Document
from physfit.document.records import as_record, plain
from physfit.errors import check_known
from physfit.settings.outputs import FORMATS, Format

__all__ = ["Documented", "Report"]


class Documented(ABC):
    """What has a report, in several formats, and a record."""

    @abstractmethod
    def _document(self) -> Document:
        """The report in blocks."""

    def _record(self) -> dict[str, Any]:
        """What the record holds: the blocks, where nothing else is known."""
        return as_record(self._document())

    @np.errstate(all="ignore")
    def report(self, format: Format = "text") -> str:
        r"""The report as text of several lines, or in another format.

        Parameters
        ----------
        format : {"text", "markdown", "latex", "html", "json"}
            Markdown with tables as on GitHub; LaTeX with the tables of booktabs, to
            paste into a paper; a fragment of HTML, as notebooks show it; or JSON of
            `to_dict`, with all digits.

        Returns
        -------
        str
            The guide explains that of a fit line by line.

        Raises
        ------
        InputError
            When the format is none of these.

        Examples
        --------
        >>> import physfit as pf
        >>> level = pf.fit(pf.models.Constant(), [0, 1], [4, 6], sigma=1.0)
        >>> print(level.report())
        constant
        ...
                  value    stderr  relative  unit  start  note
          c        5.00 +- 0.71        14 %            5  start guessed
        >>> print(level.report("latex"))
        % \usepackage{booktabs}
        ...
        c & $5.00 \pm 0.71$ & 14\,\% & 5 & start guessed \\
        ...
        """
        check_known("`format` cannot be", [format], FORMATS)
        if format == "json":
            record = self.to_dict()
            return json.dumps(record, indent=1, allow_nan=False, ensure_ascii=False)
        text: str = resolve_name(f"physfit.document.{format}:as_{format}")(
            self._document()
        )
        return text

    @np.errstate(all="ignore")
    def to_dict(self) -> dict[str, Any]:
        """Plain record for JSON; numbers that are not finite become None.

        Returns
        -------
        dict

        Examples
        --------
        >>> import physfit as pf
        >>> line = pf.models.Linear()
        >>> result = pf.multistart(line, [0, 1, 2], [1.0, 3.1, 4.9], n_starts=8)
        >>> result.to_dict()["minima"][0]["count"]
        8
        >>> record = pf.compare(line, [0, 1, 2], [1, 3, 4], methods=["lm"]).to_dict()
        >>> record["agree"], [row["method"] for row in record["rows"]]
        (True, ['lm'])
        """
        record: dict[str, Any] = plain(self._record())
        return record

    def __str__(self) -> str:
        return self.report()

    def _repr_html_(self) -> str:
        return self.report("html")


@dataclass(frozen=True)
class Report(Documented):
    """A report of given blocks, with a record of its own or that of these."""

    blocks: Document
    record: dict[str, Any] | None = None

    def _document(self) -> Document:
        return self.blocks

    def _record(self) -> dict[str, Any]:
        return super()._record() if self.record is None else self.record
