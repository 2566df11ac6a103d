"""Shapefiles and DXF drawings, read by GDAL in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Notice, Table, geometries, texts
from gridgeo.errors import InputError
from gridgeo.gpkg import Crs
from gridgeo.io.crs import crs_in_file
from gridgeo.io.gate import Admitted, shapefile_copy
from gridgeo.io.readers.cells import column_of
from gridgeo.io.readers.layer import Layer, shapes_of
from gridgeo.io.worker import Limits, Sheet, ask

_GUESSED = "GB18030"


def read_shapefile(file: Admitted, encoding: str | None) -> Layer:
    """A shapefile from a copy that holds nothing else; the CRS is read by us.

    Raises
    ------
    InputError
        A part is missing or broken, or the text fits no encoding.
    """
    with shapefile_copy(file.path) as copy:
        crs = _projection(copy.with_suffix(".prj"), file.path)
        encodings = [encoding] if encoding else _encodings(copy)
        limits = Limits.of(sum(part.stat().st_size for part in copy.parent.iterdir()))
        options = {"encodings": encodings}
        (sheet,) = ask("shapefile", copy, limits, where=str(file.path), options=options, driver="ESRI Shapefile")
    return Layer(_table(sheet, str(file.path)), crs, _told(sheet, encoding, file.path.name))


def read_drawing(file: Admitted) -> dict[str, Layer]:
    """Layers of a DXF drawing by name, without a CRS: drawings name none.

    Each row has its layer's name as `class`, and its text as `name`.

    Raises
    ------
    InputError
        The drawing cannot be read.
    """
    with _copied(file.path) as copy:
        limits = Limits.of(file.size, cpu_s_per_mib=2.0)
        (sheet,) = ask("drawing", copy, limits, where=str(file.path), driver="DXF")
    table = _table(sheet, str(file.path))
    assert table.geometry is not None
    name = texts(table.columns["Layer"])
    rows = {layer: np.flatnonzero(name == layer) for layer in dict.fromkeys(name.tolist())}
    return {
        layer: Layer(
            Table(columns={"class": name[at], "name": table.columns["Text"][at]}, geometry=table.geometry[at]), None
        )
        for layer, at in rows.items()
    }


@contextmanager
def _copied(path: Path) -> Iterator[Path]:
    """The file alone in a folder, under a name of ours: nothing beside it can be opened with it."""
    with TemporaryDirectory(prefix="gridgeo-") as folder:
        copy = Path(folder) / "drawing.dxf"
        copy.write_bytes(path.read_bytes())
        yield copy


def _table(sheet: Sheet, where: str) -> Table:
    columns = {name: _column(values) for name, values in sheet.columns.items()}
    shapes = geometries([None] * len(next(iter(columns.values()), ()))) if sheet.wkb is None else None
    return Table(columns=columns, geometry=shapes_of(sheet.wkb or [], where=where) if shapes is None else shapes)


def _column(values: NDArray[Any] | Sequence[str | None]) -> NDArray[Any]:
    return values if isinstance(values, np.ndarray) else column_of(values)


def _told(sheet: Sheet, encoding: str | None, where: str) -> tuple[Notice, ...]:
    """The encoding, with a sample of the text, where it had to be guessed."""
    if encoding or sheet.facts.get("encoding") != _GUESSED:
        return ()
    cells = [*sheet.columns, *(c for v in sheet.columns.values() if not isinstance(v, np.ndarray) for c in v if c)]
    sample = next((cell for cell in cells if not cell.isascii()), "")
    return (Notice(kind="text-decoded", where=where, facts={"encoding": _GUESSED, "sample": sample[:24]}),)


def _projection(prj: Path, path: Path) -> Crs | None:
    """CRS of the .prj part, which is then put away."""
    if not prj.exists():
        return None
    text = prj.read_bytes().decode("utf-8", "replace").strip()
    prj.unlink()
    try:
        return crs_in_file(text) if text else None
    except InputError as error:
        raise InputError("the .prj part names no CRS", where=str(path), hint="remove it and give --crs") from error


def _encodings(copy: Path) -> list[str]:
    """What a shapefile says of its text; without a word, strict UTF-8 and then GB18030."""
    said = copy.with_suffix(".cpg")
    named = said.read_text("ascii", "replace").strip()[:40] if said.exists() else ""
    return [named, "UTF-8", _GUESSED] if named else ["UTF-8", _GUESSED]
