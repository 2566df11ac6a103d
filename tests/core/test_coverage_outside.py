"""Coverage cases other projects publish, and layers as cities publish them."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
import shapely

from gridgeo.core.coverage import CoverageParams, RepairParams, check_polygons, repair_polygons
from gridgeo.core.coverage.outline import outline_of
from gridgeo.core.model import geometries
from tests.shared import SHARED, place, shared

EDGES = {"overlap", "nested", "duplicate", "vertex-mismatch", "drift"}
VOIDS = {"gap", "hole", "missing"}
CASES = SHARED / "topology" / "jts_coverage" / "jts_coverage_cases.json"


def cases() -> list:
    if not CASES.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"real data not present: {CASES}"))]
    return [
        pytest.param(case, id=f"{case['suite']}-{case['test']}-{i}")
        for i, case in enumerate(json.loads(CASES.read_text())["cases"])
    ]


def shape(wkt: str | None):
    """Geometry of a case; surplus closing brackets of the published texts are dropped."""
    if wkt is None:
        return None
    wkt = wkt.replace("))), ((", ")), ((")
    while wkt.count(")") > wkt.count("("):
        wkt = wkt[:-1]
    return shapely.from_wkt(wkt)


def members(wkt: str) -> list:
    """Polygons of a collection text, the empty ones too."""
    return list(shape(wkt).geoms)


def polygons_of(case) -> list:
    first = case["args"][0]
    if isinstance(first, list):
        return [shape(wkt) for wkt in first]
    if case["suite"] == "CoveragePolygonValidatorTest":
        return [shape(first), *shapely.get_parts(shape(case["args"][1]))]
    return members(first)


def without(report, *kinds) -> set[str]:
    return set(report.counts) - {"invalid-ring", "detached-part", *kinds}


def check_valid(report, case):
    assert not without(report)


def check_invalid(report, case):
    """Exactly the polygons with edges named by the case are in findings; for one target, the target is."""
    named = {code for f in report.findings if f.kind in EDGES for code in f.grids}
    if case["suite"] == "CoveragePolygonValidatorTest":
        assert named
    else:
        expected = {str(i + 1) for i, wkt in enumerate(case["args"][1]) if wkt is not None}
        assert expected <= named


def check_narrow_gap(polygons, case):
    """Voids and notches open to the outside are found against the box they lie in, where JTS marks edges."""
    report = check_polygons(geometries(polygons), shapely.box(*shapely.total_bounds(polygons)))
    marked = case["args"][2] if isinstance(case["args"][0], list) else [case["args"][-1]]
    lines = shapely.union_all([shape(wkt) for wkt in marked if wkt is not None])
    bare = shapely.union_all([f.geometry for f in report.findings if f.kind in VOIDS | {"edge-gap"}])
    assert shapely.intersection(bare, lines).length > 0


def check_gaps(report, case):
    gap = next(f for f in report.findings if f.kind in VOIDS)
    assert gap.geometry.equals(shape(case["args"][2]))


def check_union(report, case):
    polygons = members(case["args"][0])
    if not polygons:
        return
    voids = [f.geometry for f in report.findings if f.kind in VOIDS]
    covered = shapely.difference(outline_of(geometries(polygons), 0.0), shapely.union_all(voids))
    assert covered.equals(shape(case["args"][1]))


def check_cleaned(report, case):
    """What needs cleaning has findings; the published result, where there is one, has no double cover left."""
    result = case["args"][-1]
    assert without(report) or (case["check"] == "checkCleanSnap" and isinstance(result, list))
    after = [shape(wkt) for wkt in result] if isinstance(result, list) else result
    if isinstance(after, str):
        after = members(after)
    if isinstance(after, list):
        clean = check_polygons(geometries([p for p in after if not p.is_empty]), None)
        assert not without(clean, *VOIDS)


ANSWERS = {
    "checkValid": check_valid,
    "checkInvalid": check_invalid,
    "checkGaps": check_gaps,
    "checkUnion": check_union,
    "checkError": lambda report, case: without(report) or pytest.fail("the overlap was not found"),
    "checkClean": check_cleaned,
    "checkCleanSnap": check_cleaned,
    "checkCleanGapWidth": check_cleaned,
    "checkCleanOverlapMerge": check_cleaned,
}


@pytest.mark.parametrize("case", cases())
def test_jts_coverage_cases(case):
    """Every published case of the JTS coverage suites gets the answer JTS expects."""
    polygons = polygons_of(case)
    if not polygons:
        assert case["test"] == "testEmpty"
        return
    if "Gap" in case["check"] and "checkInvalid" in case["check"]:
        check_narrow_gap(polygons, case)
    else:
        ANSWERS[case["check"]](check_polygons(geometries(polygons), None), case)


def layer(path, crs=None):
    import geopandas

    frame = geopandas.read_file(path)
    return geometries((frame if crs is None else frame.to_crs(crs)).geometry)


def test_edmonton_neighborhoods():
    """In the projection it was counted in, Edmonton has 18 overlapping pairs of 719 square metres and 49 holes."""
    polygons = layer(shared("topology", "real_layers", "edmonton.geojson"), 3857)
    report = check_polygons(polygons, None, params=CoverageParams(drift_m=1e-9))
    overlaps = [f for f in report.findings if f.kind == "overlap"]
    assert len({f.grids for f in overlaps}) == 18
    assert sum(f.area_m2 for f in overlaps) == pytest.approx(719, abs=0.5)
    assert report.counts["gap"] == 49
    assert report.counts["invalid-ring"] == 2
    usual = check_polygons(polygons, None)
    voids = [f for f in usual.findings if f.surplus < 0]
    assert Counter(f.kind for f in voids) == {"gap": 47, "drift": 2}
    assert sum(f.area_m2 for f in voids if f.kind == "drift") < 1e-5


def test_edmonton_on_the_ellipsoid():
    """In degrees the same pairs overlap, with the geodesic areas of their pairwise intersections."""
    from pyproj import Geod

    geod = Geod(ellps="WGS84")

    def area_of(shapes):
        return np.array([abs(geod.geometry_area_perimeter(s)[0]) for s in shapes])

    polygons = layer(shared("topology", "real_layers", "edmonton.geojson"))
    params = CoverageParams(unit_m=(66_300, 111_300), area_of=area_of)
    found: Counter = Counter()
    for f in check_polygons(polygons, None, params=params).findings:
        if f.kind == "overlap":
            found[f.grids] += f.area_m2
    a, b = shapely.STRtree(polygons).query(polygons)
    sound = (a < b) & shapely.is_valid(polygons[a]) & shapely.is_valid(polygons[b])
    meet = shapely.intersection(polygons[a[sound]], polygons[b[sound]])
    expected = {
        tuple(sorted((str(i + 1), str(j + 1)))): area
        for i, j, area in zip(a[sound], b[sound], area_of(meet), strict=True)
        if area > 0
    }
    assert found.keys() == expected.keys()
    for grids, area in expected.items():
        assert found[grids] == pytest.approx(area, rel=1e-4, abs=1e-6)


def test_singapore_subzones():
    """Singapore's subzones hold 6 invalid rings, 9 overlapping pairs and 14 polygons with edges that do not match."""
    polygons = layer(shared("topology", "real_layers", "singapore_subzones_2019.geojson"), 3414)
    report = check_polygons(polygons, None)
    overlaps = {f.grids for f in report.findings if f.kind == "overlap"}
    assert report.counts["invalid-ring"] == 6
    assert len(overlaps) == 9
    assert len({code for f in report.findings if f.kind in EDGES for code in f.grids}) == 14


