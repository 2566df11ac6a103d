"""A small raw town, layer by layer, that tests break in one place at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from gridgeo import gpkg
from gridgeo.core.model import Table, geometries, texts
from gridgeo.io.crs import crs_of

UTM = crs_of("EPSG:32650")
X, Y = 500_000.0, 3_400_000.0


def table(shapes, **columns) -> Table:
    """Table of shapes; lists of text become text columns, others arrays."""
    arrays = {
        name: texts(values) if isinstance(values[0], str) else np.asarray(values) for name, values in columns.items()
    }
    return Table(columns=arrays, geometry=geometries(shapes))


def square(i: int, j: int = 0, size: float = 100.0):
    """Square i east and j north of the origin."""
    return shapely.box(X + i * size, Y + j * size, X + (i + 1) * size, Y + (j + 1) * size)


def town() -> dict[str, Table]:
    """Three atoms in a row, two communities' worth of land, one of everything else."""
    point = shapely.Point(X + 50, Y + 50)
    return {
        "boundary": table([shapely.box(X, Y, X + 300, Y + 100)], name=["镇"]),
        "communities": table([shapely.box(X, Y, X + 300, Y + 100)], code=["110101001001"], name=["东社区"]),
        "atoms": table([square(i) for i in range(3)], code=["a", "b", "c"], households=[300.0, 40.0, np.nan]),
        "streets": table(
            [shapely.LineString([(X, Y), (X + 300, Y)]), shapely.LineString([(X + 100, Y), (X + 100, Y + 100)])],
            code=["s1", "s2"],
            name=["长安街", ""],
            walkable=[True, True],
        ),
        "places": table([point], code=["p"], opens=["08:30"], closes=["17:00"], visits_per_day=[2.0]),
        "stations": table([point], code=["st"]),
        "emergency_units": table([point], code=["u"]),
        "responders": table([point], code=["r"], can_lead=[True]),
    }


def write(path: Path, tables: dict[str, Table], crs=UTM) -> Path:
    """Write tables as a GeoPackage and give its path back."""
    gpkg.write_file(path, tables, crs)
    return path


def with_column(tables: dict[str, Table], layer: str, **columns) -> dict[str, Table]:
    """The tables with some columns of one layer replaced, or removed where None."""
    old = tables[layer]
    kept = {name: values for name, values in old.columns.items() if name not in columns}
    new = table(list(old.geometry), **{name: values for name, values in columns.items() if values is not None})
    return tables | {layer: Table(columns=kept | dict(new.columns), geometry=old.geometry)}


def with_shapes(tables: dict[str, Table], layer: str, shapes) -> dict[str, Table]:
    """The tables with other geometries in one layer."""
    return tables | {layer: Table(columns=tables[layer].columns, geometry=geometries(shapes))}
