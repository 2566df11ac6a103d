"""Territories and plans survive the way through tables, value by value."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
import shapely

from gridgeo.core.model import (
    Areas,
    Barriers,
    Buildings,
    EmergencyUnits,
    Gates,
    Notice,
    Places,
    Plan,
    Responders,
    Stations,
    Table,
    Territory,
    geometries,
    texts,
)
from gridgeo.core.tables import (
    notices_of,
    notices_text,
    plan_of,
    plan_tables,
    says_hash,
    tables_hash,
    territory_hash,
    territory_of,
    territory_tables,
)
from gridgeo.errors import InputError
from tests.instances import ORIGIN, lattice
from tests.instances import plan_of as label


def same(a, b, where="") -> None:
    """Assert that two nouns are equal in every value, type and shape."""
    if is_dataclass(a):
        assert type(a) is type(b)
        for spec in fields(a):
            same(getattr(a, spec.name), getattr(b, spec.name), f"{where}.{spec.name}")
    elif isinstance(a, np.ndarray) and len(a) and isinstance(a[0], shapely.Geometry):
        assert shapely.equals_identical(a, b).all(), where
    elif isinstance(a, np.ndarray):
        assert (a.dtype, a.shape) == (b.dtype, b.shape), where
        np.testing.assert_array_equal(a, b, err_msg=where)
    else:
        assert a == b, where


def full() -> Territory:
    """A lattice with rows in every table, nulls and links to nothing."""
    t = lattice(2, 3, [10, 0, 30, 40, 50, 60], community=[0, 0, 1, 1, -1, 1], compound=[0, 0, -1, -1, 1, -1])
    xy = ORIGIN + np.array([[10.0, 10.0], [110.1, 20.3]])
    names = texts(["甲", ""])
    ints = np.array([1, 2])
    no = np.array([True, False])
    atoms = replace(t.atoms, known=np.array([True, False, True, True, True, True]), estimated=np.arange(6) == 4)
    atoms = replace(atoms, spread=np.array([0, 0, 0, 0, 45, 0]))
    return replace(
        t,
        streets=replace(t.streets, level=np.arange(len(t.streets.code), dtype=np.int8) % 3 - np.int8(1)),
        atoms=replace(atoms, kind=np.array([0, 1, 2, 0, 0, 1], np.int8), exclusive=np.array([-1, 0] * 3, np.int32)),
        exclusive=Areas(code=texts(["e"]), name=texts(["park"]), geometry=geometries([shapely.box(0, 0, 1, 1)])),
        barriers=Barriers(
            code=texts(["r", "w"]),
            kind=texts(["river", "wall"]),
            crossable=no,
            geometry=geometries([shapely.box(0, 0, 1, 1), shapely.LineString([(0, 0), (1, 1)])]),
        ),
        buildings=Buildings(
            code=texts(["b0", "b1"]),
            geometry=geometries(shapely.points(xy)),
            households=np.array([5, 0]),
            known=no,
            estimated=no,
            floors=ints,
            compound=np.array([-1, 1], np.int32),
        ),
        places=Places(
            code=texts(["p0", "p1"]),
            name=names,
            kind=names,
            xy=xy,
            service_s=ints,
            opens=ints,
            closes=ints,
            visits_per_day=np.array([0.5, 2]),
        ),
        stations=Stations(code=texts(["s0", "s1"]), xy=xy, grid=names),
        gates=Gates(code=texts(["t0", "t1"]), xy=xy, passable=no, opens=ints, closes=ints),
        emergency_units=EmergencyUnits(
            code=texts(["u0", "u1"]), name=names, kind=names, xy=xy, need=ints, max_walk_s=ints
        ),
        responders=Responders(code=texts(["q0", "q1"]), xy=xy, capacity=ints, can_lead=no, on_duty=~no),
        notices=(Notice(kind="null-households", where="a1", facts={"atoms": 1}),),
    )


def back(t: Territory) -> Territory:
    return territory_of(territory_tables(t), name=t.name, crs=t.crs, notices=t.notices)


@pytest.mark.parametrize("territory", [full(), lattice(1, 1)], ids=["full", "bare"])
def test_territory_round_trip_is_exact(territory):
    """Tables of a territory give the same territory, in every value and type."""
    again = back(territory)
    assert (again.name, again.crs, again.notices) == (territory.name, territory.crs, territory.notices)
    same(again, territory)


def test_events_are_kept_where_there_are_any():
    """Events of atoms come back; a territory without any has no such column, so that older hashes hold."""
    bare = full()
    told = replace(bare, atoms=replace(bare.atoms, events_per_day=np.arange(len(bare.atoms)) / 4))
    same(back(told), told)
    assert "events_per_day" not in territory_tables(bare)["atoms"].columns
    assert "events_per_day" in territory_tables(told)["atoms"].columns


def test_plan_round_trip_is_exact():
    """Tables of a plan give the same plan."""
    plan = label(full(), [0, 0, 1, 0, 1, 1])
    plan = replace(plan, notices=(Notice(kind="over-size", where="g0"),), band=(10, 80))
    t = plan.territory
    again = plan_of(
        plan_tables(plan), name=t.name, crs=t.crs, band=plan.band, notices=t.notices, plan_notices=plan.notices
    )
    assert isinstance(again, Plan)
    same(again, plan)


def test_unknown_households_are_null():
    """An atom without a count has a null in the table, not a zero."""
    assert np.isnan(territory_tables(full())["atoms"].columns["households"]).tolist() == [False, True] + [False] * 4


def test_links_are_written_as_codes():
    """Communities and compounds of atoms are codes, empty for none."""
    columns = territory_tables(full())["atoms"].columns
    assert columns["compound"].tolist() == ["c0", "c0", "", "", "c1", ""]
    assert columns["community"][4] == ""


def test_hash_depends_on_content_only():
    """The hash is the same after a round trip and other after a change of one household."""
    t = full()
    assert territory_hash(back(t)) == territory_hash(t)
    households = t.atoms.households.copy()
    households[0] += 1
    assert territory_hash(replace(t, atoms=replace(t.atoms, households=households))) != territory_hash(t)


def test_hash_of_plan_tables_is_that_of_the_territory():
    """Drawing a plan does not change the hash of the territory it is drawn on."""
    plan = label(full(), [0, 0, 1, 0, 1, 1])
    assert tables_hash(plan_tables(plan)) == territory_hash(plan.territory)


def test_atom_without_grid_is_an_input_error():
    """A plan's tables in which an atom has no grid are refused, with the atom."""
    tables = plan_tables(label(lattice(1, 2), [0, 1]))
    tables["atoms"].columns["grid"][1] = ""
    with pytest.raises(InputError, match="no grid") as caught:
        plan_of(tables, name="", crs="EPSG:32650")
    assert caught.value.where == "atoms a1"


