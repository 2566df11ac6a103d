"""What every reader gives back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridgeo.core.model import Notice, Objects, Table, geometries
from gridgeo.errors import InputError
from gridgeo.gpkg import Crs

MAX_VERTICES = 50_000_000
MAX_COLUMNS = 2_000
_VERTEX_BYTES = 16


@dataclass(frozen=True)
class Layer:
    """One layer of a file, its CRS where the file names one, and what was changed or guessed in reading it."""

    table: Table
    crs: Crs | None
    notices: tuple[Notice, ...] = ()


def shapes_of(wkb: list[bytes | None], *, where: str) -> Objects:
    """Geometries of WKB, null as None.

    Raises
    ------
    InputError
        One cannot be read, or they have more vertices than are read.
    """
    if sum(len(one) for one in wkb if one) > MAX_VERTICES * _VERTEX_BYTES * 2:
        raise InputError(f"more than {MAX_VERTICES:,} vertices", where=where, hint="split it")
    try:
        with np.errstate(invalid="ignore"):  # coordinates that are no numbers are told by those who look at them
            return geometries(shapely.from_wkb(np.array([*wkb, None], dtype=object)[:-1]))
    except (shapely.errors.GEOSException, TypeError, ValueError) as error:
        raise InputError(f"a geometry cannot be read: {error}", where=where) from error
