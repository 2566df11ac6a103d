"""The store everybody starts with: one GeoPackage, which is a plan file that any GIS opens."""

from gridgeo.store.geopackage.store import GeoPackageStore, copy_to_memory, utc_now

__all__ = ["GeoPackageStore", "copy_to_memory", "utc_now"]
