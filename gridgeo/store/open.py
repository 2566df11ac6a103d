"""Addresses of stores."""

from __future__ import annotations

from pathlib import Path

from gridgeo.errors import InputError
from gridgeo.ports import Store

MEMORY = "memory:"
DATABASES = ("postgresql://", "postgres://")


def open_store(url: str, *, late: bool = False) -> Store:
    """Open the store at an address.

    Parameters
    ----------
    url
        Path of a GeoPackage, kept in that file; "memory:" and such a path: the file is read once, and everything
        kept afterwards is forgotten at the end; or postgresql://user@host/database?schema=town, kept in PostGIS.
    late
        Read the streets of a file or database only when they are first asked for: it opens in half the time.

    Raises
    ------
    InputError
        No address, or no project there.
    SchemaError
        The file is not a territory or plan file.
    BackendError
        The file cannot be opened for writing, or the database cannot be reached.

    Examples
    --------
    >>> open_store("")
    Traceback (most recent call last):
    gridgeo.errors.InputError: no project was named ...
    """
    if is_database(url):
        from gridgeo.store.postgis import PostgisStore

        return PostgisStore(url, late=late)
    path = url.removeprefix(MEMORY)
    if not path:
        raise InputError(
            "no project was named", where="project", hint="set GRIDGEO_PROJECT to a plan file, e.g. plan.gpkg"
        )
    if not Path(path).is_file():
        raise InputError(f"there is no file {path}", where="project", hint="give the path of a GeoPackage")
    from gridgeo.store.geopackage import GeoPackageStore, copy_to_memory

    return copy_to_memory(path) if url.startswith(MEMORY) else GeoPackageStore(path, late=late)


def is_database(url: str) -> bool:
    """Whether an address names a database.

    >>> is_database("postgresql://gridgeo@localhost/town"), is_database("plan.gpkg")
    (True, False)
    """
    return url.startswith(DATABASES)
