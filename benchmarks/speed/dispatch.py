"""Speed of unit staffing, alarms and reach: made towns, or real street networks with people put on them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from benchmarks import files_in, peak_mib
from benchmarks.quality.walks import streets_in
from benchmarks.speed.dispatch_peers import cp_sat, spopt_sites
from gridgeo.core.dispatch import AlarmDesk, AssignParams, ReachParams, SiteParams, assign_units, propose_sites, reach
from gridgeo.core.dispatch.roster import Roster
from gridgeo.core.dispatch.staffing import Staffing
from gridgeo.core.model import (
    Border,
    Buildings,
    EmergencyUnits,
    Places,
    Responders,
    Stations,
    Streets,
    Territory,
    geometries,
    texts,
)

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.instances import lattice, lattice_streets

Row = dict[str, Any]
CP_SAT_S = 60.0
STREETS = (".parquet", ".pbf", ".osm.gz", ".osm")
"""Street files taken from folders; a GeoPackage with streets is to be named itself."""


def run_units(paths: list[Path], seconds: float | None, peers: bool) -> list[Row]:
    """Staff units on made towns (158 x 2,000 and 5,000 x 60,000), or on the streets of the given files.

    `seconds` is not used: every stage is exact and ends by itself.
    """
    cases = [(path.stem, people_on(streets_of(path), 158, 2_000)) for path in files_in(paths, *STREETS)]
    if not cases:
        cases = [("town 6 km", _made(158, 2_000, 6_000)), ("county 40 km", _made(5_000, 60_000, 40_000))]
    _warm()
    return [row for name, territory in cases for row in _units(name, territory, peers)]


def run_reach(paths: list[Path], seconds: float | None, peers: bool) -> list[Row]:
    """Reach and alarms on made streets of 60,000 nodes, or on the streets of the given files.

    200 stations and 3,000 places stand at random street nodes; alarms fall anywhere within the streets' extent.
    """
    cases = [(path.stem, people_on(streets_of(path), 500, 5_000)) for path in files_in(paths, *STREETS)]
    if not cases:
        cases = [("lattice 60k", _made(500, 5_000, 24_500, 100))]
    _warm()
    return [row for name, territory in cases for row in _reach(name, territory, peers)]


def _units(name: str, territory: Territory, peers: bool) -> Iterable[Row]:
    for objective in ("total", "max"):
        params = AssignParams(max_walk_s=900, objective=objective)
        result, took = _timed(lambda params=params: assign_units(territory, params))
        yield {
            "instance": name,
            "method": f"gridgeo {objective}",
            "units": len(territory.emergency_units),
            "people": len(territory.responders),
            "missing_leads": result.missing_leads,
            "missing_members": result.missing_members,
            "total_walk_s": result.total_walk_s,
            "max_walk_s": result.max_walk_s,
            "value": result.total_walk_s if objective == "total" else result.max_walk_s,
            "bound": result.bound,
            "proven": result.proven,
            "cpu_s": took,
            "peak_mib": peak_mib(),
        }
    if peers:
        staffing, walking = _timed(lambda: Roster(territory, AssignParams(max_walk_s=900)).staffing())
        answer, took = _timed(lambda: nearest_first(staffing))
        yield {"instance": name, "method": "nearest first", **answer, "proven": False, "cpu_s": walking + took}
        answer, took = _timed(lambda: cp_sat(staffing, CP_SAT_S))
        yield {"instance": name, "method": "OR-Tools CP-SAT", **answer, "cpu_s": walking + took}


def nearest_first(staffing: Staffing) -> Row:
    """What dispatch screens do: the shortest walk first, leads before members, never taken back."""
    order = np.argsort(staffing.walk_s, kind="stable")
    load, seats = staffing.capacity.copy(), staffing.seats.copy()
    serving: set[int] = set()
    for lead in (True, False):
        for i in order[staffing.can_lead[staffing.person[order]]] if lead else order:
            unit, person = staffing.unit[i], staffing.person[i]
            if seats[unit, 1 - lead] > 0 and load[person] > 0 and int(i) not in serving:
                seats[unit, 1 - lead] -= 1
                load[person] -= 1
                serving.add(int(i))
    walk_s = staffing.walk_s[sorted(serving)]
    return {
        "units": len(staffing.seats),
        "people": len(staffing.capacity),
        "missing_leads": int(seats[:, 0].sum()),
        "missing_members": int(seats[:, 1:].sum()),
        "total_walk_s": int(walk_s.sum()),
        "max_walk_s": int(walk_s.max(initial=0)),
    }


def _reach(name: str, territory: Territory, peers: bool) -> Iterable[Row]:
    result, took = _timed(lambda: reach(territory, ReachParams()))
    size = {"instance": name, "edges": len(territory.streets), "nodes": territory.streets.nodes}
    shares = {f"places_{ring.limit_s}_s": ring.place_share for ring in result.rings}
    yield size | {"method": "gridgeo reach", "places": result.places, **shares, "cpu_s": took, "peak_mib": peak_mib()}
    desk, took = _timed(lambda: AlarmDesk(territory))
    low, high = territory.streets.node_xy.min(0), territory.streets.node_xy.max(0)
    spots = np.random.default_rng(1).uniform(low, high, (1_000, 2))
    times = [_timed(lambda at=spot: desk.answer(at))[1] for spot in spots]
    p50, p99 = np.percentile(times, [50, 99]) * 1000
    yield size | {
        "method": "gridgeo alarm",
        "cpu_s": took,
        "p50_ms": float(p50),
        "p99_ms": float(p99),
        "peak_mib": peak_mib(),
    }
    params = SiteParams(k=20, limit_s=900, candidates=1_000)
    found, took = _timed(lambda: propose_sites(_homes_at_places(territory), params))
    facts = {"value": found.value, "bound": found.bound, "proven": found.proven, "peak_mib": peak_mib()}
    yield size | {"method": "gridgeo sites", "places": result.places, "cpu_s": took} | facts
    if peers:
        shares, took = _timed(lambda: _networkx_reach(territory))
        yield size | {"method": "networkx reach", "places": result.places, **shares, "cpu_s": took}
        facts = spopt_sites(_homes_at_places(territory), params)
        if facts is not None:
            yield size | {"method": "spopt MCLP, CBC", "places": result.places, **facts}


def _homes_at_places(territory: Territory) -> Territory:
    """A building of 1 to 99 households at every place."""
    n = len(territory.places)
    homes = Buildings(
        code=territory.places.code,
        geometry=geometries(shapely.points(territory.places.xy)),
        households=np.random.default_rng(5).integers(1, 100, n),
        known=np.ones(n, bool),
        estimated=np.zeros(n, bool),
        floors=np.ones(n, np.int64),
        compound=np.full(n, -1, np.int32),
    )
    return replace(territory, buildings=homes)


def _networkx_reach(territory: Territory) -> Row:
    """The same question with networkx, places and stations standing at nodes as they were made."""
    import networkx as nx
    from scipy.spatial import cKDTree

    graph = nx.Graph(territory.streets.to_networkx())
    nodes = cKDTree(territory.streets.node_xy)
    sources = nodes.query(territory.stations.xy)[1].tolist()
    walk = nx.multi_source_dijkstra_path_length(graph, set(sources), weight="length_m")
    far = [walk.get(node, np.inf) for node in nodes.query(territory.places.xy)[1].tolist()]
    return {f"places_{s}_s": float((np.array(far) / 1.33 < s + 0.5).mean()) for s in ReachParams().limits_s}


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What the work gives, and its CPU seconds."""
    start = time.process_time()
    out = work()
    return out, time.process_time() - start


