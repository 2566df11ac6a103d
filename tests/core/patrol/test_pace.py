from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.model import Table, texts
from gridgeo.core.patrol import PatrolParams, plan_patrols
from gridgeo.core.patrol.oriented import fastest_ways
from gridgeo.core.patrol.pace import pace_of, rises, slope_factor
from gridgeo.core.patrol.routes import steps_of
from gridgeo.core.territory.streets import streets_of
from gridgeo.errors import GridgeoError
from tests.core.patrol.test_plan import quarters
from tests.core.patrol.test_stops import CORNERS, with_places


def with_streets(plan, **changes):
    """The plan with columns of its streets replaced."""
    streets = replace(plan.territory.streets, **changes)
    return replace(plan, territory=replace(plan.territory, streets=streets))


def hilly(plan, percent=10.0):
    """The plan on a hillside: every street that runs north rises."""
    streets = plan.territory.streets
    north = np.diff(streets.node_xy[np.stack([streets.tail, streets.head], 1)], axis=1)[:, 0, 1] > 0
    return with_streets(plan, slope=np.where(north, percent, 0.0))


def streets_from(lines, **columns):
    """Streets of a table with some columns."""
    return streets_of(Table(columns=columns, geometry=shapely.linestrings(lines)))


def test_uphill_takes_longer_than_downhill():
    """Tobler: 10 % up takes 1.42 times as long as on the level, 10 % down as long, 5 % down least."""
    assert slope_factor(np.array([0.1, -0.1, -0.05])) == pytest.approx([1.419, 1.0, 0.839], abs=1e-3)


def test_slopes_hold_for_the_line_as_drawn():
    """Both pieces of a street parted by a crossing rise; drawn the other way around, they fall."""
    cross = [[50, -10], [50, 10]]
    up = streets_from([[[0, 0], [100, 0]], cross], slope=np.array([8.0, 0.0]))
    down = streets_from([[[100, 0], [0, 0]], cross], slope=np.array([-8.0, 0.0]))
    for streets in (up, down):
        east = np.diff(streets.node_xy[np.stack([streets.tail, streets.head], 1)], axis=1)[:, 0, 0]
        assert (np.sign(rises(streets)) == np.sign(east)).all()
        assert np.abs(rises(streets)).max() == pytest.approx(0.08)


def test_a_climb_is_a_slope_over_the_length():
    """Ten metres up on 200 m are 5 %."""
    assert streets_from([[[0, 0], [200, 0]]], climb_m=np.array([10.0])).slope.tolist() == [5.0]


def test_private_streets_are_not_walked():
    """Access that is no or private closes a street; a right on foot opens it."""
    lines = [[[0, 0], [9, 0]], [[0, 5], [9, 5]], [[0, 9], [9, 9]]]
    streets = streets_from(lines, access=texts(["private", "no", ""]), foot=texts(["", "yes", ""]))
    assert streets.walkable.tolist() == [False, True, True]


def test_a_walk_on_a_hillside_takes_its_fastest_directions():
    """The walk is as short as on the level, and no other directions of its steps are faster."""
    level, steep = quarters(), hilly(quarters())
    flat, route = plan_patrols(level, grids=["g0"]).routes[0], plan_patrols(steep, grids=["g0"]).routes[0]
    assert (route.length_m, route.bound_m, route.proven) == (flat.length_m, flat.bound_m, True)
    pace = pace_of(steep.territory.streets, 1.2, 0.5)
    steps = steps_of(route)
    assert route.walk_s == pytest.approx(pace.seconds(steps).sum(), abs=0.5)
    assert pace.seconds(steps).sum() <= pace.seconds(steps ^ 1).sum() + 1e-6
    assert route.walk_s > flat.walk_s


def test_fastest_directions_equal_the_best_of_all():
    """On small even graphs the least-cost directions equal the best of all balanced ones."""
    rng = np.random.default_rng(3)
    u, v = np.array([0, 1, 2, 0, 3, 1]), np.array([1, 2, 0, 3, 1, 0])
    for _ in range(20):
        forward, backward = rng.random(6), rng.random(6)
        best = np.inf
        for mask in range(64):
            ways = np.array([mask >> k & 1 for k in range(6)], bool)
            out = np.bincount(np.where(ways, u, v), minlength=4) - np.bincount(np.where(ways, v, u), minlength=4)
            if not out.any():
                best = min(best, np.where(ways, forward, backward).sum())
        assert np.where(fastest_ways(u, v, forward, backward), forward, backward).sum() == pytest.approx(best, abs=1e-5)


