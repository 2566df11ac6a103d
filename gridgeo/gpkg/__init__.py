"""GeoPackage files (OGC 12-128r19) over the standard library's sqlite3: any GIS opens what is written here.

GDAL is not needed and not used, so reading a file never reaches another driver, file or host.
"""

from gridgeo.gpkg.files import metadata_table, read_metadata, write_file
from gridgeo.gpkg.layers import LayerInfo, drop_layer, has_table, layer_crs, layers, read_layer, write_layer
from gridgeo.gpkg.place import placed
from gridgeo.gpkg.schema import METADATA_TABLE, Crs, open_gpkg, readable

__all__ = [
    "METADATA_TABLE",
    "Crs",
    "LayerInfo",
    "drop_layer",
    "has_table",
    "layer_crs",
    "layers",
    "metadata_table",
    "open_gpkg",
    "placed",
    "read_layer",
    "read_metadata",
    "readable",
    "write_file",
    "write_layer",
]
