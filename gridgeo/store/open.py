"""Addresses of stores."""

from __future__ import annotations

from pathlib import Path

from gridgeo.errors import InputError
from gridgeo.ports import Store

MEMORY = "memory:"


def open_store(url: str) -> Store:
    """Open the store at an address.

    Parameters
    ----------
    url
        Path of a GeoPackage, kept in that file; or "memory:" and such a path: the file is read once, and everything
        kept afterwards is forgotten at the end.

    Raises
    ------
    InputError
        No address, or no GeoPackage there.
    SchemaError
        The file is not a territory or plan file.
    BackendError
        The file cannot be opened for writing.

    Examples
    --------
    >>> open_store("")
    Traceback (most recent call last):
    gridgeo.errors.InputError: no project was named ...
    """
    path = url.removeprefix(MEMORY)
    if not path:
        raise InputError(
            "no project was named", where="project", hint="set GRIDGEO_PROJECT to a plan file, e.g. plan.gpkg"
        )
    if not Path(path).is_file():
        raise InputError(f"there is no file {path}", where="project", hint="give the path of a GeoPackage")
    from gridgeo.store.geopackage import GeoPackageStore, copy_to_memory

    return copy_to_memory(path) if url.startswith(MEMORY) else GeoPackageStore(path)