def test_walks_on_a_hillside_differ_at_the_same_time():
    """A week's walks are all as long and as fast, and their arrivals lie apart."""
    result = plan_patrols(hilly(quarters()), PatrolParams(days=7), grids=["g0"])
    assert len({(route.length_m, route.walk_s) for route in result.routes}) == 1
    assert len({route.legs for route in result.routes}) == 14
    assert result.spread > 0.2


def test_stairs_take_longer_in_every_mode():
    """Stairs count at their own speed, in walks over streets and in walks from stop to stop."""
    plan = with_places(CORNERS)
    stairs = with_streets(plan, street_class=texts(["steps"] * len(plan.territory.streets)))
    for mode in ("streets", "stops", "both"):
        params = PatrolParams(mode=mode, rounds=1)
        flat, slow = (plan_patrols(town, params).routes[0] for town in (plan, stairs))
        assert slow.length_m == flat.length_m
        assert slow.walk_s == pytest.approx(flat.walk_s * 1.2 / 0.5, abs=2)


def test_minutes_hold_on_stairs():
    """Walks of limited minutes are shared out by the time stairs take."""
    plan = quarters()
    stairs = with_streets(plan, street_class=texts(["steps"] * len(plan.territory.streets)))
    result = plan_patrols(stairs, PatrolParams(minutes=45, rounds=4))
    assert max(route.walk_s for route in result.routes) <= 45 * 60


def test_crossing_a_main_street_costs_time():
    """Going straight over a street of a costly class takes so many seconds more; along it, nothing."""
    lines = [[[-50, 0], [0, 0]], [[0, 0], [50, 0]], [[0, -50], [0, 0]], [[0, 0], [0, 50]]]
    streets = streets_from(lines, **{"class": texts(["primary", "primary", "lane", "lane"])})
    pace = pace_of(streets, 1.0, 0.5, [("primary", 30.0)])
    middles = shapely.get_coordinates(shapely.centroid(streets.geometry))
    row = {tuple(np.rint(middle).tolist()): k for k, middle in enumerate(middles)}

    def way(first, then):
        """Seconds of walking in along one street and out along another."""
        a, b = row[first], row[then]
        center = int(np.flatnonzero((streets.node_xy == 0).all(axis=1))[0])
        steps = np.array([2 * a + (streets.head[a] != center), 2 * b + (streets.tail[b] != center)])
        return pace.seconds(steps).sum()

    assert way((0, -25), (0, 25)) == 130.0
    assert way((-25, 0), (25, 0)) == way((0, -25), (25, 0)) == 100.0


def test_crossings_are_counted_in_walks():
    """A walk on the same streets takes longer where main streets must be crossed, and is no longer."""
    plan = quarters()
    streets = plan.territory.streets
    level = np.abs(np.diff(streets.node_xy[np.stack([streets.tail, streets.head], 1)], axis=1)[:, 0, 1]) == 0
    plan = with_streets(plan, street_class=texts(np.where(level, "primary", "lane").tolist()))
    plain = plan_patrols(plan, grids=["g0"]).routes[0]
    waits = plan_patrols(plan, PatrolParams(crossings=(("primary", 20.0),)), grids=["g0"]).routes[0]
    assert waits.length_m == plain.length_m
    assert waits.walk_s > plain.walk_s
    assert (waits.walk_s - plain.walk_s) % 20 == 0


@pytest.mark.parametrize("percent", [1_000.0, 1e6, -1e300])
@pytest.mark.filterwarnings("error")
def test_what_is_steeper_than_any_street_counts_as_stairs(percent):
    """A slope above 100 % is told, taken as stairs, and overflows nothing."""
    params = PatrolParams(rounds=1, minutes=60)
    result = plan_patrols(hilly(quarters(), percent), params)
    notice = next(n for n in result.notices if n.kind == "slopes-too-steep")
    assert notice.facts["streets"] == 42
    north = hilly(quarters()).territory.streets.slope > 0
    stairs = with_streets(quarters(), street_class=texts(np.where(north, "steps", "lane").tolist()))
    assert [r.walk_s for r in result.routes] == [r.walk_s for r in plan_patrols(stairs, params).routes]


@pytest.mark.filterwarnings("error")
def test_hardly_any_speed_is_still_a_number():
    """Speeds next to nothing give long walks, no overflow."""
    params = PatrolParams(rounds=1, speed_m_per_s=5e-324, steps_speed_m_per_s=1e-300)
    result = plan_patrols(hilly(quarters(), 1e6), params)
    assert result.routes and all(route.walk_s >= 1000 * route.length_m - 1 for route in result.routes)


def test_directions_without_an_answer_are_told():
    """A graph no circuit walks has no fastest directions: an error with a hint, not a traceback."""
    with pytest.raises(GridgeoError, match="no directions"):
        fastest_ways(np.array([0, 1]), np.array([1, 2]), np.ones(2), np.ones(2))
