"""Territories to measure drawing on: towns of the generator, their .npz files, and census polygons of real places."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo import read_territory
from gridgeo.core.model import (
    Adjacency,
    Areas,
    Atoms,
    Barriers,
    Border,
    Buildings,
    Communities,
    EmergencyUnits,
    Kind,
    Places,
    Responders,
    Stations,
    Streets,
    Territory,
    geometries,
    texts,
)

CRS = "EPSG:32650"


def empty(kind: type, **given: Any) -> Any:
    """A table of a Columns class without rows."""
    from dataclasses import fields

    types = {"Floats": float, "Ints": np.int64, "Rows": np.int32, "Small": np.int8, "Flags": bool, "Objects": object}
    columns = {f.name: np.zeros(0, types[str(f.type)]) for f in fields(kind) if str(f.type) in types}
    if "xy" in columns:
        columns["xy"] = np.zeros((0, 2))
    return kind(**(columns | given))


def no_streets() -> Streets:
    """A network without streets."""
    none = np.zeros(0, object)
    rows, ints = np.zeros(0, np.int32), np.zeros(0, np.int64)
    return Streets(
        code=none, name=none.copy(), street_class=none.copy(), border=np.zeros(0, np.int8), walkable=np.zeros(0, bool),
        sides=ints, width_m=np.zeros(0), line_geometry=none.copy(), node_xy=np.zeros((0, 2)), tail=rows,
        head=rows.copy(), line=rows.copy(), length_mm=ints.copy(), geometry=none.copy(),
    )  # fmt: skip


def shared_borders(shape: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Pairs u < v of polygons that share a line, and the meters they share."""
    u, v = shapely.STRtree(shape).query(shape, predicate="intersects")
    u, v = u[u < v], v[u < v]
    edge = shapely.boundary(shape)
    length = shapely.length(shapely.intersection(edge[u], edge[v]))
    kept = length > 0
    order = np.lexsort((v[kept], u[kept]))
    return u[kept][order], v[kept][order], length[kept][order]


def territory_of(
    shape: NDArray[Any],
    households: NDArray[Any],
    *,
    name: str,
    crs: str = CRS,
    community: NDArray[Any] | None = None,
    compound: NDArray[Any] | None = None,
    adjacency: Adjacency | None = None,
) -> Territory:
    """Territory whose atoms are the given polygons; null households count as 0 and unknown."""
    n = len(shape)
    if adjacency is None:
        u, v, length = shared_borders(shape)
        adjacency = Adjacency(
            u=u.astype(np.int32), v=v.astype(np.int32), length_m=length,
            border=np.full(len(u), Border.STREET, np.int8), link=np.ones(len(u), bool),
        )  # fmt: skip
    rows = [np.full(n, -1, np.int32) if c is None else np.asarray(c, np.int32) for c in (community, compound)]
    tables = [int(r.max(initial=-1)) + 1 for r in rows]
    count = np.asarray(households, float)
    none = geometries([shapely.Point()] * tables[0])
    return Territory(
        name=name, crs=crs, boundary=shapely.union_all(shape),
        atoms=Atoms(
            code=texts([f"a{i}" for i in range(n)]), geometry=geometries(shape), known=~np.isnan(count),
            households=np.nan_to_num(count).astype(np.int64), estimated=np.zeros(n, bool),
            kind=np.full(n, Kind.URBAN, np.int8), community=rows[0], compound=rows[1],
            exclusive=np.full(n, -1, np.int32), buildings=np.zeros(n, np.int64), barrier=np.zeros(n, bool),
        ),
        adjacency=adjacency,
        communities=Communities(
            code=texts([f"{110101001000 + j:012d}" for j in range(tables[0])]),
            name=texts([f"Community {j}" for j in range(tables[0])]), geometry=none,
            subdistrict=texts([""] * tables[0]), county=texts([""] * tables[0]),
        ),
        compounds=Areas(
            code=texts([f"c{j}" for j in range(tables[1])]), name=texts([""] * tables[1]),
            geometry=geometries([shapely.Point()] * tables[1]),
        ),
        exclusive=empty(Areas), barriers=empty(Barriers), streets=no_streets(), buildings=empty(Buildings),
        places=empty(Places), stations=empty(Stations), emergency_units=empty(EmergencyUnits),
        responders=empty(Responders),
    )  # fmt: skip


CLASSES = {1: Border.OPEN, 2: Border.WALL, 3: Border.STREET, 4: Border.MAIN, 7: Border.BRIDGE}


def town_of(columns: dict[str, Any], name: str) -> Territory:
    """Territory of a town's columns (of the generator or of a .npz file): rings, borders with class, compounds."""
    ring = [columns["ring_xy"][a:b] for a, b in pairwise(columns["ring_at"].tolist())]
    shape = geometries([shapely.Polygon(r) for r in ring])
    u, v = columns["uv"].min(axis=1), columns["uv"].max(axis=1)
    order = np.lexsort((v, u))
    border = np.array([CLASSES[int(c)] for c in columns["cls"]], np.int8)[order]
    rows = Adjacency(
        u=u[order].astype(np.int32), v=v[order].astype(np.int32), border=border,
        length_m=np.where(border == Border.BRIDGE, 0.0, columns["length"][order]), link=np.ones(len(u), bool),
    )  # fmt: skip
    return territory_of(
        shape, columns["hh"], name=name, community=columns["community"], compound=columns["compound"], adjacency=rows
    )


def imported(path: Path) -> Territory:
    """Territory of a Singapore place, made as docs/real-towns.md tells."""
    roles = ["boundary=boundary", "communities=subzones", "streets=roads_lta", "buildings=hdb_blocks"]
    with TemporaryDirectory() as folder:
        made = Path(folder) / path.name
        told = [part for role in roles for part in ("--role", role)]
        field = ["--field", "buildings.households=total_dwelling_units"]
        run = [sys.executable, "-m", "gridgeo", "import", str(path), "-o", str(made), *told, *field]
        subprocess.run(run, check=True, capture_output=True)
        return read_territory(made)


def place_of(path: Path, *, nest: bool) -> Territory:
    """Territory of a real place's census polygons; villages, where given, are communities by largest overlap."""
    import geopandas as gpd
    import pyogrio

    layers = {name for name, _ in pyogrio.list_layers(path)}
    layer = next((name for name in ("bsa", "output_areas") if name in layers), None)
    if layer is None:
        return imported(path) if "hdb_blocks" in layers else read_territory(path)
    frame = gpd.read_file(path, layer=layer)
    shape = frame.geometry.to_numpy()
    community = None
    if nest and "villages" in layers:
        village = gpd.read_file(path, layer="villages").geometry.to_numpy()
        community = largest_overlap(shape, village)
    return territory_of(
        shape, frame["households"].to_numpy(float), name=path.stem, crs=frame.crs.to_string(), community=community
    )


def largest_overlap(shape: NDArray[Any], area: NDArray[Any]) -> NDArray[Any]:
    """Row of the area each shape overlaps most; -1 where it overlaps none."""
    i, j = shapely.STRtree(area).query(shape, predicate="intersects")
    size = shapely.area(shapely.intersection(shape[i], area[j]))
    out = np.full(len(shape), -1, np.int32)
    order = np.lexsort((-j, size))
    kept = order[size[order] > 0]
    out[i[kept]] = j[kept]
    return out
