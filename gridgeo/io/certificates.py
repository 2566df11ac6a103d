"""Certificates and lists of allowed findings, from files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gridgeo.errors import InputError

_MOST_BYTES = 256 * 2**20


def read_certificate(path: str | Path) -> Mapping[str, Any]:
    """The certificate in a file: one written by a check, or the `--json` document that holds it.

    Raises
    ------
    InputError
        The file cannot be read or holds no certificate.
    """
    document = _json(path)
    inner = document.get("certificate", document) if isinstance(document, Mapping) else None
    if not isinstance(inner, Mapping) or not {"sum", "boundary_sum", "grids"} <= set(inner):
        raise InputError("the file holds no certificate", where=str(path), hint="write one: check --certificate FILE")
    return inner


def allowed_ids(given: Iterable[str]) -> frozenset[str]:
    """Ids of findings from arguments: each an id, or a file with ids.

    A file is text with an id a line (after it, anything), the document of `check --json`, or the faults as GeoJSON.

    Raises
    ------
    InputError
        A file cannot be read.
    """
    out: set[str] = set()
    for text in given:
        out |= set(_ids_in(Path(text))) if Path(text).is_file() else {text}
    return frozenset(out)


def _ids_in(path: Path) -> list[str]:
    if path.suffix.lower() not in (".json", ".geojson"):
        lines = (line.split("#")[0].split() for line in _text(path).splitlines())
        return [words[0] for words in lines if words]
    document = _json(path)
    rows = document
    if isinstance(document, Mapping):
        rows = document.get("findings", document.get("features", []))
    ids = [_id(row) for row in rows] if isinstance(rows, list) else []
    return [name for name in ids if name]


def _id(row: Any) -> str:
    if isinstance(row, Mapping):
        properties = row.get("properties")
        inner = properties.get("id") if isinstance(properties, Mapping) else None
        return str(inner or row.get("id") or "")
    return str(row)


def _json(path: str | Path) -> Any:
    try:
        return json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}", where=str(path)) from error


def _text(path: str | Path) -> str:
    try:
        if Path(path).stat().st_size > _MOST_BYTES:
            raise InputError("the file is too large to be a list or a certificate", where=str(path))
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", where=str(path)) from error
