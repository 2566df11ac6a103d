"""Raw layers into one projected CRS, shared borders staying shared."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely

from gridgeo.core.model import Floats, Notice, Objects, Table, geometries
from gridgeo.errors import InputError, SchemaError
from gridgeo.gpkg import Crs
from gridgeo.io.crs import CRS84, crs_of, is_geographic, is_metric, is_true, local_zone, stretch, transformed
from gridgeo.io.datum import to_wgs84
from gridgeo.io.formats import Layer
from gridgeo.io.noding import noded
from gridgeo.io.values import Faults

_LEADERS = ("boundary", "atoms", "communities", "streets", "buildings")
_COVERS = ("atoms", "communities")
_CHINA_2000 = "EPSG:4490"


def in_one_crs(
    layers: Mapping[str, Layer], datum: str, *, where: str = ""
) -> tuple[dict[str, Table], Crs, tuple[Notice, ...]]:
    """All layers in one projected CRS: that of the first one whose metres are metres, else the zone of the place.

    Raises
    ------
    InputError
        Layers in metres have a datum of encrypted maps.
    SchemaError
        Layers in degrees have coordinates that are none; lists them all.
    """
    ordered = [*_LEADERS, *(role for role in layers if role not in _LEADERS)]
    crs = {role: _crs(layers[role], datum) for role in ordered if role in layers}
    _refuse_false_degrees(layers, crs, where)
    true = (found for role, found in crs.items() if is_true(found, _shapes(layers[role])))
    target = next(true, None) or _zone(layers, crs, datum)
    tables: dict[str, Table] = {}
    moved: dict[str, str] = {}
    for role, layer in layers.items():
        shape = layer.table.geometry
        if shape is None or (crs[role].text == target.text and datum not in ("gcj02", "bd09")):
            tables[role] = layer.table
            continue
        if role in _COVERS:
            shape = noded(shape)  # a straight border would part from the vertices on it
        tables[role] = Table(columns=layer.table.columns, geometry=_moved(shape, crs[role], target, datum, role))
        moved.setdefault(crs[role].name, role)
    notices = tuple(
        Notice(kind="projected", facts={"source": name, "target": f"{target.name} ({target.text[:40]})"})
        for name in moved
    )
    notices += tuple(_stretched(layers, crs, moved))
    if datum in ("gcj02", "bd09"):
        notices += (Notice(kind="datum-shifted", facts={"datum": datum}),)
    return tables, target, notices


def _shapes(layer: Layer) -> Objects:
    return geometries([]) if layer.table.geometry is None else layer.table.geometry


def _stretched(layers: Mapping[str, Layer], crs: Mapping[str, Crs], moved: Mapping[str, str]) -> list[Notice]:
    """One notice for each CRS left because its metres are none."""
    out = []
    for name, role in moved.items():
        found, shape = crs[role], _shapes(layers[role])
        if is_metric(found) and not is_true(found, shape):
            facts: dict[str, str | int | float] = {"times": round(stretch(found, shape), 3)}
            out.append(Notice(kind="metres-not-true", where=name, facts=facts))
    return out


def _refuse_false_degrees(layers: Mapping[str, Layer], crs: Mapping[str, Crs], where: str) -> None:
    faults = Faults()
    for role, found in crs.items():
        xy = shapely.get_coordinates(_shapes(layers[role]))
        if is_geographic(found) and (np.abs(np.nan_to_num(xy)) > (360, 90)).any():
            message = f"the layer says {found.name}, but its coordinates are no degrees"
            faults.add("not-degrees", role, message, "give the layer its true CRS in a GIS")
    if faults.found:
        raise SchemaError(faults.found, where=where)


def _crs(layer: Layer, datum: str) -> Crs:
    found = layer.crs or crs_of(CRS84)
    if datum == "cgcs2000" and is_geographic(found):
        return crs_of(_CHINA_2000)
    return found


def _zone(layers: Mapping[str, Layer], crs: Mapping[str, Crs], datum: str) -> Crs:
    shapes = {role: shape for role in crs if (shape := layers[role].table.geometry) is not None and len(shape)}
    if not shapes:
        raise InputError("no layer has a geometry", where="import")
    role, shape = next(iter(shapes.items()))
    box = shapely.total_bounds(transformed(shape, crs[role], CRS84))
    if not np.isfinite(box).all():
        raise InputError("the layer has no coordinates on the earth", where=role, hint="check its CRS")
    return local_zone((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, _CHINA_2000 if datum == "cgcs2000" else crs[role])


def _moved(shape: Objects, source: Crs, target: Crs, datum: str, role: str) -> Objects:
    """Geometries in the target; equal vertices stay equal, because each one is moved once."""
    if datum in ("gcj02", "bd09"):
        if not is_geographic(source):
            hint = "give the layer in longitude and latitude"
            raise InputError(f"{datum} is a datum of longitudes and latitudes", where=role, hint=hint)

        def shift(xy: Floats) -> Floats:
            return to_wgs84(xy, datum)

        shape = geometries(shapely.transform(shape, shift))
    return transformed(shape, source, target)
