import numpy as np
import pytest
import shapely

from gridgeo.core.model import Kind
from gridgeo.core.territory import AtomParams, build_territory
from gridgeo.errors import InputError
from tests.core.territory.towns import crossroads, is_exact, line, railway_town, river_town, rows, square, table


def build(tables, **params):
    return build_territory(tables, name="town", crs="EPSG:32650", params=AtomParams(**params))


def notices(territory, kind):
    return [n for n in territory.notices if n.kind == kind]


def test_four_blocks():
    """Two streets that run past the boundary cut it into four blocks with their buildings' households."""
    town = build(crossroads([10, 20, 30, 40]))
    assert is_exact(town, square())
    assert sorted(town.atoms.households.tolist()) == [10, 20, 30, 40]
    assert [r[2:] for r in rows(town.adjacency)] == [("STREET", 100.0, True)] * 4


def test_classes_of_streets():
    """The class of the street is the class of the border."""
    town = build(crossroads([1, 1, 1, 1], **{"class": ["primary", "footway"]}))
    assert len(town.atoms) == 2
    assert [r[2] for r in rows(town.adjacency)] == ["MAIN"]


def test_cul_de_sac_cuts_nothing():
    """A street that ends inside a block does not part it."""
    tables = crossroads([1, 1, 1, 1])
    dead = table([line((100, -20), (100, 220)), line((-20, 100), (60, 100))])
    assert len(build(tables | {"streets": dead}).atoms) == 2


def test_large_block_is_split_between_buildings():
    """A block above the limit is cut midway between its buildings, and every household stays."""
    town = build(
        {
            "boundary": table([square()]),
            "buildings": table(list(shapely.points([(50, 100), (150, 100)])), households=[100.0, 90.0]),
        }
    )
    assert sorted(town.atoms.households.tolist()) == [90, 100]
    assert is_exact(town, square())
    assert np.allclose(town.atoms.area_m2, 20_000)


def test_neighbor_keeps_the_vertex_of_a_cut():
    """Where a cut meets the border of a block, the neighbor beyond has the same vertex."""
    tables = crossroads([5, 5, 5, 5])
    spots = [(25, 25), (75, 25), (150, 50), (50, 150), (150, 150)]
    tables["buildings"] = table(list(shapely.points(spots)), households=[100.0, 90.0, 5.0, 5.0, 5.0])
    town = build(tables)
    assert len(town.atoms) == 5
    assert is_exact(town, square())


def test_few_households_are_not_split():
    """A block at the limit stays one atom however many buildings it has."""
    spots = shapely.points([(20 + 10 * i, 100) for i in range(12)])
    town = build({"boundary": table([square()]), "buildings": table(list(spots), households=[10.0] * 12)})
    assert town.atoms.households.tolist() == [120]


def test_points_at_one_place_stay_together():
    """Buildings at the same point make one atom, however many households they hold, and that is told."""
    spots = shapely.points([(100, 100)] * 3 + [(20, 20)])
    town = build({"boundary": table([square()]), "buildings": table(list(spots), households=[90.0] * 3 + [50.0])})
    assert sorted(town.atoms.households.tolist()) == [50, 270]
    (notice,) = notices(town, "buildings-at-one-point")
    assert (notice.households, notice.facts["buildings"]) == (270, 3)


def test_paths_part_a_large_block_first():
    """A path through a block that is too large becomes the cut between its buildings."""
    town = build(
        {
            "boundary": table([square()]),
            "streets": table([line((80, -5), (80, 205))], **{"class": ["footway"]}),
            "buildings": table(list(shapely.points([(20, 100), (190, 100)])), households=[100.0, 90.0]),
        }
    )
    assert rows(town.adjacency) == [(0, 1, "PATH", 200.0, True)]


def test_compound_wall():
    """A compound is cut out along its wall, its atom knows it, and the wall is the border."""
    tables = crossroads([10, 10, 10, 10]) | {"compounds": table([square(60, 20, 20)], name=["Garden"])}
    town = build(tables, verge_width_m=1.0)
    inside = np.flatnonzero(town.atoms.compound == 0)
    assert town.atoms.households[inside].tolist() == [10]
    assert town.atoms.area_m2[inside].tolist() == [3600.0]
    wall = [r for r in rows(town.adjacency) if r[2] == "WALL"]
    assert [(r[3], r[4]) for r in wall] == [(240.0, True)]
    assert town.buildings.compound.tolist() == [0, -1, -1, -1]


