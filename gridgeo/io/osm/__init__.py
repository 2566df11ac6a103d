"""OpenStreetMap extracts (.osm.pbf, .osm, .osm.gz, .osm.bz2) → the layers of a territory."""

from gridgeo.io.osm.read import MAX_BYTES, OsmLayers, read_osm

__all__ = ["MAX_BYTES", "OsmLayers", "read_osm"]
