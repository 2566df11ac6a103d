"""KML and KMZ: placemarks with their fields, a layer per folder, longitude and latitude.

Links to other files (NetworkLink, pictures, styles) are not followed.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import IO, Any

import shapely

from gridgeo.core.model import Notice, Table, geometries, texts
from gridgeo.errors import InputError
from gridgeo.io.crs import CRS84, crs_of
from gridgeo.io.gate import Admitted, members, opened_member, parse_xml
from gridgeo.io.gate.documents import ELEMENTS
from gridgeo.io.gate.files import opened
from gridgeo.io.readers.cells import parsed
from gridgeo.io.readers.layer import MAX_COLUMNS, MAX_VERTICES, Layer

MAX_XML = 512 << 20
_ELEMENT_BYTES = 16
_TAGS = re.compile(r"<[^<>]{1,2000}>")
_SHAPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry")
_MULTI = {"Point": "MultiPoint", "LineString": "MultiLineString", "Polygon": "MultiPolygon"}

Row = dict[str, str]


def read_kml(file: Admitted) -> dict[str, Layer]:
    """Layers of a KML or KMZ file, by the name of the folder; those outside of all folders bear the file's name.

    Raises
    ------
    InputError
        The file cannot be read, has a broken coordinate, or holds no placemark.
    """
    where = str(file.path)
    if file.format == "kml":
        with opened(file.path) as source:
            return _layers(source, file, where)
    with members(file.path, most=MAX_XML) as (archive, listed):
        inner = [name for name in listed if name.lower().endswith(".kml")]
        name = "doc.kml" if "doc.kml" in inner else next(iter(inner), None)
        if name is None:
            raise InputError("the archive holds no KML", where=where)
        with opened_member(archive, listed[name]) as source:
            return _layers(source, file, where)


def _layers(source: IO[bytes], file: Admitted, where: str) -> dict[str, Layer]:
    marks = _Placemarks(_stem(file.path))
    parse_xml(source, marks, where=where, most=ELEMENTS + file.size // _ELEMENT_BYTES)
    if not marks.found:
        raise InputError("the file holds no placemarks", where=where)
    return {name: _layer(name, rows, marks) for name, rows in marks.found.items()}


def _stem(path: Path) -> str:
    return PurePosixPath(path.name).name.split(".")[0]


def _layer(name: str, rows: Sequence[tuple[Row, Any]], marks: _Placemarks) -> Layer:
    names = list(dict.fromkeys(key for row, _ in rows for key in row))
    if len(names) > MAX_COLUMNS:
        raise InputError(f"{len(names):,} fields, at most {MAX_COLUMNS:,} are read", where=name)
    columns: dict[str, Any] = {key: parsed([row.get(key, "") for row, _ in rows]) for key in names}
    if "name" in columns:
        columns["name"] = texts([row.get("name", "") for row, _ in rows])
    notices: tuple[Notice, ...] = ()
    if marks.links:
        notices = (Notice(kind="links-not-followed", where=name, facts={"links": marks.links}),)
    return Layer(Table(columns=columns, geometry=geometries([shape for _, shape in rows])), crs_of(CRS84), notices)


class _Placemarks:
    """Listens to a KML document; raises ValueError where a geometry cannot be made."""

    def __init__(self, name: str) -> None:
        self.found: dict[str, list[tuple[Row, Any]]] = {}
        self.links = 0
        self._folders = [name]
        self._path: list[str] = []
        self._row: Row | None = None
        self._field = ""
        self._shapes: list[tuple[str, list[Any]]] = []
        self._vertices = 0

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Folder":
            self._folders.append(self._folders[-1])
        elif tag == "Placemark":
            self._row, self._shapes = {}, [("MultiGeometry", [])]
        elif tag in ("Data", "SimpleData"):
            self._field = attributes.get("name", "")
        elif tag in _SHAPES and self._row is not None:
            self._shapes.append((tag, []))
        elif tag == "NetworkLink":
            self.links += 1
        self._path.append(tag)

    def closed(self, tag: str, text: str) -> None:
        self._path.pop()
        parent = self._path[-1] if self._path else ""
        if tag == "name" and parent == "Folder":
            self._folders[-1] = text.strip() or self._folders[-1]
        elif tag == "Folder":
            self._folders.pop()
        elif self._row is not None:
            self._in_placemark(tag, parent, text)

    def _in_placemark(self, tag: str, parent: str, text: str) -> None:
        assert self._row is not None
        if tag in ("name", "description") and parent == "Placemark":
            self._row[tag] = _TAGS.sub(" ", text).strip()
        elif tag in ("value", "SimpleData") and self._field:
            self._row[self._field] = text.strip()
        elif tag == "coordinates" and len(self._shapes) > 1:
            self._shapes[-1][1].append(self._coordinates(text))
        elif tag in _SHAPES:
            kind, parts = self._shapes.pop()
            self._shapes[-1][1].append(_made(kind, parts))
        elif tag == "Placemark":
            (_, parts), self._shapes = self._shapes[0], []
            shape = _made("MultiGeometry", parts) if len(parts) != 1 else parts[0]
            self.found.setdefault(self._folders[-1], []).append((self._row, shape))
            self._row = None

    def _coordinates(self, text: str) -> list[tuple[float, float]]:
        out = []
        for place in text.split():
            numbers = [float(part) for part in place.split(",")[:2]]
            if len(numbers) != 2 or not all(map(math.isfinite, numbers)):
                raise ValueError(f"{place[:40]} is no place")
            out.append((numbers[0], numbers[1]))
        self._vertices += len(out)
        if self._vertices > MAX_VERTICES:
            raise ValueError(f"more than {MAX_VERTICES:,} vertices")
        return out


def _made(kind: str, parts: list[Any]) -> Any:
    """Geometry of the parts an element held; raises ValueError where none can be made of them."""
    try:
        return _geometry(kind, parts)
    except shapely.errors.GEOSException as error:
        raise ValueError(f"a {kind} of {sum(map(_points, parts))} places") from error


def _points(part: Any) -> int:
    return len(part) if isinstance(part, list) else int(shapely.get_num_coordinates(part))


def _geometry(kind: str, parts: list[Any]) -> Any:
    """Geometry of the parts an element held: coordinates, rings or geometries; None for none."""
    parts = [part for part in parts if part is not None and not (isinstance(part, list) and not part)]
    if not parts:
        return None
    if kind == "Point":
        return shapely.Point(parts[0][0])
    if kind in ("LineString", "LinearRing"):
        return shapely.LineString(parts[0])
    if kind == "Polygon":
        return shapely.Polygon(parts[0].coords, [ring.coords for ring in parts[1:]])
    kinds = Counter(part.geom_type for part in parts)
    single = next(iter(kinds)) if len(kinds) == 1 else ""
    if single in _MULTI:
        return getattr(shapely, _MULTI[single])(parts)
    return shapely.GeometryCollection(parts)
