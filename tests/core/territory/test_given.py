import numpy as np
import pytest
import shapely

from gridgeo.core.model import Kind, texts
from gridgeo.core.territory import build_territory
from gridgeo.errors import SchemaError
from tests.core.territory.towns import is_exact, line, rows, square, table


def halves(cut=100.0):
    return [shapely.box(0, 0, cut, 200), shapely.box(cut, 0, 200, 200)]


def build(shapes, boundary=None, **more):
    columns = more.pop("columns", {"households": np.array([400.0] * len(shapes))})
    tables = {"boundary": table([boundary or square()]), "atoms": table(shapes, **columns)} | more
    return build_territory(tables, name="given", crs="EPSG:32650")


def notices(territory, kind):
    return [n for n in territory.notices if n.kind == kind]


def test_taken_as_they_are():
    """Atoms that cover the boundary stay bit-exact, in their order, with their codes."""
    shapes = halves(100.1)
    town = build(shapes)
    assert shapely.to_wkb(town.atoms.geometry).tolist() == [shapely.to_wkb(s) for s in shapes]
    assert (town.atoms.code.tolist(), town.atoms.households.tolist()) == (["r0", "r1"], [400, 400])
    assert is_exact(town)
    assert town.notices == ()


def test_outline_becomes_the_boundary():
    """A boundary drawn with fewer vertices than the atoms' outline is replaced by that outline."""
    town = build(halves())
    assert shapely.get_num_coordinates(town.boundary) == 7
    assert town.boundary.equals(square())


def test_null_is_not_zero():
    """An atom without a count is not known and is listed."""
    town = build(halves(), columns={"households": np.array([np.nan, 0.0])})
    assert town.atoms.known.tolist() == [False, True]
    (notice,) = notices(town, "atoms-null")
    assert (notice.where, dict(notice.facts)) == ("r0", {"atoms": 1})


def test_overlaps_are_refused():
    """Overlapping atoms are refused with every pair, its codes and its area."""
    with pytest.raises(SchemaError) as caught:
        build([shapely.box(0, 0, 110, 200), shapely.box(100, 0, 200, 200)])
    (fault,) = caught.value.faults
    assert (fault.kind, fault.row) == ("overlap", 1)
    assert "r0 and r1 share 2000.00" in fault.message


def test_uncovered_land_is_filled():
    """Land of the boundary no atom covers becomes an atom without households, and is told."""
    town = build([shapely.box(0, 0, 100, 200)])
    assert town.atoms.code.tolist() == ["r0", "land-1"]
    assert town.atoms.households.tolist() == [400, 0]
    assert is_exact(town, square())
    assert notices(town, "uncovered-land")[0].facts["area_m2"] == 20_000


def test_atoms_are_cut_at_the_boundary():
    """What lies beyond the boundary is cut off; an atom wholly beyond it is left out; both are told."""
    shapes = [shapely.box(0, 0, 100, 300), shapely.box(100, 0, 200, 200), shapely.box(500, 0, 600, 100)]
    town = build(shapes)
    assert is_exact(town, square())
    assert town.atoms.code.tolist() == ["r0", "r1"]
    assert notices(town, "atoms-fitted")[0].where == "r0"
    assert notices(town, "atoms-outside")[0].where == "r2"


def test_missing_vertices_are_put_in():
    """Atoms that only lack each other's vertices are noded, not refused, and nothing moves."""
    shapes = [shapely.box(0, 0, 100, 200), shapely.box(100, 0, 200, 100), shapely.box(100, 100, 200, 200)]
    town = build(shapes)
    assert is_exact(town, square())
    assert np.allclose(town.atoms.area_m2, [20_000, 10_000, 10_000])
    assert len(town.adjacency) == 3


def test_hairline_gaps_close():
    """A gap of a millimetre between atoms is given to a neighbor instead of becoming an atom."""
    town = build([shapely.box(0, 0, 99.999, 200), shapely.box(100, 0, 200, 200)])
    assert len(town.atoms) == 2
    assert is_exact(town, square())


def test_community_by_column():
    """The community column names the community; without a layer its atoms make one."""
    town = build(halves(), columns={"households": np.array([1.0, 2.0]), "community": texts(["east", "west"])})
    assert town.communities.code.tolist() == ["east", "west"]
    assert town.atoms.community.tolist() == [0, 1]
    assert town.communities.geometry[1].equals(halves()[1])


