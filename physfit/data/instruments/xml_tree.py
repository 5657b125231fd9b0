"""XML of a file as a tree, without what can make a small file large or read others."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from physfit.errors import DataError

__all__ = ["xml_tree"]


def xml_tree(path: Path, data: bytes, what: str) -> Element:
    """The root of a tree of XML, its names without namespaces.

    Raises
    ------
    DataError
        When it is not well formed, or declares a document type: entities, which it may
        define there, can grow without bounds and name other files.
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")

    def start(name: str, attributes: dict[str, str]) -> None:
        builder.start(name.rpartition("}")[2], attributes)

    def refuse(*_: object) -> None:
        raise DataError(
            f"`{path}` is a {what} file that declares a document type, as none of an "
            "instrument does; it is not read."
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: builder.end(name.rpartition("}")[2])
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise DataError(
            f"`{path}` is a damaged or truncated {what} file: line {error.lineno} is "
            f"no XML ({expat.ErrorString(error.code)}); copy or export it anew."
        ) from error
    return builder.close()
