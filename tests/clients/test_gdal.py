"""GDAL's OAPIF driver reads the service as it reads any OGC API."""

from __future__ import annotations

import pyogrio
import pytest
import shapely

from tests.instances import CRS, ORIGIN

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def source(address):
    """The service as GDAL names it."""
    if "OAPIF" not in pyogrio.list_drivers():
        pytest.skip("this GDAL has no OAPIF driver")
    return f"OAPIF:{address}"


def test_layers_are_listed(source):
    """GDAL finds the collections."""
    listed = {row[0] for row in pyogrio.list_layers(source)}
    assert {"grids", "atoms", "streets", "places"} <= listed


def test_features_are_read_page_by_page(source):
    """All atoms come over several pages, with their columns."""
    frame = pyogrio.read_dataframe(source, layer="atoms", PAGE_SIZE="10")
    assert len(frame) == 36 and frame["households"].sum() == 3600
    assert set(frame["grid"]) == {f"g{i}" for i in range(9)}


def test_a_box_is_asked_of_the_server(source, address):
    """A box given to GDAL finds what lies there."""
    grids = pyogrio.read_dataframe(source, layer="grids")
    west, south, east, north = grids.geometry[4].buffer(-1e-4).bounds
    inside = pyogrio.read_dataframe(source, layer="grids", bbox=(west, south, east, north))
    assert inside["code"].tolist() == ["g4"]


def test_the_own_system_comes_back_as_it_is_kept(source):
    """Asked for the territory's own CRS, GDAL reads the very metres of the plan."""
    frame = pyogrio.read_dataframe(source, layer="grids", CRS=CRS)
    assert frame.crs.to_string() == CRS
    assert shapely.bounds(frame.geometry[0]) - [*ORIGIN, *ORIGIN] == pytest.approx([0, 0, 200, 200], abs=2e-3)


def test_filters_reach_the_server(source):
    """GDAL sends a where clause as CQL2 and reads what is left."""
    frame = pyogrio.read_dataframe(source, layer="grids", where="code = 'g3' OR code = 'g7'")
    assert sorted(frame["code"]) == ["g3", "g7"]
