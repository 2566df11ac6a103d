from xml.etree import ElementTree

import numpy as np
import pytest

from gridgeo.errors import InputError
from gridgeo.io.gpx import NAMESPACE, Track, Waypoint, gpx_bytes, write_gpx

WALK = Track(
    name="网格 <1>",
    lonlat=np.array([[117.1, 31.2], [117.2, 31.3], [117.1, 31.2]]),
    turns=[Waypoint(lonlat=(117.2, 31.3), name="left", text="into A & B Street\x07")],
)


def test_points_keep_the_walking_order(tmp_path):
    """Track points, waypoints and names come back as written, with latitude and longitude in their places."""
    path = tmp_path / "walk.gpx"
    write_gpx(path, [WALK])
    root = ElementTree.parse(path).getroot()
    names = {"g": NAMESPACE}
    points = [(float(p.get("lon")), float(p.get("lat"))) for p in root.findall(".//g:trkpt", names)]
    assert points == [tuple(row) for row in WALK.lonlat.tolist()]
    assert root.findtext("g:trk/g:name", namespaces=names) == "网格 <1>"
    assert root.findtext("g:wpt/g:desc", namespaces=names) == "into A & B Street"


def test_waypoints_come_before_tracks():
    """The format orders waypoints before tracks, also with several tracks."""
    tags = [node.tag.split("}")[1] for node in ElementTree.fromstring(gpx_bytes([WALK, WALK]))]
    assert tags == ["wpt", "wpt", "trk", "trk"]


@pytest.mark.parametrize("bad", [np.array([[500_000.0, 3_400_000.0]]), np.array([[np.nan, 1.0]])])
def test_metres_and_nulls_are_refused_and_nothing_is_written(tmp_path, bad):
    """Coordinates that are no degrees are an error, and leave no file behind."""
    with pytest.raises(InputError, match="longitude"):
        write_gpx(tmp_path / "walk.gpx", [Track(name="g", lonlat=bad)])
    assert not list(tmp_path.iterdir())


def test_a_folder_that_does_not_exist_is_an_input_error(tmp_path):
    """No folder to write in: one clear error."""
    with pytest.raises(InputError, match="cannot write"):
        write_gpx(tmp_path / "no" / "walk.gpx", [WALK])


def test_an_existing_file_is_replaced_whole(tmp_path):
    """A second write replaces the first, byte for byte the same for the same tracks."""
    path = tmp_path / "walk.gpx"
    path.write_text("old")
    write_gpx(path, [WALK])
    assert path.read_bytes() == gpx_bytes([WALK])
    assert [p.name for p in tmp_path.iterdir()] == ["walk.gpx"]
