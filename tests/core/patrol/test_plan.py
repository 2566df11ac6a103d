from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.model import Stations, geometries, texts
from gridgeo.core.patrol import PatrolParams, plan_patrols, validate_route
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
    result = plan_patrols(plan)
    assert len(result.routes) == 8
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
    alone = plan_patrols(plan, grids=["g2"], rng_seed=5).routes
    together = [route for route in plan_patrols(plan, rng_seed=5).routes if route.grid == "g2"]
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
    """No streets: no route, one notice, the others planned."""
    plan = quarters()
    gone = np.flatnonzero(shapely.covers(plan.geometry[0], plan.territory.streets.geometry))
    streets = without_edges(plan.territory.streets, gone)
    result = plan_patrols(replace(plan, territory=replace(plan.territory, streets=streets)))
    assert "grid-without-streets" in {n.kind for n in result.notices if n.where == "g0"}
    assert {route.grid for route in result.routes} == {"g1", "g2", "g3"}


def test_both_sides_are_walked_without_deadhead():
    """Streets with two sides, both walked: every degree is even, so nothing is walked in vain."""
    plan = quarters()
    streets = replace(plan.territory.streets, sides=np.full(len(plan.territory.streets.code), 2))
    plan = replace(plan, territory=replace(plan.territory, streets=streets))
    for route in plan_patrols(plan, PatrolParams(sides=2)).routes:
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
    plan_patrols(plan)
    assert all(a.equals(b) for a, b in zip(before, plan.geometry, strict=True))
