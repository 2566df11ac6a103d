"""Where households live, from the buildings of any file: what lies inside a fault can then be counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from gridgeo.core.model import Floats, Ints
from gridgeo.errors import InputError
from gridgeo.io.crs import transformed
from gridgeo.io.formats import layer_names, read_layers
from gridgeo.io.read import split_source
from gridgeo.io.roles import ROLES
from gridgeo.io.values import Faults, typed

LAYER, COLUMN = "buildings", "households"


def read_homes(path: str | Path, source: str | None, crs: str) -> tuple[Floats, Ints] | None:
    """Places (h, 2) in a CRS and households (h,) of the buildings that are counted; None where no file tells.

    Parameters
    ----------
    path
        File whose layer `buildings` is taken when no other is named.
    source
        FILE or FILE:LAYER with points or polygons and a column `households`.

    Raises
    ------
    InputError
        The layer named has no households, or none with a place.
    """
    file, layer = (str(path), LAYER) if source is None else split_source(source)
    names = layer_names(file)
    layer = layer or (LAYER if LAYER in names else names[0])
    if source is None and layer not in names:
        return None
    found = read_layers(file, [layer])[layer]
    shape = found.table.geometry
    if COLUMN not in found.table.columns or shape is None or found.crs is None:
        if source is None:
            return None
        raise InputError(f"the layer has no column {COLUMN} with places", where=f"{file} {layer}")
    spec = next(spec for spec in ROLES[LAYER].fields if spec.name == COLUMN)
    households = typed(found.table.columns[COLUMN], spec, "", Faults())
    known = np.isfinite(households) & shapely.is_valid(shape) & ~shapely.is_empty(shape)
    spot = transformed(shapely.point_on_surface(shape[known]), found.crs.text, crs)
    return shapely.get_coordinates(spot), households[known].astype(np.int64)
