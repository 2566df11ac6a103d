"""Layers of several shapes, as drawings and map apps make them, brought to the shape of a role."""

from __future__ import annotations

import numpy as np
import shapely

from gridgeo.core.model import Notice, Table
from gridgeo.io.roles import LINES, POLYGONS, ROLES

COUNTS = ("households", "population")
_LINES, _RING_POINTS = 1, 4


def fitted(role: str, table: Table) -> tuple[Table, tuple[Notice, ...]]:
    """The rows of a layer that a role can use: closed lines become areas where it wants areas; other shapes go.

    A layer of one wrong shape is left as it is, to be refused as a whole; so is one whose other shapes are counted,
    as nobody's households may get lost.
    """
    shape = table.geometry
    if shape is None or not len(shape):
        return table, ()
    wanted = ROLES[role].geometry
    shape, closed = _closed(shape) if wanted & POLYGONS and not wanted & LINES else (shape, 0)
    kind = np.array(["" if one is None else one.geom_type for one in shape], dtype=object)
    fits = np.isin(kind.astype(str), ["", *wanted])
    notices = []
    if closed:
        notices.append(Notice(kind="rings-as-areas", where=role, facts={"rows": closed}))
    if fits.all() or not fits[kind != ""].any() or _counted(table, ~fits):
        return (Table(columns=table.columns, geometry=shape) if closed else table), tuple(notices)
    notices.append(Notice(kind="other-shapes-left-out", where=role, facts={"rows": int((~fits).sum())}))
    columns = {name: values[fits] for name, values in table.columns.items()}
    return Table(columns=columns, geometry=shape[fits]), tuple(notices)


def _counted(table: Table, rows: np.ndarray) -> bool:
    """Whether any of some rows tells households or people."""
    told = (table.columns[name][rows] for name in COUNTS if name in table.columns)
    return any(value is not None and value == value for column in told for value in column.tolist())


def _closed(shape: np.ndarray) -> tuple[np.ndarray, int]:
    """Closed lines as polygons, and how many there were."""
    lines = np.flatnonzero(
        (shapely.get_type_id(shape) == _LINES) & (shapely.get_num_coordinates(shape) >= _RING_POINTS)
    )
    rings = lines[shapely.is_closed(shape[lines])]
    if not len(rings):
        return shape, 0
    out = shape.copy()
    out[rings] = [shapely.Polygon(one.coords) for one in shape[rings]]
    return out, len(rings)
