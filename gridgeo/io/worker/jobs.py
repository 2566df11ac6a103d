"""What a child can be asked to do; each function takes a file and gives layers."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gridgeo.io.worker.codec import Sheet

_FLOATS, _INTEGERS = "f", "iu"


def drivers(path: Path) -> list[Sheet]:
    """Names of all drivers of this GDAL."""
    import pyogrio

    return [Sheet(name="drivers", columns={"name": list(pyogrio.list_drivers())})]


def shapefile(path: Path, *, encodings: Sequence[str]) -> list[Sheet]:
    """A shapefile, in the first encoding its texts fit.

    Raises
    ------
    ValueError
        None of the encodings fits.
    """
    from pyogrio.raw import read

    for encoding in encodings:
        try:
            return [_sheet("layer", *read(path, encoding=encoding), encoding=encoding)]
        except (UnicodeDecodeError, LookupError):
            continue
    raise ValueError("the text cannot be decoded: give --encoding")


def drawing(path: Path) -> list[Sheet]:
    """A DXF drawing: one layer, a row an entity, with the name of its layer and its text."""
    from pyogrio.raw import read

    return [_sheet("entities", *read(path, layer="entities", columns=["Layer", "Text"]), encoding="")]


def _sheet(name: str, meta: dict[str, Any], fids: Any, wkb: Any, fields: Any, *, encoding: str) -> Sheet:
    columns = {str(column): _column(values) for column, values in zip(meta["fields"], fields, strict=True)}
    shapes = None if wkb is None else [None if one is None else bytes(one) for one in wkb.tolist()]
    return Sheet(name=name, columns=columns, wkb=shapes, facts={"encoding": encoding})


def _column(values: Any) -> Any:
    """Numbers as they are; all else as text."""
    if values.dtype.kind == "b":
        return values
    if values.dtype.kind in _FLOATS:
        return values.astype(np.float64)
    if values.dtype.kind in _INTEGERS:
        return values.astype(np.int64)
    if values.dtype.kind == "M":
        return ["" if np.isnat(value) else str(value) for value in values]
    return [_text(value) for value in values.tolist()]


def _text(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)


__all__ = ["drawing", "drivers", "shapefile"]
