"""OGC API Tiles: collections as vector tiles, cut when asked for and kept."""

from gridgeo.web.tiles.views import routes, warm

__all__ = ["routes", "warm"]