def test_community_by_largest_overlap():
    """Without a column the largest overlap decides, and borders that disagree are counted."""
    town = build(halves(), communities=table([shapely.box(0, 0, 120, 200), shapely.box(120, 0, 200, 200)]))
    assert town.atoms.community.tolist() == [0, 1]
    (notice,) = notices(town, "borders-disagree")
    assert (notice.households, notice.facts["atoms"], notice.facts["area_m2"]) == (400, 1, 4000.0)
    assert [r[2] for r in rows(town.adjacency)] == ["COMMUNITY"]  # though the communities' own line runs elsewhere


def test_compound_by_word_has_a_wall():
    """The border of an atom that names a compound is a wall."""
    columns = {"households": np.array([1.0, 2.0]), "compound": texts(["r0", ""])}
    town = build(halves(), columns=columns, compounds=table([shapely.box(0, 0, 10, 10)]))
    assert town.atoms.compound.tolist() == [0, -1]
    assert [r[2] for r in rows(town.adjacency)] == ["WALL"]


def test_unknown_community_is_told():
    """A code no layer holds is told, and the place decides."""
    columns = {"households": np.array([1.0, 2.0]), "community": texts(["r1", "nowhere"])}
    town = build(halves(), columns=columns, communities=table(halves()))
    assert town.atoms.community.tolist() == [1, 1]
    assert notices(town, "community-unknown")[0].where == "nowhere"


def test_kind_by_word_and_place():
    """The kind column decides; exclusive land and rural communities decide where it says nothing."""
    columns = {"households": np.array([1.0, 2.0]), "kind": texts(["rural", ""])}
    town = build(halves(), columns=columns, exclusive=table([shapely.box(90, 0, 200, 200)]))
    assert town.atoms.kind.tolist() == [Kind.RURAL, Kind.EXCLUSIVE]
    assert town.atoms.exclusive.tolist() == [-1, 0]


def test_counts_of_buildings_where_areas_have_none():
    """Where no atom has a count, their buildings' counts are summed."""
    spots = list(shapely.points([(50, 50), (50, 90), (150, 50)]))
    buildings = table(spots, households=np.array([5.0, 6.0, 7.0]))
    town = build(halves(), columns={"kind": texts(["", ""])}, buildings=buildings)
    assert (town.atoms.households.tolist(), town.atoms.buildings.tolist()) == ([11, 7], [2, 1])


def test_own_counts_come_before_buildings():
    """Counts of the atoms stand, however many households their buildings say."""
    town = build(halves(), buildings=table([shapely.Point(50, 50)], households=np.array([5.0])))
    assert (town.households, town.atoms.buildings.tolist()) == (800, [1, 0])


def test_streets_near_borders_give_the_class():
    """Borders of given atoms take the class of a street running along a few metres off, not of one that crosses."""
    along = table([line((103, -10), (103, 210)), line((0, 50), (200, 50))], **{"class": ["primary", "primary"]})
    town = build(halves(), streets=along)
    assert [r[2] for r in rows(town.adjacency)] == ["MAIN"]
    assert [r[2] for r in rows(build(halves(), streets=table([line((0, 50), (200, 50))])).adjacency)] == ["OPEN"]


def test_water_without_households_is_a_barrier():
    """A given atom under water without households is barrier land."""
    columns = {"households": np.array([0.0, 2.0])}
    water = table([shapely.box(-1, -1, 100, 201)], kind=["river"])
    assert build(halves(), columns=columns, barriers=water).atoms.barrier.tolist() == [True, False]


def test_exclusive_land_by_whole_atoms_tells_what_that_changes():
    """Exclusive land that cuts through given atoms is told with what it loses and gains; land along them is not."""
    cut = build(halves(), exclusive=table([shapely.box(90, 0, 200, 200)]))
    (told,) = [notice for notice in cut.notices if notice.kind == "exclusive-snapped"]
    atom = float(cut.atoms.area_m2[1])
    drawn = shapely.box(90, 0, 200, 200).intersection(cut.boundary).area
    assert (told.facts["drawn_m2"], told.facts["kept_m2"]) == (round(drawn), round(atom))
    assert told.facts["lost_m2"] - told.facts["gained_m2"] == round(drawn - atom) == told.facts["lost_m2"] > 0
    whole = build(halves(), exclusive=table([cut.atoms.geometry[1]]))
    assert "exclusive-snapped" not in [notice.kind for notice in whole.notices]