def test_unknown_code_is_an_input_error():
    """An atom in a community that does not exist is refused."""
    tables = territory_tables(lattice(1, 2))
    tables["atoms"].columns["community"][0] = "nowhere"
    with pytest.raises(InputError, match="nowhere"):
        territory_of(tables, name="", crs="EPSG:32650")


@pytest.mark.parametrize("text", ["[" * 100_000, "{", '[{"kind": "a"}]', "[1]"])
def test_foreign_notices_are_input_errors(text):
    """Text that is no list of notices is refused."""
    with pytest.raises(InputError):
        notices_of(text)


def test_notices_round_trip():
    """Notices come back from their text, numbers of numpy as plain ones."""
    given = (Notice(kind="a", where="甲", households=3, facts={"n": np.int64(4), "s": "x"}), Notice(kind="b"))
    assert notices_of(notices_text(given)) == given
    assert notices_of("") == ()


def test_hash_of_the_first_format_is_known():
    """A file that says its hash in the first format is still known to be as it was written."""
    stations = Table(columns={"code": texts(["s1"]), "grid": texts([""])}, geometry=shapely.points([[1.0, 2.0]]))
    first = "060004c117c9a20d616b06f1823e10c4ad67803e9599b04cda694fa5cc81d8f3"
    assert says_hash(first, {"stations": stations}) and says_hash(
        tables_hash({"stations": stations}), {"stations": stations}
    )
    assert not says_hash(first, {})
