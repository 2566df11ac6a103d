"""A store in PostgreSQL with PostGIS: for several servers, and for a GIS that edits beside them.

Needs the extra `postgis`; loaded only when an address names a database.
"""

from gridgeo.store.postgis.backend import PostgisStore, create_postgis

__all__ = ["PostgisStore", "create_postgis"]
