"""Tiny named territories every test may build on: exact, readable, made in a moment."""

from __future__ import annotations

import numpy as np
import shapely

from gridgeo.core.model import (
    Adjacency,
    Areas,
    Atoms,
    Barriers,
    Border,
    Buildings,
    Communities,
    EmergencyUnits,
    Grids,
    Kind,
    Places,
    Plan,
    Responders,
    Stations,
    Streets,
    Territory,
    geometries,
    texts,
)

CRS = "EPSG:32650"
ORIGIN = np.array([500_000.0, 3_400_000.0])


def no_rows(kind, **extra):
    """An empty table of a Columns class."""
    from dataclasses import fields

    shapes = {"xy": np.zeros((0, 2))}
    dtype = {
        "households": np.int64,
        "known": bool,
        "estimated": bool,
        "floors": np.int64,
        "compound": np.int32,
        "service_s": np.int64,
        "opens": np.int64,
        "closes": np.int64,
        "visits_per_day": np.float64,
        "need": np.int64,
        "max_walk_s": np.int64,
        "capacity": np.int64,
        "can_lead": bool,
        "on_duty": bool,
        "crossable": bool,
    }
    columns = {
        f.name: shapes.get(f.name, np.zeros(0, dtype.get(f.name, object)))
        for f in fields(kind)
        if f.default is not None
    }
    return kind(**(columns | extra))


def lattice_streets(rows: int, cols: int, size_m: float) -> Streets:
    """Streets on every line of a rows x cols lattice of square blocks, one street per edge."""
    xs, ys = np.meshgrid(np.arange(cols + 1), np.arange(rows + 1))
    node = (ys * (cols + 1) + xs).astype(np.int32)
    xy = ORIGIN + np.stack([xs.ravel(), ys.ravel()], 1) * size_m
    tail = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    head = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    m = len(tail)
    lines = geometries(shapely.linestrings(np.stack([xy[tail], xy[head]], 1)))
    return Streets(
        code=texts([f"s{i}" for i in range(m)]),
        name=texts([f"Street {i}" for i in range(m)]),
        street_class=texts(["residential"] * m),
        border=np.full(m, Border.STREET, np.int8),
        walkable=np.ones(m, bool),
        sides=np.ones(m, np.int64),
        width_m=np.full(m, 8.0),
        line_geometry=lines,
        node_xy=xy,
        tail=tail,
        head=head,
        line=np.arange(m, dtype=np.int32),
        length_mm=np.full(m, int(size_m * 1000)),
        geometry=lines.copy(),
    )


def lattice(rows: int, cols: int, households=50, *, size_m: float = 100.0, community=None, compound=None) -> Territory:
    """Territory of rows x cols square atoms; atom r * cols + c sits in row r, column c.

    `households` is a number or (rows * cols,); `community` and `compound` are row numbers per atom (-1 none).
    """
    n = rows * cols
    r, c = np.divmod(np.arange(n), cols)
    x, y = ORIGIN[0] + c * size_m, ORIGIN[1] + r * size_m
    community = np.zeros(n, np.int32) if community is None else np.asarray(community, np.int32)
    compound = np.full(n, -1, np.int32) if compound is None else np.asarray(compound, np.int32)
    shape = geometries(shapely.box(x, y, x + size_m, y + size_m))
    atoms = Atoms(
        code=texts([f"a{i}" for i in range(n)]),
        geometry=shape,
        households=np.broadcast_to(np.asarray(households, np.int64), n).copy(),
        known=np.ones(n, bool),
        estimated=np.zeros(n, bool),
        kind=np.full(n, Kind.URBAN, np.int8),
        community=community,
        compound=compound,
        exclusive=np.full(n, -1, np.int32),
        buildings=np.ones(n, np.int64),
        barrier=np.zeros(n, bool),
    )
    i = np.arange(n)
    u = np.concatenate([i[c < cols - 1], i[r < rows - 1]])
    v = np.concatenate([i[c < cols - 1] + 1, i[r < rows - 1] + cols])
    order = np.lexsort((v, u))
    m = len(u)
    adjacency = Adjacency(
        u=u[order].astype(np.int32),
        v=v[order].astype(np.int32),
        length_m=np.full(m, size_m),
        border=np.full(m, Border.STREET, np.int8),
        link=np.ones(m, bool),
    )
    k, q = int(community.max()) + 1, int(compound.max()) + 1
    return Territory(
        name="lattice",
        crs=CRS,
        boundary=shapely.coverage_union_all(shape),
        atoms=atoms,
        adjacency=adjacency,
        communities=Communities(
            code=texts([f"{110101001 + j:012d}" for j in range(k)]),
            name=texts([f"Community {j}" for j in range(k)]),
            geometry=geometries([shapely.coverage_union_all(shape[community == j]) for j in range(k)]),
            subdistrict=texts(["Subdistrict 0"] * k),
            county=texts(["County"] * k),
        ),
        compounds=Areas(
            code=texts([f"c{j}" for j in range(q)]),
            name=texts([f"Compound {j}" for j in range(q)]),
            geometry=geometries([shapely.coverage_union_all(shape[compound == j]) for j in range(q)]),
        ),
        exclusive=no_rows(Areas),
        barriers=no_rows(Barriers),
        streets=lattice_streets(rows, cols, size_m),
        buildings=no_rows(Buildings),
        places=no_rows(Places),
        stations=no_rows(Stations),
        emergency_units=no_rows(EmergencyUnits),
        responders=no_rows(Responders),
    )


def plan_of(territory: Territory, label) -> Plan:
    """Plan with the given label per atom; grids are coded g0, g1, ..."""
    label = np.asarray(label, np.int32)
    k = int(label.max()) + 1
    grids = Grids(
        code=texts([f"g{i}" for i in range(k)]),
        name=texts([f"Grid {i}" for i in range(k)]),
        kind=np.zeros(k, np.int8),
        community=np.zeros(k, np.int32),
    )
    return Plan(territory=territory, label=label, grids=grids)
