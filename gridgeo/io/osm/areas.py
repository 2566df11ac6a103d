"""Areas of an OpenStreetMap extract that order a territory: communities by administrative level, housing compounds."""

from __future__ import annotations

import numpy as np
import shapely

from gridgeo.core.model import Border, Floats, Notice, Objects, Table, geometries, texts
from gridgeo.core.territory.words import border_of
from gridgeo.io.osm.gather import Found

COVERED = 0.9
"""Share of the boundary the areas of one level must cover to be taken as communities."""
INSIDE = 0.5
"""Share of itself from which an area belongs to the boundary."""
THROUGH_M = 50.0
"""A compound has less public street inside than this, metres; more makes it a quarter of the town."""
RIM_M = 10.0
"""Streets this near to the outline run along a compound, not through it, metres."""


def communities(found: Found, shape: Objects, boundary: shapely.Geometry) -> tuple[Table | None, list[Notice]]:
    """The finest level of administrative areas that covers nearly all of the boundary, with the levels above.

    Parameters
    ----------
    found
        Administrative areas.
    shape
        (n,) their polygons in metres.
    boundary
        The territory's, in metres.
    """
    level = np.array([_level(tags.get("admin_level", "")) for tags in found.tags], dtype=np.int64)
    area = np.asarray(shapely.area(shape), dtype=np.float64)
    inside = np.asarray(shapely.area(shapely.intersection(shape, boundary)), dtype=np.float64)
    own = (inside >= INSIDE * area) & (area > 0)
    for one in sorted(set(level[own & (level > 0)].tolist()), reverse=True):
        rows = np.flatnonzero(own & (level == one))
        if len(rows) > 1 and inside[rows].sum() >= COVERED * boundary.area:
            facts: dict[str, str | int | float] = {"level": one, "areas": len(rows)}
            told = Notice(kind="communities-from-osm", where="communities", facts=facts)
            return _table(found, shape, area, level, rows), [told]
    return None, []


def _table(found: Found, shape: Objects, area: Floats, level: np.ndarray, rows: np.ndarray) -> Table:
    names = [tags.get("name", "") for tags in found.tags]
    spot = shapely.point_on_surface(shape[rows])
    above: list[list[str]] = []
    for point, row in zip(spot.tolist(), rows.tolist(), strict=True):
        holds = np.flatnonzero((level > 0) & (level < level[row]) & shapely.intersects(shape, point))
        above.append([names[i] for i in holds[np.argsort(-level[holds], kind="stable")].tolist()])
    return Table(
        columns={
            "code": texts([found.code[row] for row in rows.tolist()]),
            "name": texts([names[row] for row in rows.tolist()]),
            "subdistrict": texts([levels[0] if levels else "" for levels in above]),
            "county": texts([levels[1] if len(levels) > 1 else "" for levels in above]),
        },
        geometry=shape[rows],
    )


def _level(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 3 else 0


def compounds(found: Found, shape: Objects, streets: Table) -> Table | None:
    """Residential areas that no public street leads through, the smaller first where they overlap.

    Parameters
    ----------
    found
        Areas that may be compounds.
    shape
        (n,) their polygons in metres.
    streets
        All streets, in metres.
    """
    if not len(found) or streets.geometry is None:
        return None
    classes = [border_of(word) for word in streets.columns["class"].tolist()]
    public = geometries(streets.geometry[np.array(classes) >= Border.STREET])
    inner = geometries(shapely.buffer(shape, -RIM_M))
    area, line = shapely.STRtree(public).query(inner, predicate="intersects")
    through = shapely.length(shapely.intersection(public[line], inner[area]))
    length = np.bincount(area, weights=through, minlength=len(shape))
    sound = shapely.is_valid(shape) & (shapely.get_dimensions(shape) == 2)
    rows = np.flatnonzero((length < THROUGH_M) & sound)
    rows = rows[np.argsort(shapely.area(shape[rows]), kind="stable")]
    if not len(rows):
        return None
    names = texts([found.tags[row].get("name", "") for row in rows.tolist()])
    return Table(
        columns={"code": texts([found.code[row] for row in rows.tolist()]), "name": names}, geometry=shape[rows]
    )
