"""Tiny towns as tables, written by hand so that every number can be checked by eye."""

from __future__ import annotations

import numpy as np
import shapely

from gridgeo.core.model import Table, geometries, texts


def table(shapes, **columns) -> Table:
    """Table of shapes; lists of text become text columns, everything else an array."""
    made = {}
    for name, values in columns.items():
        made[name] = texts(values) if len(values) and isinstance(values[0], str) else np.asarray(values)
    made.setdefault("code", texts([f"r{i}" for i in range(len(shapes))]))
    return Table(columns=made, geometry=geometries(shapes))


def line(*xy) -> shapely.LineString:
    return shapely.LineString(xy)


def square(size=200.0, x=0.0, y=0.0) -> shapely.Polygon:
    return shapely.box(x, y, x + size, y + size)


def crossroads(households, **streets) -> dict[str, Table]:
    """A 200 m square cut into four blocks by two streets that run past it; one building in the middle of each block.

    Blocks by row: south-west, south-east, north-west, north-east.
    """
    middle = [(50, 50), (150, 50), (50, 150), (150, 150)]
    return {
        "boundary": table([square()]),
        "streets": table([line((100, -20), (100, 220)), line((-20, 100), (220, 100))], **streets),
        "buildings": table(list(shapely.points(middle)), households=np.array(households, float)),
    }


def river_town(bridge=True) -> dict[str, Table]:
    """Two banks with a river from west to east between y = 90 and 110; a street leads over it at x = 100."""
    streets = [line((100, -20), (100, 220))] if bridge else [line((100, -20), (100, 80)), line((100, 120), (100, 220))]
    return {
        "boundary": table([square()]),
        "streets": table(streets, **{"class": ["residential"] * len(streets)}),
        "barriers": table([shapely.box(-50, 90, 250, 110)], kind=["river"], crossable=[False]),
        "buildings": table(list(shapely.points([(50, 50), (150, 50), (50, 150), (150, 150)])), households=[10.0] * 4),
    }


def railway_town(crossing=True) -> dict[str, Table]:
    """Two blocks, south and north of a railway at y = 100; a street crosses it at x = 100 or ends before it."""
    street = line((100, 20), (100, 180)) if crossing else line((100, 20), (100, 90))
    return {
        "boundary": table([square()]),
        "streets": table([street]),
        "barriers": table([line((-10, 100), (210, 100))], kind=["railway"], crossable=[False]),
        "buildings": table(list(shapely.points([(50, 50), (50, 150)])), households=[400.0, 500.0]),
    }


def rows(adjacency):
    """Rows of an adjacency as tuples (u, v, border name, metres, link)."""
    from gridgeo.core.model import Border

    columns = zip(adjacency.u, adjacency.v, adjacency.border, adjacency.length_m, adjacency.link, strict=True)
    return [(int(u), int(v), Border(b).name, round(float(m), 6), bool(k)) for u, v, b, m, k in columns]


def is_exact(territory, given=None) -> bool:
    """Whether the atoms cover the boundary exactly: valid coverage, outline equal edge for edge, no area lost."""
    from gridgeo.core.territory import segments_of

    shapes = territory.atoms.geometry
    edges = segments_of(shapes)
    outline = edges.take(edges.u < 0)
    bound = segments_of(geometries([territory.boundary]))
    same = np.array_equal(np.hstack([outline.start, outline.end]), np.hstack([bound.start, bound.end]))
    boundary = territory.boundary if given is None else given
    off = shapely.symmetric_difference(shapely.union_all(shapes), boundary).area
    return bool(shapely.coverage_is_valid(shapes)) and same and off < 1e-3