def _warm() -> None:
    """Compile and load the kernels before anything is timed."""
    territory = _made(4, 20, 600)
    assign_units(territory)
    reach(territory)
    AlarmDesk(territory).answer(territory.streets.node_xy[0])


def streets_of(path: Path) -> Streets:
    """Walking graph of a parquet street file (u, v, geometry as WKB in degrees or metres), directions merged.

    Other street files are read as `joins` reads them.
    """
    if path.suffix != ".parquet":
        return streets_in(path)
    import pandas as pd
    from pyproj import Transformer

    frame = pd.read_parquet(path)
    ends = np.sort(frame[["u", "v"]].to_numpy(), axis=1)
    lines = shapely.from_wkb(frame["geometry"].to_numpy())
    degrees = abs(shapely.get_coordinates(lines[0])).max() <= 180
    length = np.rint(shapely.length(lines) * (1e7 if degrees else 100))  # both directions of a street have one length
    first = np.unique(np.column_stack([ends, length]), axis=0, return_index=True)[1]
    if not degrees:
        return _graph(lines[first])
    middle = shapely.get_coordinates(lines[0])[0]
    zone = 32600 + int((middle[0] + 180) // 6) + 1
    to_metres = Transformer.from_crs(4326, zone, always_xy=True)
    lines = shapely.transform(lines[first], to_metres.transform, interleaved=False)
    return _graph(lines)


def _graph(lines: Any) -> Streets:
    """Streets whose lines meet at equal end points."""
    xy = shapely.get_coordinates(lines)
    last = np.cumsum(shapely.get_num_coordinates(lines)) - 1
    at = np.concatenate([[0], last[:-1] + 1])
    node_xy, node = np.unique(np.concatenate([xy[at], xy[last]]).round(2), axis=0, return_inverse=True)
    m = len(lines)
    return Streets(
        code=texts(range(m)),
        name=texts([""] * m),
        street_class=texts([""] * m),
        border=np.full(m, Border.STREET, np.int8),
        walkable=np.ones(m, bool),
        sides=np.ones(m, np.int64),
        width_m=np.full(m, 8.0),
        line_geometry=geometries(lines),
        node_xy=node_xy,
        tail=node[:m].astype(np.int32),
        head=node[m:].astype(np.int32),
        line=np.arange(m, dtype=np.int32),
        length_mm=np.maximum(np.rint(shapely.length(lines) * 1000), 1).astype(np.int64),
        geometry=geometries(lines),
    )


def _made(units: int, people: int, side_m: float, block_m: float = 150.0) -> Territory:
    """A lattice of streets with clustered units and people, the same each time."""
    blocks = max(int(side_m / block_m), 2)
    rng = np.random.default_rng(3)
    centers = rng.uniform(0, side_m, (max(4, units // 20), 2))
    at = centers[rng.integers(0, len(centers), units)] + rng.normal(0, 350, (units, 2))
    near = centers[rng.integers(0, len(centers), people)] + rng.normal(0, 800, (people, 2))
    homes = np.where(rng.random((people, 1)) < 0.6, near, rng.uniform(0, side_m, (people, 2)))
    streets = lattice_streets(blocks, blocks, block_m)
    corner = streets.node_xy[0]
    return _placed(streets, corner + np.clip(at, 0, side_m), corner + np.clip(homes, 0, side_m))


def people_on(streets: Streets, units: int, people: int) -> Territory:
    """Units and people at random street nodes."""
    rng = np.random.default_rng(3)
    spot = streets.node_xy[rng.integers(0, streets.nodes, units + people)]
    return _placed(streets, spot[:units], spot[units:])


def _placed(streets: Streets, units: Any, people: Any) -> Territory:
    rng = np.random.default_rng(4)
    n, p = len(units), len(people)
    stations, places = (streets.node_xy[rng.integers(0, streets.nodes, count)] for count in (200, 3_000))
    return replace(
        lattice(2, 2),
        streets=streets,
        emergency_units=EmergencyUnits(
            code=texts(range(n)),
            name=texts([""] * n),
            kind=texts([""] * n),
            xy=units,
            need=np.zeros(n, np.int64),
            max_walk_s=np.zeros(n, np.int64),
        ),
        responders=Responders(
            code=texts(range(p)),
            xy=people,
            capacity=np.zeros(p, np.int64),
            can_lead=rng.random(p) < 0.08,
            on_duty=np.ones(p, bool),
        ),
        stations=Stations(code=texts(range(200)), xy=stations, grid=texts([""] * 200)),
        places=Places(
            code=texts(range(3_000)),
            name=texts([""] * 3_000),
            kind=texts([""] * 3_000),
            xy=places,
            service_s=np.zeros(3_000, np.int64),
            opens=np.zeros(3_000, np.int64),
            closes=np.full(3_000, 86_400),
            visits_per_day=np.ones(3_000),
        ),
    )
