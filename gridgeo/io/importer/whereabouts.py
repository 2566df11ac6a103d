"""Where on earth layers lie that do not say so: what is proposed from their numbers, and what the user said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from gridgeo.core.model import Objects, geometries
from gridgeo.errors import InputError, SchemaError
from gridgeo.io.crs import crs_of, pyproj_of
from gridgeo.io.formats import Layer
from gridgeo.io.values import Faults

Box = tuple[float, float, float, float]

_CHINA = (73.0, 17.0, 136.0, 54.0)  # longitude and latitude, both ends
_EASTING = (100_000.0, 900_000.0)
_NORTHING = (1_800_000.0, 6_100_000.0)  # of China, Gauss-Krueger and UTM alike
_ZONES_3 = range(25, 46)  # zone numbers before the easting, three degrees wide: EPSG 4513 and on
_ZONES_6 = range(13, 24)  # the same, six degrees wide: EPSG 4491 and on
_MERCATOR = 20_037_509.0
_FIRST_ZONE = 13e6


def with_crs(layers: Mapping[str, Layer], crs: str | None, where: str) -> dict[str, Layer]:
    """The layers, those that name no CRS with the one the user said.

    Raises
    ------
    SchemaError
        Some name none and nothing is said: each is listed, with the CRSs its numbers may be in.
    """
    without = [role for role, layer in layers.items() if layer.crs is None and layer.table.geometry is not None]
    if without and crs is None:
        faults = Faults()
        for role in without:
            shape = layers[role].table.geometry
            hint = "; ".join(["say which with --crs EPSG:n", *proposals(geometries([]) if shape is None else shape)])
            faults.add("no-crs", role, "the layer has no CRS", hint)
        raise SchemaError(faults.found, where=where)
    said = None if crs is None else crs_of(crs)
    return {role: Layer(layer.table, said) if role in without else layer for role, layer in layers.items()}


def refuse_false_zones(layers: Mapping[str, Layer], where: str) -> None:
    """Refuse coordinates that begin with a zone number where the layer's CRS has none, or another one.

    Raises
    ------
    SchemaError
        Lists those layers, with the CRS the numbers fit.
    """
    faults = Faults()
    for role, layer in layers.items():
        shape = layer.table.geometry
        if layer.crs is None or shape is None or not len(shape):
            continue
        operation = pyproj_of(layer.crs).coordinate_operation
        if operation is None or "Transverse Mercator" not in operation.method_name:
            continue
        easting = float(next((param.value for param in operation.params if param.name == "False easting"), 0.0))
        box = shapely.total_bounds(shape)
        said = proposals(shape) if np.isfinite(box).all() and box[0] >= _FIRST_ZONE else []
        if said and int(box[0] // 1e6) != int(easting // 1e6):
            message = f"the eastings begin with the zone number {int(box[0] // 1e6)}, {layer.crs.name} has none such"
            faults.add("zone-number", role, message, f"give the layer its true CRS in a GIS: {said[0]}")
    if faults.found:
        raise SchemaError(faults.found, where=where)


def axes_in_order(layers: Mapping[str, Layer], swapped: Sequence[str]) -> dict[str, Layer]:
    """The layers, those written north first with east first.

    Raises
    ------
    InputError
        No layer of that role is read.
    """
    absent = [role for role in swapped if role not in layers]
    if absent:
        raise InputError(f"no layer of {absent[0]} is read", where="--swap", hint=f"one of {', '.join(layers)}")
    return {role: _turned(layer) if role in swapped else layer for role, layer in layers.items()}


def _turned(layer: Layer) -> Layer:
    shape = layer.table.geometry
    if shape is None or not len(shape):
        return layer
    turned = geometries(shapely.transform(shape, lambda xy: xy[:, ::-1]))
    return Layer(type(layer.table)(columns=layer.table.columns, geometry=turned), layer.crs, layer.notices)


def proposals(shape: Objects) -> list[str]:
    """What the numbers of a layer without a CRS may mean, the likeliest first; empty when they could be anything.

    Examples
    --------
    >>> proposals(np.array([shapely.Point(116.4, 39.9)]))
    ['longitude and latitude: --crs EPSG:4326, from Chinese map apps also --datum gcj02 or bd09']
    >>> proposals(np.array([shapely.Point(39.9, 116.4)]))[0]
    'latitude stands before longitude: --swap ROLE --crs EPSG:4326'
    >>> proposals(np.array([shapely.Point(39_500_000.0, 4_400_000.0)]))
    ['CGCS2000 in zone 39 of 3 degrees: --crs EPSG:4527']
    """
    box = shapely.total_bounds(shape) if len(shape) else np.full(4, np.nan)
    if not np.isfinite(box).all():
        return []
    x0, y0, x1, y1 = box.tolist()
    straight, turned = (x0, y0, x1, y1), (y0, x0, y1, x1)
    web = x0 > 1e6 and max(map(abs, straight)) < _MERCATOR
    of_web = ["Mercator of web maps: --crs EPSG:3857"] if web else []
    return _degrees(straight, turned) or [*_metres(straight, ""), *_metres(turned, "--swap ROLE "), *of_web]


def _degrees(straight: Box, turned: Box) -> list[str]:
    if not _within(straight, (-180, -180, 180, 180)):
        return []
    plain = "longitude and latitude: --crs EPSG:4326"
    if _within(straight, _CHINA):
        return [f"{plain}, from Chinese map apps also --datum gcj02 or bd09"]
    swapped = "latitude stands before longitude: --swap ROLE --crs EPSG:4326"
    if not _within(straight, (-180, -90, 180, 90)):
        return [swapped] if _within(turned, (-180, -90, 180, 90)) else []
    return [swapped, plain] if _within(turned, _CHINA) else [plain]


def _metres(box: Box, swap: str) -> list[str]:
    """Systems of China that hold such metres."""
    x0, y0, x1, y1 = box
    axes = "north stands before east, " if swap else ""
    zone, last = int(x0 // 1e6), int(x1 // 1e6)
    in_zone = _within((x0 % 1e6, y0, x1 % 1e6, y1), (_EASTING[0], _NORTHING[0], _EASTING[1], _NORTHING[1]))
    found = []
    for zones, first, width in ((_ZONES_3, 4513, 3), (_ZONES_6, 4491, 6)):
        if in_zone and zone == last and zone in zones:
            code = first + zone - zones[0]
            found.append(f"{axes}CGCS2000 in zone {zone} of {width} degrees: {swap}--crs EPSG:{code}")
    if in_zone and zone == last == 0:
        found.append(
            f"{axes}Gauss-Krueger of three degrees without zone number, by central meridian 75, 78 … 135 E: "
            f"{swap}--crs EPSG:4534, 4535 … 4554 (CGCS2000); or UTM zone 43 … 53 N: {swap}--crs EPSG:32643 … 32653"
        )
    return found


def _within(box: Box, limits: Box) -> bool:
    return limits[0] <= box[0] and limits[1] <= box[1] and box[2] <= limits[2] and box[3] <= limits[3]
