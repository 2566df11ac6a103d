"""After noding, polygons that touch stay together under any change of coordinates."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely

from gridgeo.core.coverage import check_polygons
from gridgeo.core.model import geometries
from gridgeo.io.crs import crs_of, transformed
from gridgeo.io.datum import to_wgs84
from gridgeo.io.formats import read_layers
from gridgeo.io.noding import noded
from tests.shared import place

LEFT = shapely.box(116.0, 39.0, 116.02, 39.02)
STEPS = (39.0, 39.005, 39.01, 39.015, 39.02)
RIGHT = [shapely.box(116.02, low, 116.04, high) for low, high in pairwise(STEPS)]
TOP = shapely.box(116.0, 39.02, 116.04, 39.05)


def degrees():
    return geometries([LEFT, *RIGHT, TOP])


def test_projection_opens_a_border_that_is_not_noded():
    """Without noding, a straight edge parts from the vertices of its neighbor when projected."""
    assert not shapely.coverage_is_valid(transformed(degrees(), "OGC:CRS84", "EPSG:32650"))


def test_projection_keeps_a_noded_border():
    """With noding the projected polygons are an exact coverage."""
    moved = transformed(noded(degrees()), "OGC:CRS84", "EPSG:32650")
    assert shapely.coverage_is_valid(moved)


def test_holes_and_parts_are_noded():
    """Vertices are put into holes and second parts, and the shapes stay what they are."""
    frame = shapely.box(0, 0, 10, 10).difference(shapely.box(2, 2, 8, 8))
    inside = [shapely.box(2, 2, 5, 8), shapely.box(5, 2, 8, 8)]
    apart = shapely.MultiPolygon([shapely.box(20, 0, 30, 10), shapely.box(10, 5, 15, 10)])
    given = geometries([frame, *inside, apart])
    out = noded(given)
    assert shapely.get_num_coordinates(out).tolist() == [10 + 2 + 1, 5, 5, 10]
    assert shapely.equals(out, given).all()
    assert shapely.is_valid(out).all()
    assert out[3].geom_type == "MultiPolygon"


def test_nothing_to_do_changes_nothing():
    """A grid of squares comes back identical."""
    given = geometries(shapely.box(np.arange(5), 0, np.arange(5) + 1, 1))
    assert shapely.equals_identical(noded(given), given).all()
    assert len(noded(geometries([]))) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("town", "layer", "target"),
    [("tw_taipei_daan", "bsa", "EPSG:32651"), ("gb_camden", "output_areas", "EPSG:32630")],
)
@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_real_areas_stay_an_exact_coverage(town, layer, target, datum):
    """Areas proved to cover their union exactly do so after a transform, and after a shift of datum on the way."""
    read = read_layers(place(town), [layer])[layer]
    before = read.table.geometry
    edge = shapely.coverage_union_all(before)
    assert check_polygons(before, edge).complete
    degrees = transformed(noded(np.append(before, edge)), read.crs, "OGC:CRS84")
    if datum == "gcj02":
        degrees = geometries(shapely.transform(degrees, lambda xy: to_wgs84(xy, datum)))
    after = transformed(degrees, "OGC:CRS84", crs_of(target))
    report = check_polygons(after[:-1], after[-1])
    assert report.complete and report.exact