@pytest.mark.parametrize(
    ("name", "layer_name"),
    [
        ("tw_taipei_daan", "bsa"),
        ("tw_taipei_zhongshan", "bsa"),
        ("tw_chiayi_east", "bsa"),
        ("gb_camden", "output_areas"),
        ("sg_toa_payoh", "subzones"),
    ],
)
def test_census_areas_cover_their_places(name, layer_name):
    """Published census areas are proven to cover their place's boundary."""
    import geopandas

    polygons = geometries(geopandas.read_file(place(name), layer=layer_name).geometry)
    boundary = shapely.union_all(geopandas.read_file(place(name), layer="boundary").geometry)
    report = check_polygons(polygons, boundary)
    assert report.complete and report.exact, report.counts


def test_villages_do_not_fill_their_district():
    """Daan's villages disagree with its boundary: gaps and overhang add up to the symmetric difference."""
    import geopandas

    polygons = geometries(geopandas.read_file(place("tw_taipei_daan"), layer="villages").geometry)
    boundary = shapely.union_all(geopandas.read_file(place("tw_taipei_daan"), layer="boundary").geometry)
    report = check_polygons(polygons, boundary)
    area = Counter()
    for f in report.findings:
        area[f.kind] += f.area_m2
    union = shapely.union_all(polygons)
    assert area["edge-gap"] == pytest.approx(shapely.difference(boundary, union).area, rel=1e-6)
    assert area["outside"] == pytest.approx(shapely.difference(union, boundary).area, rel=1e-6)


