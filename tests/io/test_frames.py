"""What breaks the format is found, all of it, with layer, row and a way out."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridgeo.core.model import Table, geometries, texts
from gridgeo.errors import SchemaError
from gridgeo.io.crs import crs_of
from gridgeo.io.frames import checked
from tests.io.raw import UTM, X, Y, square, town, with_column, with_shapes

BOW_TIE = shapely.Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])


def check(tables, crs=UTM, **options):
    return checked(tables, dict.fromkeys(tables, crs), where="t.gpkg", **options)


def faults(tables, crs=UTM):
    with pytest.raises(SchemaError) as caught:
        check(tables, crs)
    return [(fault.kind, fault.layer, fault.row) for fault in caught.value.faults]


def without(layer: str) -> dict:
    return {name: table for name, table in town().items() if name != layer}


BROKEN = {
    "missing layer": (without("boundary"), ("missing-layer", "boundary", None)),
    "missing column": (with_column(town(), "atoms", code=None), ("missing-column", "atoms", None)),
    "missing walkable": (with_column(town(), "streets", walkable=None), ("missing-column", "streets", None)),
    "null walkable": (with_column(town(), "streets", walkable=[1.0, np.nan]), ("missing-value", "streets", 2)),
    "duplicate code": (with_column(town(), "atoms", code=["a", "b", "a"]), ("duplicate-code", "atoms", 3)),
    "empty code": (with_column(town(), "atoms", code=["a", "", "c"]), ("missing-code", "atoms", 2)),
    "negative": (with_column(town(), "atoms", households=[1.0, -3.0, 2.0]), ("negative-households", "atoms", 2)),
    "fraction": (with_column(town(), "atoms", households=[1.0, 2.0, 2.5]), ("non-integer-households", "atoms", 3)),
    "infinite": (with_column(town(), "atoms", households=[np.inf, 2.0, 2.0]), ("too-large", "atoms", 1)),
    "words": (with_column(town(), "atoms", households=["1", "many", "3"]), ("not-a-number", "atoms", 2)),
    "kind": (with_column(town(), "atoms", kind=["urban", "rural", "moon"]), ("unknown-kind", "atoms", 3)),
    "time": (with_column(town(), "places", opens=["noon"]), ("not-a-time", "places", 1)),
    "flag": (with_column(town(), "responders", can_lead=["maybe"]), ("not-yes-or-no", "responders", 1)),
    "bow tie": (with_shapes(town(), "atoms", [square(0), BOW_TIE, square(2)]), ("invalid-ring", "atoms", 2)),
    "null shape": (with_shapes(town(), "atoms", [square(0), None, square(2)]), ("empty-geometry", "atoms", 2)),
    "no points": (
        with_shapes(town(), "atoms", [square(0), square(1), shapely.Polygon()]),
        ("empty-geometry", "atoms", 3),
    ),
    "nan": (
        with_shapes(town(), "stations", [shapely.Point(np.inf, 1)]),
        ("nan-coordinate", "stations", 1),
    ),
    "far": (with_shapes(town(), "stations", [shapely.Point(1e12, 1)]), ("far-coordinate", "stations", 1)),
    "lines for areas": (
        with_shapes(town(), "communities", [shapely.LineString([(X, Y), (X + 1, Y)])]),
        ("wrong-geometry", "communities", 1),
    ),
    "boundary of no area": (with_shapes(town(), "boundary", [shapely.Polygon()]), ("empty-boundary", "boundary", None)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_fault_is_found_with_its_row(name):
    """A town broken in one place gives that fault, in that layer and row."""
    tables, expected = BROKEN[name]
    assert expected in faults(tables)


def test_all_faults_come_at_once():
    """Faults of several layers are raised together, each with a hint."""
    tables = with_column(town(), "atoms", code=["a", "a", "c"], households=[-1.0, 2.0, 3.5])
    tables = with_column(tables, "streets", code=None)
    with pytest.raises(SchemaError) as caught:
        check(tables)
    kinds = {fault.kind for fault in caught.value.faults}
    assert kinds == {"duplicate-code", "negative-households", "non-integer-households", "missing-column"}
    assert all(fault.hint for fault in caught.value.faults)
    assert caught.value.where == "t.gpkg"


@pytest.mark.parametrize(
    ("crs", "kind"),
    [(None, "no-crs"), (crs_of("EPSG:4326"), "geographic-crs"), (crs_of("EPSG:2263"), "not-metric-crs")],
)
def test_crs_must_be_metres(crs, kind):
    """No CRS, degrees and feet are faults of every layer."""
    assert (kind, "atoms", None) in faults(town(), crs)


def test_two_crs_in_one_file_are_a_fault():
    """Layers in different CRSs are refused."""
    crs = dict.fromkeys(town(), UTM) | {"streets": crs_of("EPSG:32651")}
    with pytest.raises(SchemaError, match="mixed-crs"):
        checked(town(), crs)


def test_many_rows_of_one_fault_are_counted():
    """A thousand bad rows give fifty lines and a number."""
    tables = {"boundary": town()["boundary"]}
    n = 1000
    atoms = with_shapes(town(), "atoms", [square(0)] * 3)["atoms"]
    atoms = type(atoms)(
        columns={"code": np.array([str(i) for i in range(n)], object), "households": np.full(n, -1.0)},
        geometry=geometries([square(0)] * n),
    )
    with pytest.raises(SchemaError) as caught:
        check(tables | {"atoms": atoms})
    assert len(caught.value.faults) == 51
    assert "950 more" in caught.value.faults[-1].message


def test_clean_tables_have_every_column_typed():
    """A sound town comes back with defaults filled in, times as seconds and nulls as NaN."""
    tables, notices = check(town())
    assert notices == ()
    places = tables["places"].columns
    assert (places["opens"].tolist(), places["closes"].tolist()) == ([30_600], [61_200])
    assert places["service_s"].tolist() == [0]
    assert tables["streets"].columns["sides"].tolist() == [1, 1]
    assert np.isnan(tables["streets"].columns["width_m"]).all()
    assert np.isnan(tables["atoms"].columns["households"]).tolist() == [False, False, True]
    assert tables["responders"].columns["on_duty"].tolist() == [True]
    assert tables["boundary"].columns["code"].tolist() == ["boundary-1"]


def test_given_coordinates_are_kept_bit_by_bit():
    """Polygons come back with identical coordinates, heights apart."""
    odd = shapely.Polygon([(X + 0.1 + 0.2, Y, 5), (X + 1 / 3, Y + 100, 6), (X + 100, Y + 7e-9, 7)])
    tables, _ = check(with_shapes(town(), "atoms", [odd, square(1), square(2)]))
    assert shapely.equals_identical(tables["atoms"].geometry[0], shapely.force_2d(odd))
    assert not shapely.has_z(tables["atoms"].geometry).any()


def test_codes_are_made_when_allowed():
    """On import missing codes are made, unique, and said so."""
    tables, notices = check(with_column(town(), "atoms", code=["", "atom-1", "c"]), make_codes=True)
    codes = tables["atoms"].columns["code"].tolist()
    assert codes == ["atom-1+", "atom-1", "c"]
    assert [(n.kind, n.where, n.facts) for n in notices] == [("codes-made", "atoms", {"rows": 1})]


def test_personal_columns_are_dropped_with_a_notice():
    """Columns of phones and names never reach the territory, and the notice names them."""
    tables = with_column(town(), "responders", 联系电话=["13812345678"], note=["张三 13812345678"])
    clean, notices = check(tables)
    assert "note" not in clean["responders"].columns
    assert "联系电话" not in clean["responders"].columns
    assert [(n.kind, n.facts["columns"]) for n in notices] == [("personal-data-dropped", "联系电话, note")]


def test_layers_of_no_rows_are_fine():
    """A layer that a GIS left empty is no fault."""
    empty = {
        name: type(t)(columns={k: v[:0] for k, v in t.columns.items()}, geometry=t.geometry[:0])
        for name, t in town().items()
    }
    tables, _ = check(empty | {name: town()[name] for name in ("boundary", "atoms")})
    assert len(tables["streets"]) == 0


def test_atoms_must_say_who_lives_in_them():
    """Atoms without counts are refused by every reader; a column of nulls is an answer, and so are homes."""
    bare = with_column(town(), "atoms", households=None)
    assert ("missing-column", "atoms", None) in faults(bare)
    check(with_column(town(), "atoms", households=[np.nan] * 3))
    homes = Table(columns={"code": texts(["b"])}, geometry=geometries([square(0, size=50)]))
    check(bare | {"buildings": homes})


def test_stretched_metres_are_refused():
    """A file in the metres of web maps is refused with how long they are, and the way out."""
    with pytest.raises(SchemaError) as caught:
        check(town(), crs_of("EPSG:3857"))
    (fault,) = caught.value.faults
    assert (fault.kind, fault.layer) == ("stretched-crs", "boundary")
    assert "1.145 times" in fault.message
    assert "gridgeo import" in fault.hint


def test_units_behind_counts_are_read_away():
    """Counts like 100户 are numbers; how many had a unit is said, and other words stay faults."""
    tables, notices = check(with_column(town(), "atoms", households=["100户", "40 households", "7"]))
    assert tables["atoms"].columns["households"].tolist() == [100.0, 40.0, 7.0]
    assert [(n.kind, n.where, n.facts) for n in notices] == [
        ("units-dropped", "atoms", {"column": "households", "rows": 2})
    ]
    assert ("not-a-number", "atoms", 1) in faults(with_column(town(), "atoms", households=["约户", "3", "7"]))


def test_an_empty_layer_of_atoms_is_no_territory():
    """No atoms, and nothing to make them of: refused. With streets the atoms are made, as where there is no layer."""
    empty = Table(columns={"code": texts([]), "households": np.array([])}, geometry=geometries([]))
    assert ("empty-layer", "atoms", None) in faults({"boundary": town()["boundary"], "atoms": empty})
    assert len(check({"boundary": town()["boundary"], "atoms": empty, "streets": town()["streets"]})[0]["atoms"]) == 0
