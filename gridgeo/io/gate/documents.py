"""JSON and XML, read strictly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any, NoReturn, Protocol
from xml.parsers import expat

from gridgeo.errors import InputError
from gridgeo.io.gate.files import opened

MAX_DEPTH = 100
MAX_TEXT = 64 << 20
ELEMENTS = 300_000
CHUNK = 1 << 16
_ENCODINGS = (None, "utf-8", "utf-16", "us-ascii")


def strict_json(path: Path) -> Any:
    """JSON of a file: no NaN, Infinity or numbers beyond all range, no name twice in an object, UTF-8, not too deep.

    Raises
    ------
    InputError
        The text is no such JSON.
    """
    with opened(path) as file:
        content = file.read()
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            parse_constant=_no_constant,
            parse_float=_finite,
            object_pairs_hook=_no_twice,
        )
    except UnicodeDecodeError as error:
        raise InputError("the text is not UTF-8", where=str(path), hint="save it as UTF-8") from error
    except RecursionError as error:
        raise InputError("the JSON nests too deep", where=str(path)) from error
    except ValueError as error:
        raise InputError(f"not valid JSON: {error}", where=str(path)) from error


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:20]} is beyond all numbers")
    return number


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!r} stands twice in one object")
    return out


class Handler(Protocol):
    """Who listens to an XML document: local names of tags, attributes, and the text right inside an element."""

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def closed(self, tag: str, text: str) -> None:
        """An element ends; `text` is what stood in it after its last child."""


def parse_xml(source: IO[bytes], handler: Handler, *, where: str, most: int = ELEMENTS) -> None:
    """Read an XML document once, from front to back.

    No document type is accepted, so there are no entities to expand and no other files to fetch.

    Parameters
    ----------
    source
        Open stream of bytes.
    handler
        Who listens.
    where
        The file, for messages.
    most
        How many elements it may have.

    Raises
    ------
    InputError
        The XML is broken, has a document type, an encoding other than UTF-8 or UTF-16, or is larger than allowed.
    """
    try:
        _Strict(handler, most).read(source)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise InputError(f"the XML cannot be read: {error}", where=where, hint="save it again") from error


class _Strict:
    """expat, told to refuse what data files never need; raises ValueError."""

    def __init__(self, handler: Handler, most: int) -> None:
        self._handler = handler
        self._left = most
        self._depth = 0
        self._text: list[str] = []
        self._length = 0
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.buffer_size = CHUNK
        parser.XmlDeclHandler = _known_encoding
        parser.StartDoctypeDeclHandler = _no_doctype
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._close
        parser.CharacterDataHandler = self._add
        self._parser = parser

    def read(self, source: IO[bytes]) -> None:
        while chunk := source.read(CHUNK):
            self._parser.Parse(chunk, False)
        self._parser.Parse(b"", True)

    def _open(self, tag: str, attributes: dict[str, str]) -> None:
        self._left -= 1
        self._depth += 1
        if self._left < 0 or self._depth > MAX_DEPTH:
            raise ValueError("it has too many elements" if self._left < 0 else "it nests too deep")
        self._text.clear()
        self._length = 0
        self._handler.opened(tag.rpartition(" ")[2], attributes)

    def _add(self, text: str) -> None:
        self._length += len(text)
        if self._length > MAX_TEXT:
            raise ValueError("a text in it is too long")
        self._text.append(text)

    def _close(self, tag: str) -> None:
        self._depth -= 1
        text = "".join(self._text)
        self._text.clear()
        self._handler.closed(tag.rpartition(" ")[2], text)


def _known_encoding(version: str, encoding: str | None, standalone: int) -> None:
    if (encoding and encoding.lower()) not in _ENCODINGS:
        raise ValueError(f"its encoding is {encoding}, not UTF-8")


def _no_doctype(*declared: Any) -> NoReturn:
    raise ValueError("it has a document type, which could name other files or grow without end")
