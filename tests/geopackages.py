"""A whole GeoPackage read back, as tests look at what was written."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from gridgeo import gpkg
from gridgeo.core.model import Table


def read_file(path: Path) -> tuple[dict[str, Table], gpkg.Crs | None, dict[str, str]]:
    """All layers of a GeoPackage, the CRS of its layers and the metadata."""
    with gpkg.readable(path), closing(gpkg.open_gpkg(path, readonly=True)) as db:
        names = [layer.name for layer in gpkg.layers(db) if layer.name != gpkg.METADATA_TABLE]
        tables = {name: gpkg.read_layer(db, name) for name in names}
        found = {crs for name in names if (crs := gpkg.layer_crs(db, name))}
        assert len(found) <= 1
        return tables, next(iter(found), None), gpkg.read_metadata(db)
