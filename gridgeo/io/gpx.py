"""GPX 1.1 tracks for the phone: a track in walking order, a waypoint at every turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from gridgeo.errors import InputError
from gridgeo.gpkg import placed

NAMESPACE = "http://www.topografix.com/GPX/1/1"
DECIMALS = 7  # 1 cm
_FORBIDDEN = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}


@dataclass(frozen=True, kw_only=True)
class Waypoint:
    """A named point in longitude and latitude; `text` says what to do there."""

    lonlat: tuple[float, float]
    name: str
    text: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Track:
    """One walk: `lonlat` (n, 2) points in walking order, in degrees, and its turns."""

    name: str
    lonlat: NDArray[np.float64]
    turns: Sequence[Waypoint] = ()
    text: str = ""


def write_gpx(path: str | Path, tracks: Iterable[Track], *, creator: str = "gridgeo") -> None:
    """Write tracks as one GPX 1.1 file, at once or not at all; the same tracks give the same bytes.

    Parameters
    ----------
    path
        File to write; an existing one is replaced.
    tracks
        Walks in longitude and latitude (WGS 84, which GPX prescribes).
    creator
        Name of the program, kept in the file.

    Raises
    ------
    InputError
        A coordinate is not a longitude and latitude, or the file cannot be written.
    """
    text = gpx_bytes(tracks, creator=creator)
    with placed(path) as part:
        part.write_bytes(text)


def gpx_bytes(tracks: Iterable[Track], *, creator: str = "gridgeo") -> bytes:
    """Tracks as the bytes of a GPX 1.1 document: waypoints of all tracks first, as the format orders them.

    Raises
    ------
    InputError
        A coordinate is not a longitude and latitude.

    Examples
    --------
    >>> walk = Track(name="g1", lonlat=np.array([[117.0, 31.0], [117.001, 31.0]]))
    >>> gpx_bytes([walk]).count(b"<trkpt")
    2
    """
    tracks = list(tracks)
    root = ElementTree.Element("gpx", {"version": "1.1", "creator": _clean(creator), "xmlns": NAMESPACE})
    for track in tracks:
        _check(track)
        for turn in track.turns:
            _point(root, "wpt", turn.lonlat, turn.name, turn.text)
    for track in tracks:
        node = ElementTree.SubElement(root, "trk")
        _texts(node, track.name, track.text)
        segment = ElementTree.SubElement(node, "trkseg")
        for lon, lat in track.lonlat.tolist():
            _point(segment, "trkpt", (lon, lat), "", "")
    ElementTree.indent(root, " ")
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _check(track: Track) -> None:
    points = np.concatenate([track.lonlat, np.array([turn.lonlat for turn in track.turns]).reshape(-1, 2)])
    wrong = ~(np.isfinite(points).all(axis=1) & (np.abs(points) <= (180.0, 90.0)).all(axis=1))
    if wrong.any():
        lon, lat = points[int(np.flatnonzero(wrong)[0])].tolist()
        raise InputError(
            f"({lon}, {lat}) is not a longitude and latitude", where=track.name, hint="transform to WGS 84 first"
        )


def _point(parent: ElementTree.Element, tag: str, lonlat: tuple[float, float], name: str, text: str) -> None:
    lon, lat = lonlat
    place = {"lat": f"{lat:.{DECIMALS}f}", "lon": f"{lon:.{DECIMALS}f}"}
    _texts(ElementTree.SubElement(parent, tag, place), name, text)


def _texts(node: ElementTree.Element, name: str, text: str) -> None:
    for tag, value in (("name", name), ("desc", text)):
        if value:
            ElementTree.SubElement(node, tag).text = _clean(value)


def _clean(text: str) -> str:
    """Text without the control characters XML cannot hold."""
    return text.translate(_FORBIDDEN)
