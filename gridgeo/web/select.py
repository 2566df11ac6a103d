"""Which features of a collection a query means, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.web import cql
from gridgeo.web.cql.tree import FARTHEST
from gridgeo.web.crs import Frame
from gridgeo.web.crs import chosen as frame_of
from gridgeo.web.encode import Column, Features
from gridgeo.web.faults import RequestFault
from gridgeo.web.problems import NowhereError

Rows = NDArray[np.int64] | range
"""Rows of features, all of them as a range."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What of a query says which features: a box, a filter, an order, and the systems they are written in."""

    bbox: Sequence[float] | None
    bbox_crs: str
    filter: str | None
    filter_crs: str
    sortby: str | None

    @classmethod
    def of(cls, query: Any) -> Wanted:
        """The part of a query that chooses."""
        return cls(**{name: getattr(query, name) for name in cls.__dataclass_fields__})


def chosen(features: Features, wanted: Wanted, home: str) -> Rows:
    """Rows of the features wanted, in the order wanted; `home` is the CRS of the territory.

    Raises
    ------
    RequestFault
        A part of the query cannot be used; it is named.
    """
    box_frame = frame_of(home, wanted.bbox_crs, "bbox-crs")
    rows: Rows = range(len(features)) if wanted.bbox is None else _inside(features, wanted.bbox, box_frame)
    frame = frame_of(home, wanted.filter_crs, "filter-crs")
    if wanted.filter is not None:
        read = cql.read_document if wanted.filter.lstrip().startswith("{") else cql.read_text
        kept = cql.matching(read(wanted.filter), features, None if frame is None else frame.shape_to_degrees)
        rows = np.asarray(rows, np.int64)[kept[rows]]
    return _ordered(features, rows, wanted.sortby) if wanted.sortby is not None else rows


def names(text: str, features: Features, parameter: str) -> list[str]:
    """Names of properties, written with commas.

    Raises
    ------
    RequestFault
        A name is unknown.
    """
    listed = [name.strip() for name in text.split(",")]
    for name in listed:
        if features.columns and name not in features.columns:
            known = ", ".join(features.columns)
            raise RequestFault(f"{name[:60]!r} is no property", parameter=parameter, hint=known)
    return listed


def _inside(features: Features, box: Sequence[float], frame: Frame | None) -> NDArray[np.int64]:
    if len(box) == 5:
        raise RequestFault("bbox has 5 numbers", parameter="bbox", hint="give 4, or 6 with heights")
    high = len(box) // 2
    flat = frame.bounds(box) if frame else (box[0], box[1], box[high], box[high + 1])
    west, south, east, north = flat
    if south > north:
        raise NowhereError("nothing lies in a box whose south is above its north", where="bbox")
    if frame is not None and not frame.geographic:
        return features.touching(_bent(flat, frame))
    if south > 90 or north < -90 or max(abs(west), abs(east)) > 180:
        raise NowhereError("the box is not on the globe", where="bbox", hint="degrees: west, south, east, north")
    return features.within(west, south, east, north)


def _bent(bounds: tuple[float, float, float, float], frame: Frame) -> Any:
    """A box of projected metres as a polygon of degrees."""
    if bounds[0] > bounds[2]:
        raise NowhereError("nothing lies in a box whose least x is above its greatest", where="bbox")
    if max(map(abs, bounds)) < FARTHEST:
        polygon = frame.shape_to_degrees(shapely.box(*bounds), own_axes=False)
        if np.isfinite(shapely.get_coordinates(polygon)).all():
            return polygon
    raise NowhereError("the box leaves the area of its CRS", where="bbox")


def _ordered(features: Features, rows: Rows, text: str) -> NDArray[np.int64]:
    """Rows sorted by properties, nulls last; what is equal keeps its order."""
    listed = [part.strip() for part in text.split(",")]
    falling = [part.startswith("-") for part in listed]
    keys = names(",".join(part.lstrip("+-").strip() for part in listed), features, "sortby")
    at = np.asarray(rows, np.int64)
    if not features.columns:
        return at
    ranks = [_rank(features.columns[name], at, name, down) for name, down in zip(keys, falling, strict=True)]
    return at[np.lexsort(ranks[::-1])]


def _rank(column: Column, rows: NDArray[np.int64], name: str, falling: bool) -> NDArray[np.int64]:
    if column.kind == "array":
        raise RequestFault(f"{name!r} cannot be sorted by", parameter="sortby")
    known = column.known[rows]
    rank = np.full(len(rows), len(rows), np.int64)
    _, place = np.unique(column.values[rows[known]], return_inverse=True)
    rank[known] = -place if falling else place
    return rank