def test_large_compound_is_split_inside_its_wall():
    """A compound above the limit is opened to its buildings; no atom crosses the wall."""
    spots = shapely.points([(40, 40), (60, 40), (40, 60), (60, 60), (150, 150)])
    town = build(
        {
            "boundary": table([square()]),
            "compounds": table([square(60, 20, 20)]),
            "buildings": table(list(spots), households=[100.0, 100.0, 100.0, 100.0, 7.0]),
        }
    )
    inside = town.atoms.compound == 0
    assert town.atoms.households[inside].tolist() == [100] * 4
    assert town.atoms.area_m2[inside].sum() == pytest.approx(3600)
    assert is_exact(town, square())


def test_exclusive_and_rural_land():
    """Exclusive land and rural communities give their atoms the kind."""
    halves = table([shapely.box(0, 0, 100, 200), shapely.box(100, 0, 200, 200)], kind=["rural", "urban"])
    park = table([square(50, 120, 20)], name=["Park"])
    town = build({"boundary": table([square()]), "communities": halves, "exclusive": park})
    kinds = {(int(c), int(e)): Kind(k) for c, e, k in zip(*_columns(town), strict=True)}
    assert kinds == {(0, -1): Kind.RURAL, (1, -1): Kind.URBAN, (1, 0): Kind.EXCLUSIVE}


def _columns(town):
    return town.atoms.community, town.atoms.exclusive, town.atoms.kind


def test_community_line_is_a_border():
    """Communities part the land, and their line is the border where nothing stronger lies on it."""
    halves = table([shapely.box(0, 0, 100, 200), shapely.box(100, 0, 200, 200)], name=["West", "East"])
    town = build({"boundary": table([square()]), "communities": halves})
    assert rows(town.adjacency) == [(0, 1, "COMMUNITY", 200.0, True)]
    assert town.atoms.community.tolist() == [0, 1]


def test_land_outside_communities_is_told():
    """Land no community covers goes to the nearest one, with a notice."""
    town = build({"boundary": table([square()]), "communities": table([shapely.box(0, 0, 100, 200)])})
    assert town.atoms.community.tolist() == [0, 0]
    (notice,) = notices(town, "land-without-community")
    assert notice.facts["area_m2"] == 20_000


def test_river_is_a_barrier_with_a_bridge():
    """A river is barrier land nobody walks onto; a street over it links both banks."""
    town = build(river_town())
    assert town.atoms.barrier.sum() == 2
    banks = np.flatnonzero(~town.atoms.barrier)
    links = [r for r in rows(town.adjacency) if r[4]]
    bridges = {(r[0], r[1]) for r in links if r[2] == "BRIDGE"}
    assert len(bridges) == 4
    north = town.atoms.centroid[:, 1] > 110
    assert all(north[u] != north[v] for u, v in bridges)
    assert {u for r in links for u in r[:2]} == set(banks.tolist())
    assert {r[2] for r in rows(town.adjacency) if not r[4]} == {"RIVER", "STREET"}
    assert is_exact(town, square())


def test_river_without_bridge_parts_the_banks():
    """Without a street over it nothing links the banks of a river."""
    town = build(river_town(bridge=False))
    assert not [r for r in rows(town.adjacency) if r[2] == "BRIDGE"]
    assert not [r for r in rows(town.adjacency) if r[4] and r[2] == "RIVER"]


@pytest.mark.parametrize("crossing", [True, False])
def test_railway_links_only_where_a_street_crosses(crossing):
    """The border on a railway is a link when a street leads over it, and none when the street ends before."""
    assert rows(build(railway_town(crossing)).adjacency) == [(0, 1, "RAILWAY", 200.0, crossing)]


