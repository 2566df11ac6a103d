"""The sample territory: what its README promises, read with the project's own codec."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely import STRtree

from gridgeo.core.kernel.graph import components
from tests.geopackages import read_file

DATA = Path(__file__).parents[1] / "data"
SAMPLE = DATA / "sample.gpkg"
LAYERS = {
    "boundary": {"code", "name"},
    "communities": {"code", "name", "subdistrict", "county", "kind"},
    "buildings": {"code", "households", "floors", "compound", "source"},
    "compounds": {"code", "name"},
    "streets": {"code", "name", "class", "walkable", "sides", "width_m"},
    "barriers": {"code", "kind", "crossable"},
    "exclusive": {"code", "name"},
    "places": {"code", "name", "kind", "service_s", "opens", "closes", "visits_per_day"},
    "stations": {"code", "grid"},
    "emergency_units": {"code", "name", "kind", "need", "max_walk_s"},
    "responders": {"code", "capacity", "can_lead", "on_duty"},
    "current_grids": {"code", "name", "kind", "community", "households"},
}


@pytest.fixture(scope="module")
def sample():
    return read_file(SAMPLE)[0]


def edges(polygon) -> Counter:
    """Undirected edges of a polygon's outline."""
    ring = [tuple(xy) for xy in shapely.get_coordinates(polygon.exterior).tolist()]
    return Counter(tuple(sorted(pair)) for pair in pairwise(ring))


def households(sample) -> dict[str, int]:
    """Counted households of each community, by code."""
    communities, buildings = sample["communities"], sample["buildings"]
    points = shapely.point_on_surface(buildings.geometry)
    row, owner = STRtree(communities.geometry).query(points, predicate="within")
    total = np.bincount(owner, np.nan_to_num(buildings.columns["households"])[row], len(communities))
    return dict(zip(communities.columns["code"].tolist(), total.astype(int).tolist(), strict=True))


