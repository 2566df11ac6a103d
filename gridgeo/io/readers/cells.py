"""Cells of tables as typed columns, and the places that coordinate columns give."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Table, geometries, texts
from gridgeo.errors import InputError
from gridgeo.io.crs import CRS84, crs_of
from gridgeo.io.readers.layer import Layer

_X = ("lon", "lng", "longitude", "x", "经度", "經度", "x坐标", "x座標")
_Y = ("lat", "latitude", "y", "纬度", "緯度", "y坐标", "y座標")
_METRES = ("x", "x坐标", "x座標")
_WKT = ("wkt", "geometry", "geom")
_DIGITS = 15
"""Whole numbers of up to so many digits are numbers; longer ones are codes."""


def column_of(values: Sequence[Any]) -> NDArray[Any]:
    """Column of values from JSON or text cells, in the narrowest type that holds them all; None is null.

    >>> column_of([1, None]).tolist(), column_of([True, False]).dtype.kind, column_of(["a", None]).tolist()
    ([1.0, nan], 'b', ['a', ''])
    """
    kinds = {type(value) for value in values if value is not None}
    null = None in values
    if kinds == {bool} and not null:
        return np.array(values, dtype=np.bool_)
    if kinds == {int} and not null and all(abs(value) < 2**63 for value in values):
        return np.array(values, dtype=np.int64)
    if kinds and kinds <= {int, float} and all(abs(value) < 2**63 for value in values if type(value) is int):
        return np.array([np.nan if value is None else float(value) for value in values])
    return texts(["" if v is None else v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values])


def parsed(cells: Sequence[str]) -> NDArray[Any]:
    """Numbers where every cell is a plain one, else texts; a leading zero or many digits make a code, not a number.

    >>> parsed(["7", ""]).tolist(), parsed(["007"]).tolist(), parsed(["nan"]).tolist()
    ([7.0, nan], ['007'], ['nan'])
    """
    filled = [cell for cell in cells if cell]
    if not filled or any(_is_code(cell) for cell in filled):
        return texts(cells)
    try:
        numbers = np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return texts(cells)
    whole = len(filled) == len(cells) and all(cell.lstrip("-").isdigit() for cell in cells)
    return numbers.astype(np.int64) if whole else numbers


def _is_code(cell: str) -> bool:
    """Whether a cell must not become a number: nan, 1_000, ten digits in other scripts, 007, or longer than exact."""
    if not cell.isascii() or "_" in cell or cell.strip("+-").lower() in ("nan", "inf", "infinity"):
        return True
    return (cell.isdigit() and len(cell) > _DIGITS) or (len(cell) > 1 and cell[0] == "0" and cell[1].isdigit())


def located(columns: dict[str, NDArray[Any]], *, where: str) -> Layer:
    """A table with the points its coordinate columns give, or the shapes of its WKT; without them a mere table.

    Raises
    ------
    InputError
        A WKT cannot be read.
    """
    lower = {name.lower().replace(" ", ""): name for name in columns}
    wkt = next((lower[name] for name in _WKT if name in lower), None)
    if wkt is not None and columns[wkt].dtype == object:
        return Layer(Table(columns=columns, geometry=_shapes(columns.pop(wkt), where)), None)
    x = next((lower[name] for name in _X if name in lower), None)
    y = next((lower[name] for name in _Y if name in lower), None)
    if x is None or y is None or columns[x].dtype == object or columns[y].dtype == object:
        return Layer(Table(columns=columns), None)
    xy = np.stack([columns.pop(x), columns.pop(y)], 1).astype(np.float64)
    points = [shapely.Point(p) if np.isfinite(p).all() else None for p in xy]
    degrees = x.lower().replace(" ", "") not in _METRES
    return Layer(Table(columns=columns, geometry=geometries(points)), crs_of(CRS84) if degrees else None)


def _shapes(cells: NDArray[Any], where: str) -> NDArray[Any]:
    try:
        with np.errstate(invalid="ignore"):
            return geometries(shapely.from_wkt([text or None for text in cells.tolist()]))
    except shapely.errors.GEOSException as error:
        raise InputError(f"a WKT cannot be read: {error}", where=where) from error
