from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.model import Kind, Stations, geometries, texts
from gridgeo.core.patrol import BrokenGrids, PatrolParams, plan_patrols, validate_route
from gridgeo.core.patrol.demand import demand_of
from gridgeo.errors import InputError, NotFoundError
from tests.instances import ORIGIN, lattice, plan_of

QUARTERS = (np.arange(36) // 18) * 2 + (np.arange(36) % 6) // 3


def quarters(**changes):
    """A 6 x 6 lattice of 100 m blocks in four grids of 3 x 3; `changes` replace parts of the territory."""
    return plan_of(replace(lattice(6, 6), **changes), QUARTERS)


def with_station(plan, xy, grid=""):
    """The plan with one station at an offset from the origin."""
    stations = Stations(code=texts(["p1"]), xy=ORIGIN + np.array([xy], float), grid=texts([grid]))
    return replace(plan, territory=replace(plan.territory, stations=stations))


def without_edges(streets, gone):
    """The streets without some edges."""
    keep = np.setdiff1d(np.arange(len(streets)), gone)
    edge_columns = ("tail", "head", "line", "length_mm", "geometry")
    return replace(streets, **{name: getattr(streets, name)[keep] for name in edge_columns})


def planned(plan, params=None, *, walks, **asked):
    """The result of planning, that many walks and no grid that failed."""
    result = plan_patrols(plan, params, **asked)
    assert "patrol-failed" not in {notice.kind for notice in result.notices}
    assert len(result.routes) == walks
    return result


def test_every_edge_belongs_to_exactly_one_grid():
    """With borders walked once, the demands of all grids part the edges."""
    plan = quarters()
    assert np.sort(demand_of(plan).edge).tolist() == list(range(len(plan.territory.streets)))


def test_a_border_street_can_belong_to_both():
    """With borders walked by both, the 12 edges between the quarters are in two demands."""
    demand = demand_of(quarters(), border="both")
    assert (np.bincount(demand.edge) == 2).sum() == 12
    assert (np.bincount(demand.edge) >= 1).all()


def test_walks_are_proven_and_can_be_walked():
    """Routes cover each grid's streets at proven least length, and validate."""
    plan = quarters()
    result = planned(plan, walks=8)
    demand = demand_of(plan)
    for route in result.routes:
        validate_route(plan.territory.streets, route)
        served = sorted(leg.edge for leg in route.legs if not leg.deadhead)
        assert served == demand.of(plan.grids.row(route.grid)).tolist()
        assert route.proven
        assert route.length_m == route.bound_m
        assert route.geometry.length == pytest.approx(route.length_m)


def test_rounds_differ_at_the_same_length():
    """The second round is another walk of the same length."""
    first, second = plan_patrols(quarters(), grids=["g0"]).routes
    assert first.length_m == second.length_m
    assert first.legs != second.legs


def test_same_seed_same_routes_whatever_the_company():
    """A grid's routes depend on the seed, not on the grids planned beside it."""
    plan = quarters()
    alone = planned(plan, grids=["g2"], rng_seed=5, walks=2).routes
    together = [route for route in planned(plan, rng_seed=5, walks=8).routes if route.grid == "g2"]
    assert [r.legs for r in alone] == [r.legs for r in together]


def test_spread_of_arrivals_is_published():
    """A week of two rounds spreads arrivals nearly as chance would, at no extra length."""
    result = plan_patrols(quarters(), PatrolParams(days=7))
    assert result.spread > 0.25
    assert len({route.length_m for route in result.routes if route.grid == "g0"}) == 1


def test_walks_start_at_the_station():
    """The route begins and ends at the station, and the way to the network counts."""
    plan = with_station(quarters(), (110.0, 130.0))
    route = next(route for route in plan_patrols(plan).routes if route.grid == "g0")
    assert route.geometry.coords[0] == route.geometry.coords[-1] == (500_110.0, 3_400_130.0)
    assert route.access_m == pytest.approx(2 * np.hypot(10, 30), abs=1e-3)
    validate_route(plan.territory.streets, route)


def test_grids_without_station_are_told():
    """One notice counts the grids that start in their middle."""
    kinds = [(notice.kind, notice.facts.get("grids")) for notice in plan_patrols(quarters()).notices]
    assert kinds == [("grids-without-station", 4)]


def test_a_station_away_from_the_streets_is_told():
    """A station more than 100 m from its streets yields a notice with the distance."""
    plan = with_station(quarters(), (-300.0, 0.0), "g0")
    notice = plan_patrols(plan, grids=["g0"]).notices[0]
    assert (notice.kind, notice.where, notice.facts["distance_m"]) == ("station-far-from-streets", "g0", 300.0)


def test_streets_in_pieces_are_linked_over_other_grids():
    """A grid whose streets do not touch is walked over its neighbors' streets, proven shortest."""
    territory = lattice(1, 5)
    plan = plan_of(territory, [0, 1, 1, 1, 0])
    result = plan_patrols(plan, grids=["g0"])
    assert result.routes[0].proven
    validate_route(territory.streets, result.routes[0])


def test_streets_cut_off_are_listed_not_dropped():
    """Streets in another part of the network are unreached, with the reason."""
    territory = lattice(1, 4)
    between = [row for row, (a, b) in enumerate(zip(*ends(territory), strict=True)) if {a % 5, b % 5} == {2, 3}]
    plan = plan_of(replace(territory, streets=without_edges(territory.streets, between)), [0, 0, 0, 0])
    result = plan_patrols(plan)
    assert {(street.grid, street.reason) for street in result.unreached} == {("g0", "cut-off")}
    walked = {leg.edge for leg in result.routes[0].legs}
    assert len(walked) + len(result.unreached) == len(plan.territory.streets)


def ends(territory):
    """Tail and head of every edge, as lists."""
    return territory.streets.tail.tolist(), territory.streets.head.tolist()


def test_a_grid_without_streets_is_told():
    """No streets far and wide: no route, one notice, the others planned."""
    plan = quarters()
    far = np.flatnonzero(shapely.dwithin(plan.geometry[0], plan.territory.streets.geometry, 160.0))
    streets = without_edges(plan.territory.streets, far)
    result = plan_patrols(replace(plan, territory=replace(plan.territory, streets=streets)))
    assert "grid-without-streets" in {n.kind for n in result.notices if n.where == "g0"}
    assert {route.grid for route in result.routes} == {"g1", "g2", "g3"}


def test_a_grid_beside_streets_is_walked_along_them():
    """A grid with no street of its own is walked on the nearest ones, and a notice says how far they are."""
    plan = quarters()
    gone = np.flatnonzero(shapely.covers(plan.geometry[0], plan.territory.streets.geometry))
    streets = without_edges(plan.territory.streets, gone)
    plan = replace(plan, territory=replace(plan.territory, streets=streets))
    result = planned(plan, grids=["g0"], walks=2)
    notice = next(n for n in result.notices if n.kind == "grid-walked-from-nearby")
    assert (notice.where, notice.facts["distance_m"]) == ("g0", 0.0)
    for route in result.routes:
        validate_route(streets, route)
        assert route.length_m > 0


def test_an_exclusive_grid_without_streets_is_walked_around():
    """An exclusive grid away from all streets gets a drawn walk along its boundary, which validates."""
    plan = quarters()
    far = np.flatnonzero(shapely.dwithin(plan.geometry[0], plan.territory.streets.geometry, 160.0))
    streets = without_edges(plan.territory.streets, far)
    kind = np.array([Kind.EXCLUSIVE, 0, 0, 0], np.int8)
    plan = replace(plan, territory=replace(plan.territory, streets=streets), grids=replace(plan.grids, kind=kind))
    for route in planned(plan, grids=["g0"], walks=2).routes:
        validate_route(streets, route)
        assert route.drawn
        assert route.length_m == pytest.approx(1200.0)
    with pytest.raises(InputError, match="does not close"):
        validate_route(streets, replace(route, geometry=shapely.linestrings(route.geometry.coords[:-1])))


def test_rural_grids_have_their_own_speed():
    """Speed in rural grids shortens the time, not the way."""
    plan = quarters()
    plan = replace(plan, grids=replace(plan.grids, kind=np.array([Kind.RURAL, 0, 0, 0], np.int8)))
    walked = plan_patrols(plan, grids=["g0"]).routes[0]
    ridden = plan_patrols(plan, PatrolParams(rural_speed_m_per_s=4.0), grids=["g0"]).routes[0]
    assert ridden.length_m == walked.length_m
    assert ridden.walk_s == round(walked.length_m / 4.0)


def test_stairs_take_longer():
    """Streets of class steps are walked at the speed on stairs."""
    plan = quarters()
    steps = replace(plan.territory.streets, street_class=texts(["steps"] * len(plan.territory.streets.code)))
    stairs = replace(plan, territory=replace(plan.territory, streets=steps))
    flat, steep = (plan_patrols(p, grids=["g0"]).routes[0] for p in (plan, stairs))
    assert steep.walk_s == pytest.approx(flat.walk_s * 1.2 / 0.5, abs=1)


def test_open_walks_are_shorter():
    """A walk that may end anywhere is proven no longer than the closed one, and validates."""
    plan = with_station(quarters(), (100.0, 0.0), "g0")
    closed = plan_patrols(plan, grids=["g0"]).routes[0]
    ended = plan_patrols(plan, PatrolParams(open_end=True), grids=["g0"]).routes[0]
    free = plan_patrols(plan, PatrolParams(open_end=True, start="best"), grids=["g0"]).routes[0]
    for route in (closed, ended, free):
        validate_route(plan.territory.streets, route)
        assert route.proven
    assert free.length_m <= ended.length_m <= closed.length_m
    assert ended.length_m < closed.length_m
    assert ended.start_node == closed.start_node
    assert ended.end_node not in (None, ended.start_node)


def test_open_walks_of_streets_without_odd_nodes_are_rings():
    """Around one block, or along both sides, every walk comes out where it began."""
    around = planned(plan_of(lattice(1, 1), [0]), PatrolParams(open_end=True, rounds=1), walks=1).routes[0]
    assert around.length_m == around.bound_m == 400.0
    plan = quarters()
    streets = replace(plan.territory.streets, sides=np.full(len(plan.territory.streets.code), 2))
    plan = replace(plan, territory=replace(plan.territory, streets=streets))
    for route in planned(plan, PatrolParams(open_end=True, sides=2, start="best"), walks=8).routes:
        assert route.proven and route.deadhead_m == 0.0


@pytest.mark.parametrize("start", ["station", "best"])
def test_open_walks_are_planned_where_borders_belong_to_both(start):
    """Four blocks, each with all its streets: rings, open or not."""
    params = PatrolParams(open_end=True, start=start, border="both", rounds=1)
    for route in planned(plan_of(lattice(2, 2), range(4)), params, walks=4).routes:
        assert route.proven and route.length_m == 400.0


def test_the_longest_of_several_walks_has_a_bound():
    """Shared streets tell the longest walk, its bound and the total; the bound is above an equal share."""
    plan = with_station(quarters(), (-300.0, 0.0), "g0")
    result = plan_patrols(plan, PatrolParams(officers=2), grids=["g0"])
    told = result.longest[0]
    assert told.walks == 2
    assert told.longest_m == max(route.length_m for route in result.routes)
    assert told.bound_m <= told.longest_m <= 1.3 * told.bound_m


def failing(monkeypatch, error):
    """Planning of grid g1 raises the error, that of others goes well."""
    from gridgeo.core.patrol import plan as module

    whole = module.plan_grid

    def fails_once(task, demand, found):
        whole(task, demand, found)
        if task.code == "g1":
            raise error

    monkeypatch.setattr(module, "plan_grid", fails_once)


def test_a_grid_that_fails_does_not_stop_the_others(monkeypatch):
    """An error a planner can act on is told, the grid's streets are unreached, and the others are planned."""
    failing(monkeypatch, InputError("no such street", where="s1"))
    plan = quarters()
    result = plan_patrols(plan)
    told = [(n.where, n.facts["error"]) for n in result.notices if n.kind == "patrol-failed"]
    assert told == [("g1", "no such street")]
    assert {route.grid for route in result.routes} == {"g0", "g2", "g3"}
    assert {(missed.grid, missed.reason) for missed in result.unreached} == {("g1", "failed")}
    duty = plan.territory.streets.length_mm[demand_of(plan).of(1)].sum()
    assert sum(missed.length_m for missed in result.unreached) == duty / 1000


def test_what_nobody_foresaw_is_raised_when_the_others_are_planned(monkeypatch):
    """Any other error is raised with the grid it broke, and carries the walks of the others."""
    failing(monkeypatch, ValueError("broken street"))
    with pytest.raises(BrokenGrids) as caught:
        plan_patrols(quarters())
    [error] = caught.value.exceptions
    assert str(error) == "broken street"
    assert error.__notes__ == ["while the walks of grid g1 were planned"]
    result = caught.value.result
    assert {route.grid for route in result.routes} == {"g0", "g2", "g3"}
    assert {(missed.grid, missed.reason) for missed in result.unreached} == {("g1", "failed")}
    assert [(n.where, n.facts["error"]) for n in result.notices if n.kind == "patrol-broken"] == [("g1", "ValueError")]


def test_places_of_a_grid_that_fails_are_unreached_too(monkeypatch):
    """Of walks from stop to stop the places are the duty, not the streets."""
    from gridgeo.core.patrol import plan as module
    from tests.core.patrol.test_stops import CORNERS, with_places

    def fails(task, demand, found):
        raise InputError("no")

    monkeypatch.setattr(module, "plan_grid", fails)
    missed = plan_patrols(with_places(CORNERS), PatrolParams(mode="stops")).unreached
    assert [(stop.street, stop.reason) for stop in missed] == [(f"p{k}", "failed") for k in range(4)]


@pytest.mark.parametrize("edges", [[(0, 1)], [(0, 1), (0, 1)], [(0, 0)], [(0, 1), (1, 1)], [(0, 1), (2, 3)]])
def test_odd_streets_are_walked(edges):
    """One edge, parallel edges, loops, streets apart: every walk validates and serves what it can reach."""
    plan = plan_of(lattice(1, 3), [0, 0, 0])
    old = plan.territory.streets
    tail, head = np.array(edges, np.int32).T
    ends = np.stack([old.node_xy[tail], old.node_xy[head]], 1)
    lines = [
        shapely.linestrings(pair if a != b else [pair[0], pair[0] + 5, pair[0] + [5, 0], pair[0]])
        for pair, a, b in zip(ends, tail, head, strict=True)
    ]
    length = np.maximum(1, np.rint(shapely.length(lines) * 1000)).astype(np.int64)
    streets = replace(
        old, tail=tail, head=head, line=np.zeros(len(edges), np.int32), length_mm=length, geometry=geometries(lines)
    )
    plan = replace(plan, territory=replace(plan.territory, streets=streets))
    result = plan_patrols(plan, PatrolParams(days=2))
    assert len(result.routes) == 4
    for route in result.routes:
        validate_route(streets, route)
        assert route.proven
    served = {leg.edge for leg in result.routes[0].legs}
    assert len(served) + len(result.unreached) == len(edges)


def test_both_sides_are_walked_without_deadhead():
    """Streets with two sides, both walked: every degree is even, so nothing is walked in vain."""
    plan = quarters()
    streets = replace(plan.territory.streets, sides=np.full(len(plan.territory.streets.code), 2))
    plan = replace(plan, territory=replace(plan.territory, streets=streets))
    for route in planned(plan, PatrolParams(sides=2), walks=8).routes:
        assert route.deadhead_m == 0.0
        validate_route(streets, route)


def test_stopping_keeps_what_is_done_and_names_the_rest():
    """After the stop the grids left over are named."""
    asked = iter([False, True])
    result = plan_patrols(quarters(), stop=lambda: next(asked, True))
    assert {route.grid for route in result.routes} == {"g0"}
    assert [n.where for n in result.notices if n.kind == "grid-not-planned"] == ["g1", "g2", "g3"]


def test_an_unknown_grid_is_refused():
    """A code no grid has is an error."""
    with pytest.raises(NotFoundError):
        plan_patrols(quarters(), grids=["nowhere"])


def test_a_broken_route_is_refused():
    """The validator finds a leg left out and a length made up."""
    plan = quarters()
    route = plan_patrols(plan, grids=["g0"]).routes[0]
    streets = plan.territory.streets
    with pytest.raises(InputError, match="begins at node"):
        validate_route(streets, replace(route, legs=route.legs[:3] + route.legs[4:]))
    with pytest.raises(InputError, match="length_m"):
        validate_route(streets, replace(route, length_m=route.length_m - 100))
    with pytest.raises(InputError, match="does not exist"):
        validate_route(streets, replace(route, legs=(route.legs[0]._replace(edge=9999),)))


@pytest.mark.parametrize(
    "wrong", [{"rounds": 0}, {"speed_m_per_s": 0.0}, {"mode": "fly"}, {"minutes": -1.0}, {"sides": 3}, {"border": "no"}]
)
def test_choices_out_of_range_are_refused(wrong):
    """A choice out of its range is an input error that names it."""
    with pytest.raises(InputError) as caught:
        PatrolParams(**wrong)
    assert caught.value.where == next(iter(wrong))


def test_shared_geometry_stays_as_it_was():
    """Planning leaves the plan's polygons equal to fresh ones."""
    plan = quarters()
    before = geometries(plan.geometry)
    planned(plan, walks=8)
    assert all(a.equals(b) for a, b in zip(before, plan.geometry, strict=True))


def with_stub(plan, size_m):
    """The plan with a blind end of some metres where the street along the lower side begins."""
    streets = plan.territory.streets
    corner = int(np.flatnonzero((streets.node_xy == ORIGIN).all(axis=1))[0])
    tip = ORIGIN + np.array([size_m / 2, size_m])
    line = geometries([shapely.linestrings([ORIGIN, tip])])
    per_line = ("code", "name", "street_class", "border", "walkable", "sides", "width_m", "opens", "closes", "slope")
    longer = {name: np.append(getattr(streets, name), getattr(streets, name)[:1]) for name in per_line}
    edges = {
        "tail": np.append(streets.tail, corner).astype(np.int32),
        "head": np.append(streets.head, streets.nodes).astype(np.int32),
        "line": np.append(streets.line, len(streets.code)).astype(np.int32),
        "length_mm": np.append(streets.length_mm, int(1000 * shapely.length(line[0]))),
        "geometry": np.append(streets.geometry, line),
        "line_geometry": np.append(streets.line_geometry, line),
        "node_xy": np.concatenate([streets.node_xy, [tip]]),
    }
    return replace(plan, territory=replace(plan.territory, streets=replace(streets, **longer, **edges)))


@pytest.mark.parametrize("border", ["once", "both"])
@pytest.mark.parametrize("size_m, walked", [(0.1, False), (0.8, False), (1.0, True), (30.0, True)])
def test_a_blind_end_below_a_metre_is_no_duty(size_m, walked, border):
    """What clipping leaves of a street is not walked into, and the walk is proven without it; a lane is walked."""
    plan = with_stub(quarters(), size_m)
    stub = len(plan.territory.streets) - 1
    route = plan_patrols(plan, PatrolParams(border=border), grids=["g0"]).routes[0]
    assert (stub in {leg.edge for leg in route.legs}) == walked
    assert route.proven and route.length_m == route.bound_m


def test_walks_no_shift_can_hold_are_told_once():
    """Above four hours one notice names the grids; where minutes are asked for, there is none."""
    slow = PatrolParams(speed_m_per_s=0.12)
    told = [n for n in plan_patrols(quarters(), slow).notices if n.kind == "walks-beyond-a-shift"]
    assert [n.facts["codes"] for n in told] == ["g0, g1, g2, g3"]
    for params in (PatrolParams(), replace(slow, minutes=600)):
        assert "walks-beyond-a-shift" not in {n.kind for n in plan_patrols(quarters(), params).notices}