MAPSHAPER = SHARED / "topology" / "mapshaper_clean"
FILES = sorted(MAPSHAPER.glob("*json")) if MAPSHAPER.exists() else []


@pytest.mark.parametrize("path", FILES or [MAPSHAPER / "absent.json"], ids=lambda p: p.stem)
def test_mapshaper_cases(path):
    """Every layer mapshaper cleans is answered; its double ground equals what union and areas say."""
    shared("topology", "mapshaper_clean", path.name)
    document = json.loads(path.read_text())
    parts = document.get("features") or document.get("geometries") or [document]
    shapes = [shapely.from_geojson(json.dumps(part.get("geometry", part))) for part in parts]
    assert shapes
    report = check_polygons(geometries(shapes), None, params=CoverageParams(drift_m=0))
    if all(s.is_valid and s.geom_type in ("Polygon", "MultiPolygon") for s in shapes):
        union = shapely.union_all(shapes)
        excess = sum(s.area for s in shapes) - union.area
        double = sum(f.area_m2 * (len(f.grids) - 1) for f in report.findings if f.kind in EDGES)
        assert double == pytest.approx(excess, rel=1e-6, abs=1e-9 * union.area)
    else:
        assert report.counts["invalid-ring"] >= 1


def test_geoplanar_case():
    """The layer geoplanar snaps has one void, and the areas of its findings are those of the overlay."""
    polygons = layer(shared("topology", "geoplanar", "possibly_invalid_snap.gpkg"))
    report = check_polygons(polygons, None)
    union = shapely.union_all(polygons)
    voids = sum(shapely.Polygon(hole).area for part in shapely.get_parts(union) for hole in part.interiors)
    assert report.counts == {"gap": 1}
    assert report.findings[0].area_m2 == pytest.approx(voids, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "crs"), [("edmonton", 3857), ("singapore_subzones_2019", 3414)])
def test_real_layers_are_repaired_to_the_last_face(name, crs):
    """Published layers are repaired and aligned until only broken rings and parts that lie apart are left."""
    polygons = layer(shared("topology", "real_layers", f"{name}.geojson"), crs)
    done = repair_polygons(polygons, None, params=RepairParams(align=True))
    assert set(done.report.counts) <= {"invalid-ring", "detached-part"}
    named = {code for proposal in done.proposals for code in proposal.before}
    same = [new is old for new, old in zip(done.polygons, polygons, strict=True)]
    assert {str(row + 1) for row, kept in enumerate(same) if not kept} <= named
    assert shapely.area(done.polygons).min() > 0
