"""CRSs are named, judged and chosen rightly."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely

from gridgeo.core.model import geometries
from gridgeo.errors import InputError
from gridgeo.io.crs import crs_in_file, crs_of, is_metric, local_zone, lonlat, transformed


def test_codes_survive():
    """A CRS from its WKT is known by its code again."""
    crs = crs_of("EPSG:3826")
    assert crs_of(crs.definition).text == crs.text == "EPSG:3826"


def test_custom_systems_get_a_stable_number():
    """A system without a code is kept as WKT under a number of its own, the same each time."""
    own = pyproj.CRS.from_proj4("+proj=tmerc +lon_0=114.3 +x_0=800000 +ellps=GRS80 +units=m")
    crs = crs_of(own)
    assert crs == crs_of(own)
    assert crs.organization == "NONE"
    assert 100_000 <= crs.srs_id < 900_000
    assert is_metric(crs)


@pytest.mark.parametrize("text", ["EPSG:1", "nonsense", "", "EPSG:999999"])
def test_unknown_names_are_input_errors(text):
    """A name nobody knows is an error of ours."""
    with pytest.raises(InputError):
        crs_of(text)


@pytest.mark.parametrize(
    ("place", "source", "zone"),
    [
        ((121.5, 31.2), "EPSG:4326", "EPSG:32651"),
        ((121.4, 31.2), "EPSG:4490", "EPSG:4549"),
        ((120.0, 30.0), "EPSG:4490", "EPSG:4549"),
        ((180.0, 0.0), "EPSG:4326", "EPSG:32660"),
        ((-0.1, 51.5), "EPSG:4490", "EPSG:32630"),
    ],
)
def test_zone_of_a_place(place, source, zone):
    """CGCS2000 data in China get their 3-degree Gauss-Krüger zone, others UTM."""
    crs = local_zone(*place, source)
    assert crs.text == zone
    x, _ = pyproj.Transformer.from_crs("EPSG:4326", crs.text, always_xy=True).transform(*place)
    assert 100_000 < x < 900_000


def test_transform_and_back():
    """Going to a zone and back returns within a tenth of a micrometre's worth of degrees."""
    shape = geometries([shapely.Point(116.4, 39.9), shapely.box(116, 39, 117, 40)])
    there = transformed(shape, "OGC:CRS84", "EPSG:4548")
    back = shapely.get_coordinates(transformed(there, "EPSG:4548", "OGC:CRS84"))
    assert np.abs(back - shapely.get_coordinates(shape)).max() < 1e-11


def test_lonlat_of_nothing():
    """No points give no points."""
    assert lonlat([], "EPSG:32650") == []


LOCAL = 'LOCAL_CS["Undefined SRS",LOCAL_DATUM["unknown",32767],UNIT["m",1],AXIS["X",EAST],AXIS["Y",NORTH]]'


def test_a_system_without_a_place_is_none():
    """What files call an engineering or a vertical CRS counts as no CRS, a compound one on the earth as one."""
    assert crs_in_file(LOCAL) is None
    assert crs_in_file("EPSG:5701") is None
    assert crs_in_file("EPSG:7405").text == "EPSG:7405"


def test_no_way_to_the_earth():
    """A CRS that cannot be transformed is an error that names both, not one of the library's."""
    with pytest.raises(InputError, match="no way from Undefined SRS to"):
        lonlat([(1.0, 2.0)], LOCAL)


@pytest.mark.parametrize(
    "text", ["+init=/etc/hosts:x", "+proj=longlat +nadgrids=/etc/hosts", "/etc/hosts", "WGS 84", ""]
)
def test_files_name_no_other_files(text):
    """A PROJ string, which could have other files read, is not taken from a file."""
    with pytest.raises(InputError, match="not the name"):
        crs_in_file(text)
