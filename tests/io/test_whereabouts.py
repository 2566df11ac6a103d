"""Where layers without a CRS may lie is proposed from their numbers; coordinates north first are turned when told."""

from __future__ import annotations

import pytest
import shapely

from gridgeo.core.model import geometries
from gridgeo.errors import InputError, SchemaError
from gridgeo.io.importer import Request, import_request
from gridgeo.io.importer.whereabouts import proposals


@pytest.mark.parametrize(
    ("box", "proposed"),
    [
        ((116.3, 39.8, 116.5, 40.0), ["EPSG:4326, from Chinese map apps"]),
        ((39.8, 116.3, 40.0, 116.5), ["--swap ROLE --crs EPSG:4326"]),
        ((31.1, 86.0, 31.3, 86.2), ["--swap ROLE --crs EPSG:4326", "longitude and latitude"]),
        ((7.40, 43.7, 7.44, 43.8), ["EPSG:4326"]),
        ((39_400_000, 4_400_000, 39_500_000, 4_500_000), ["zone 39 of 3 degrees: --crs EPSG:4527"]),
        ((4_400_000, 39_400_000, 4_500_000, 39_500_000), ["north stands before east", "EPSG:4527"]),
        ((20_400_000, 4_400_000, 20_500_000, 4_500_000), ["zone 20 of 6 degrees: --crs EPSG:4498"]),
        ((13_400_000, 3_600_000, 13_450_000, 3_700_000), ["zone 13 of 6 degrees", "EPSG:3857"]),
        ((400_000, 4_400_000, 500_000, 4_500_000), ["EPSG:4534", "EPSG:32643"]),
        ((4_400_000, 400_000, 4_500_000, 500_000), ["--swap ROLE --crs EPSG:4534"]),
        ((1.0e12, 0, 1.1e12, 1), []),
    ],
)
def test_proposals(box, proposed):
    """Degrees, swapped axes, zone numbers before the easting, bare metres and web maps are told apart."""
    said = proposals(geometries([shapely.box(*box)]))
    text = "; ".join(said)
    assert all(word in text for word in proposed)
    assert bool(said) == bool(proposed)


def csv(path, rows):
    lines = ["code,households,wkt", *(f'{code},{n},"{shape.wkt}"' for code, n, shape in rows)]
    path.write_text("\n".join(lines))
    return str(path)


def test_a_missing_crs_is_asked_for_with_proposals(tmp_path):
    """The fault of a layer without a CRS tells which option would say it."""
    path = csv(tmp_path / "atoms.csv", [("a", 3, shapely.box(39_400_000, 4_400_000, 39_400_100, 4_400_100))])
    with pytest.raises(SchemaError) as caught:
        import_request(Request(sources=(path,)))
    (fault,) = caught.value.faults
    assert (fault.kind, fault.layer) == ("no-crs", "atoms")
    assert "--crs EPSG:4527" in fault.hint
    assert import_request(Request(sources=(path,), crs="EPSG:4527")).territory.households == 3


def test_axes_are_turned_when_told(tmp_path):
    """Latitude first becomes longitude first for the roles named, and lands at the true place."""
    rows = [
        ("a", 3, shapely.box(39.90, 116.30, 39.901, 116.301)),
        ("b", 4, shapely.box(39.90, 116.301, 39.901, 116.302)),
    ]
    path = csv(tmp_path / "atoms.csv", rows)
    request = Request(sources=(path,), crs="EPSG:4326", swapped=("atoms",))
    territory = import_request(request).territory
    assert territory.crs == "EPSG:32650"
    assert territory.households == 7
    with pytest.raises(InputError, match="no layer of streets is read"):
        import_request(Request(sources=(path,), crs="EPSG:4326", swapped=("streets",)))


@pytest.mark.parametrize("crs", ["EPSG:4548", "EPSG:4526", "EPSG:32650"])
def test_a_zone_number_the_crs_does_not_have_is_told(tmp_path, crs):
    """Eastings of zone 39 under a CRS without zone numbers, or with another, are refused."""
    path = csv(tmp_path / "atoms.csv", [("a", 3, shapely.box(39_400_000, 4_400_000, 39_400_100, 4_400_100))])
    with pytest.raises(SchemaError) as caught:
        import_request(Request(sources=(path,), crs=crs))
    (fault,) = caught.value.faults
    assert fault.kind == "zone-number"
    assert "EPSG:4527" in fault.hint