@pytest.fixture(scope="module")
def made_again(tmp_path_factory) -> tuple[Path, str]:
    """The sample made again, and what the script said."""
    path = tmp_path_factory.mktemp("again") / "sample.gpkg"
    command = [sys.executable, str(DATA / "make_sample.py"), str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return path, done.stdout


def test_layers(sample):
    """The sample holds every raw layer with its columns, and no atoms."""
    assert {name: set(table.columns) for name, table in sample.items()} == LAYERS


def test_size():
    """The file is smaller than 6 MB."""
    assert SAMPLE.stat().st_size < 6_000_000


@pytest.mark.slow
def test_remake(made_again):
    """The script makes the file again, byte for byte, under the geometry library it was made with."""
    if shapely.geos_version != (3, 14, 1):
        pytest.skip(f"the sample was made with GEOS 3.14.1, this is {shapely.geos_version_string}")
    assert hashlib.sha256(made_again[0].read_bytes()).digest() == hashlib.sha256(SAMPLE.read_bytes()).digest()


@pytest.mark.slow
def test_remake_content(made_again):
    """Whatever the geometry library, the remade layers hold nearly as many rows and households."""
    again, first = read_file(made_again[0])[0], read_file(SAMPLE)[0]
    assert list(again) == list(first)
    for name in first:
        assert len(again[name]) == pytest.approx(len(first[name]), rel=0.05), name
    assert sum(households(again).values()) == pytest.approx(sum(households(first).values()), rel=0.02)


@pytest.mark.slow
def test_readme(made_again):
    """The README gives every layer's row count and every planted fault's grids as the script does."""
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert f"{sum(households(read_file(SAMPLE)[0]).values()):,} households" in readme
    for line in made_again[1].splitlines():
        words = line.split()
        if words[0] in LAYERS:
            assert f"| {words[0]} | {int(words[1]):,} |" in readme
        else:
            codes = [word for word in words if word.isdigit()]
            rows = [row for row in readme.splitlines() if row.startswith(f"| {words[0].split('-')[0]}")]
            assert any(all(code in row for code in codes) for row in rows), line


def test_codes(sample):
    """Codes are unique in every layer, and those of communities follow the 12-digit scheme."""
    assert {"communities", "streets"} <= sample.keys()
    for name, table in sample.items():
        codes = table.columns["code"].tolist()
        assert len(set(codes)) == len(codes), name
    communities = sample["communities"].columns
    for code, kind in zip(communities["code"].tolist(), communities["kind"].tolist(), strict=True):
        assert len(code) == 12
        assert code.startswith("429831")
        assert (int(code[-3:]) >= 200) == (kind == "rural")


def test_millimetres(sample):
    """Every coordinate is a whole number of millimetres, easting before northing, and every shape is valid."""
    assert {"communities", "streets"} <= sample.keys()
    for name, table in sample.items():
        xy = shapely.get_coordinates(table.geometry)
        assert np.abs(xy * 1000 - np.round(xy * 1000)).max() < 1e-3, name
        assert (xy[:, 0] < 1_000_000).all(), name
        assert (xy[:, 1] > 3_000_000).all(), name
        assert shapely.is_valid(table.geometry).all(), name


def test_communities_tile(sample):
    """The communities fill the boundary exactly: same edges outside, every inner edge shared by two."""
    communities, boundary = sample["communities"].geometry, sample["boundary"].geometry[0]
    assert len(communities) == 18
    assert shapely.coverage_is_valid(communities)
    total = sum((edges(c) for c in communities), Counter())
    assert {edge for edge, times in total.items() if times == 1} == set(edges(boundary))
    assert max(total.values()) == 2


def test_area(sample):
    """The territory covers 8 to 12 square kilometres under three subdistricts."""
    assert 8e6 < sample["boundary"].geometry[0].area < 12e6
    assert len(set(sample["communities"].columns["subdistrict"].tolist())) == 3


def test_households(sample):
    """About 20,000 households are counted, and a few homes are not."""
    counts = sample["buildings"].columns["households"]
    assert 19_500 < np.nansum(counts) < 20_500
    assert 20 < np.isnan(counts).sum() < 60
    assert np.nanmax(counts) <= 500


def test_rural(sample):
    """Villages hold few households on much land; every urban community has enough for a grid."""
    held = households(sample)
    rural = {code for code in held if code[-3:] >= "200"}
    assert len(rural) == 4
    assert 800 < sum(held[code] for code in rural) < 2_000
    assert all(held[code] >= 300 for code in held if code not in rural)


def test_no_plan_inside_one(sample):
    """One urban community cannot be cut into grids of 300 to 500: too many for one, too few for two."""
    assert [code for code, n in households(sample).items() if 500 < n < 600] == ["429831002001"]


def test_buildings_inside(sample):
    """Every building lies inside the territory and off the water, and no two overlap."""
    shapes = sample["buildings"].geometry
    assert shapely.covers(sample["boundary"].geometry[0], shapes).all()
    barriers = sample["barriers"]
    assert not shapely.intersects(shapely.union_all(barriers.geometry), shapes).any()
    a, b = STRtree(shapes).query(shapes, predicate="intersects")
    assert shapely.area(shapely.intersection(shapes[a[a < b]], shapes[b[a < b]])).sum() == 0


def test_buildings_off_streets(sample):
    """No building stands on a street, for its full width."""
    streets = sample["streets"]
    surface = shapely.buffer(streets.geometry, streets.columns["width_m"] / 2, cap_style="flat")
    assert STRtree(surface).query(sample["buildings"].geometry, predicate="intersects").size == 0


def test_streets_connected(sample):
    """All walkable streets hang together through exactly shared end vertices."""
    streets = sample["streets"]
    lines = streets.geometry[streets.columns["walkable"]]
    ends = np.array([line.coords[i] for line in lines for i in (0, -1)])
    _, node = np.unique(ends, axis=0, return_inverse=True)
    labels = components(node.max() + 1, node.reshape(-1, 2)[:, 0], node.reshape(-1, 2)[:, 1])
    assert len(np.unique(labels)) == 1


def test_streets_noded(sample):
    """Streets meet at their ends only: no line passes through the inside of another."""
    lines = sample["streets"].geometry
    a, b = STRtree(lines).query(lines, predicate="crosses")
    assert len(a) == len(b) == 0
    assert shapely.length(lines).min() > 1.0


def test_crossings(sample):
    """River and railway can be crossed, at a handful of places each."""
    lines, barriers = sample["streets"].geometry, sample["barriers"]
    kinds = barriers.columns["kind"].tolist()
    assert 3 <= shapely.crosses(lines, barriers.geometry[kinds.index("river")]).sum() <= 8
    assert 2 <= shapely.crosses(lines, barriers.geometry[kinds.index("railway")]).sum() <= 8


def test_compounds(sample):
    """Compounds do not overlap, each holds homes, and several hold more than 500 households."""
    compounds, buildings = sample["compounds"], sample["buildings"].columns
    a, b = STRtree(compounds.geometry).query(compounds.geometry, predicate="overlaps")
    assert len(a) == len(b) == 0
    held = Counter()
    counts = np.nan_to_num(buildings["households"]).astype(int).tolist()
    for code, count in zip(buildings["compound"].tolist(), counts, strict=True):
        held[code] += count
    assert all(held[code] > 0 for code in compounds.columns["code"].tolist())
    assert sum(held[code] > 500 for code in compounds.columns["code"].tolist()) >= 4


def test_gates(sample):
    """A street leads through the wall of every compound."""
    walls = shapely.boundary(sample["compounds"].geometry)
    gated = STRtree(sample["streets"].geometry).query(walls, predicate="crosses")[0]
    assert len(np.unique(gated)) == len(walls)


def test_life(sample):
    """Stations stand on streets; units are schools, hospitals, malls, markets; most responders are on duty."""
    streets = STRtree(sample["streets"].geometry)
    stations = sample["stations"].geometry
    assert 50 <= len(stations) <= 60
    assert len(streets.query(stations, predicate="intersects")[0]) >= len(stations)
    assert set(sample["emergency_units"].columns["kind"].tolist()) == {"school", "hospital", "mall", "market"}
    posts = sample["responders"].columns
    assert 300 <= len(sample["responders"]) <= 600
    assert 0.85 < posts["on_duty"].mean() < 1
    assert 0 < posts["can_lead"].mean() < 0.5


def test_hours(sample):
    """Hours of places are seconds of the day."""
    columns = sample["places"].columns
    assert (columns["opens"] >= 0).all()
    assert (columns["opens"] < columns["closes"]).all()
    assert (columns["closes"] <= 86_400).all()


def test_faults_planted(sample):
    """Today's grids leave gaps, overlap, stick out, fall apart, and stand twice in the register."""
    grids, boundary = sample["current_grids"], sample["boundary"].geometry[0]
    union = shapely.union_all(grids.geometry)
    assert boundary.difference(union).area > 2_500
    assert union.difference(boundary).area > 500
    a, b = STRtree(grids.geometry).query(grids.geometry, predicate="overlaps")
    assert len(a[a < b]) >= 4
    assert (shapely.get_num_geometries(grids.geometry) == 2).sum() == 1
    assert len({shape.wkb for shape in grids.geometry}) == len(grids) - 1


def test_vertex_faults_planted(sample):
    """One grid has a corner written twice, and another a corner 2 cm beside that of its neighbor."""
    grids = sample["current_grids"].geometry
    rings = [shapely.get_coordinates(g.exterior) for g in grids if g.geom_type == "Polygon"]
    assert sum((np.diff(ring, axis=0) == 0).all(axis=1).any() for ring in rings) == 1
    corners, uses = np.unique(np.vstack([ring[:-1] for ring in rings]), axis=0, return_counts=True)
    a, b = STRtree(shapely.points(corners)).query(shapely.points(corners), predicate="dwithin", distance=0.021)
    apart = np.hypot(*(corners[a[a < b]] - corners[b[a < b]]).T)
    assert np.isclose(apart, 0.02, atol=5e-4).any()
    assert uses.max() > 2


def test_sizes_planted(sample):
    """Some of today's urban grids hold fewer than 300 households, some more than 500."""
    columns = sample["current_grids"].columns
    urban = columns["households"][columns["kind"] == "urban"]
    assert (urban < 300).sum() >= 2
    assert (urban > 500).sum() >= 2