def test_pocket_is_joined_over_the_mildest_border():
    """People shut in by barriers, too few for a grid, get a link over the mildest border, and that is told."""
    tables = railway_town(crossing=False)
    tables["buildings"] = table(list(shapely.points([(50, 50), (50, 150)])), households=[400.0, 20.0])
    tables["barriers"] = table(
        [line((-10, 100), (210, 100)), line((150, 95), (150, 205))], kind=["railway", "wall"], crossable=[False] * 2
    )
    town = build(tables)
    opened = [r for r in rows(town.adjacency) if r[4]]
    (notice,) = notices(town, "pocket-joined")[:1]
    assert (notice.households, notice.facts["border"]) == (20, "wall")
    assert {r[2] for r in opened} == {"WALL", "RAILWAY"}  # the empty corner first, then its people too


@pytest.mark.parametrize(("north", "joined"), [(299, True), (300, False), (550, True), (600, False)])
def test_pocket_is_what_no_grids_fit(north, joined):
    """Land shut off by a railway is joined only when no whole number of grids fits its households."""
    tables = railway_town(crossing=False)
    spots = shapely.points([(50, 50), (30, 150), (170, 150)])
    tables["buildings"] = table(list(spots), households=[400.0, north // 2, north - north // 2])
    assert joined == any(r[4] for r in rows(build(tables).adjacency) if r[2] == "RAILWAY")


def test_island_without_a_way_out_is_told():
    """An inhabited island that touches no other land stays alone, and is listed."""
    tables = river_town(bridge=False)
    tables["buildings"] = table(list(shapely.points([(50, 50), (50, 150)])), households=[400.0, 20.0])
    town = build(tables)
    (notice,) = notices(town, "pocket-shut")
    assert notice.households == 20


def test_tunnel_bounds_nothing():
    """A street in a tunnel is walked but is no border."""
    tables = crossroads([1, 1, 1, 1], tunnel=["yes", ""])
    town = build(tables)
    assert len(town.atoms) == 2
    assert len(town.streets.code) == 2


def test_null_counts_are_told():
    """A building without a count is no zero: its atom is not known, and it is listed."""
    town = build(crossroads([10, np.nan, 30, 40]))
    assert town.atoms.known.sum() == 3
    assert town.atoms.households[~town.atoms.known].tolist() == [0]
    assert notices(town, "buildings-null")[0].where == "r1"


def test_estimates_are_told():
    """Estimated counts mark their atoms and are summed in a notice."""
    tables = crossroads([10, 20, 30, 40])
    shapes, columns = tables["buildings"].geometry, tables["buildings"].columns
    tables["buildings"] = table(shapes, households=columns["households"], source=["estimate", "count", "", "estimate"])
    town = build(tables)
    assert town.atoms.households[town.atoms.estimated].sum() == 50
    assert notices(town, "households-estimated")[0].households == 50


def test_buildings_outside_are_told():
    """A building beyond the boundary is in no atom, and is listed with its households."""
    tables = crossroads([10, 20, 30, 40])
    tables["buildings"] = table(list(shapely.points([(50, 50), (900, 900)])), households=[10.0, 7.0])
    town = build(tables)
    assert town.households == 10
    assert notices(town, "buildings-outside")[0].households == 7


def test_slivers_are_merged():
    """A community line a centimetre beside a street leaves no sliver, and the border keeps its class."""
    tables = crossroads([1, 1, 1, 1])
    halves = [shapely.box(0, 0, 100.01, 200), shapely.box(100.01, 0, 200, 200)]
    town = build(tables | {"communities": table(halves)})
    assert len(town.atoms) == 4
    assert is_exact(town, square())


def test_strip_between_carriageways_is_merged():
    """The empty strip between two carriageways is no atom of its own."""
    tables = crossroads([1, 1, 1, 1])
    dual = [line((95, -20), (95, 220)), line((105, -20), (105, 220))]
    town = build(tables | {"streets": table(dual)})
    assert len(town.atoms) == 2


def test_boundary_alone():
    """A boundary without anything in it is one atom without households."""
    town = build({"boundary": table([square()])})
    assert (len(town.atoms), town.households, town.atoms.known.tolist()) == (1, 0, [True])


def test_boundary_with_hole_and_parts():
    """A boundary of two parts, one with a hole, is covered exactly."""
    ring = square().difference(square(40, 80, 80))
    land = shapely.MultiPolygon([ring, square(50, 300, 0)])
    tables = crossroads([1, 1, 1, 1]) | {"boundary": table([land])}
    town = build(tables)
    assert is_exact(town, land)


def test_no_boundary():
    """Without a boundary there is nothing to divide."""
    with pytest.raises(InputError, match="no boundary polygon"):
        build({"streets": table([line((0, 0), (1, 1))])})


def test_same_input_same_bytes():
    """The same tables give the same atoms, bit for bit."""
    first, second = build(crossroads([200, 20, 30, 40])), build(crossroads([200, 20, 30, 40]))
    assert shapely.to_wkb(first.atoms.geometry).tolist() == shapely.to_wkb(second.atoms.geometry).tolist()


def test_homes_on_water_move_ashore():
    """A home whose point lies in the river counts for the nearest land, and is told."""
    tables = river_town()
    tables["buildings"] = table(list(shapely.points([(50, 50), (50, 92)])), households=[10.0, 3.0])
    town = build(tables)
    assert town.households == 13
    assert town.atoms.households[town.atoms.barrier].sum() == 0
    assert town.atoms.households.max() == 13
    assert notices(town, "homes-on-water")[0].households == 3


def test_overlapping_communities_are_told():
    """Where communities overlap the first one has the land, and the area is told."""
    both = table([shapely.box(0, 0, 120, 200), shapely.box(100, 0, 200, 200)])
    town = build({"boundary": table([square()]), "communities": both})
    assert town.atoms.area_m2[town.atoms.community == 0].sum() == pytest.approx(24_000)
    assert notices(town, "communities-overlap")[0].facts["area_m2"] == 4000
    assert is_exact(town, square())


def test_atoms_are_numbered_in_reading_order():
    """Codes run in bands from north to south, and inside a band from west to east."""
    spots = [(x, y) for y in (150, 450, 750) for x in (150, 450, 750)]
    streets = [line((c, -9), (c, 909)) for c in (300, 600)] + [line((-9, c), (909, c)) for c in (300, 600)]
    town = build(
        {
            "boundary": table([square(900)]),
            "streets": table(streets),
            "buildings": table(list(shapely.points(spots)), households=np.arange(9.0)),
        }
    )
    assert town.atoms.households.tolist() == [6, 7, 8, 3, 4, 5, 0, 1, 2]
    assert town.atoms.code[0] == "A1"


def test_params_above_zero():
    """A limit of nothing is refused."""
    with pytest.raises(InputError, match="max_households is 0"):
        AtomParams(max_households=0)


def two_compounds(gates, **columns):
    """Two compounds side by side, with a common wall at x = 100, and gates."""
    return {
        "boundary": table([square()]),
        "compounds": table([shapely.box(0, 0, 100, 200), shapely.box(100, 0, 200, 200)], code=["west", "east"]),
        "gates": table([shapely.Point(*xy) for xy in gates], **columns),
        "buildings": table(list(shapely.points([(50, 50), (150, 50)])), households=[400.0, 400.0]),
    }


@pytest.mark.parametrize(
    ("gates", "passable", "link"),
    [
        ([], [], True),
        ([(0, 50)], [True], False),
        ([(0, 50), (103, 50)], [True, True], True),
        ([(0, 50), (103, 50)], [True, False], False),
    ],
)
def test_walls_let_through_at_gates(gates, passable, link):
    """A compound with gates is left and entered there only; the wall of one without any known gate stops nobody."""
    town = build(two_compounds(gates, passable=np.array(passable, bool)), max_households=500)
    assert rows(town.adjacency) == [(0, 1, "WALL", 200.0, link)]


def test_a_street_through_the_wall_is_a_gate():
    """Where a walkable street leads over the wall of a gated compound, one may walk."""
    tables = two_compounds([(0, 50)]) | {"streets": table([line((60, 30), (140, 30))], **{"class": ["footway"]})}
    assert [row[4] for row in rows(build(tables, max_households=500).adjacency)] == [True]
