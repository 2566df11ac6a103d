"""Copies of whole stores, made while they are in use: one state of everything, put in place at once, and verified."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from gridgeo import gpkg
from gridgeo.core.model import Territory
from gridgeo.errors import BackendError, InputError
from gridgeo.ports import Store
from gridgeo.store.open import MEMORY, is_database, open_store
from gridgeo.store.sql import STATE, Pinned, Session
from gridgeo.store.tables import TableStore
from gridgeo.store.transfer import copy_plans, store_digest

Write = Callable[[Territory, Path], None]
"""Writes a territory as a GeoPackage."""


def backup(url: str, path: str | Path, write: Write) -> str:
    """Copy a project into one GeoPackage while others go on working with it; gives the digest of its content.

    A file is copied page by page as it stood at one moment; a database is read in one transaction. What came to lie
    there is opened, and its content compared, before it is put in its place.

    Parameters
    ----------
    url
        Address of the project.
    path
        The file to make.
    write
        Writes a territory as a GeoPackage.

    Raises
    ------
    InputError
        There is no project, or the place cannot be written.
    BackendError
        The project cannot be read, or the copy is not what was copied.
    """
    if Path(path).exists() and not is_database(url) and Path(path).samefile(url.removeprefix(MEMORY)):
        raise InputError("a project is no backup of itself", where=str(path), hint="name another file")
    with gpkg.placed(path) as part:
        if is_database(url) or url.startswith(MEMORY):
            with frozen(url) as source:
                return _checked_fill(source, part, write)
        _copy_pages(url, part)
        return _digest_of(part)


def copy_store(source_url: str, target_url: str, write: Write) -> tuple[str, int]:
    """Copy a project to a new address, file or database.

    Gives the digest of the content, equal on both sides, and the number of versions.

    Raises
    ------
    InputError
        There is no project at the one address, or something at the other.
    BackendError
        A database cannot be reached, or the copy is not what was copied.
    """
    if not is_database(target_url):
        return _copy_to_file(source_url, Path(target_url), write)
    from gridgeo.store.postgis import create_postgis

    digests: list[str] = []

    def fill(db: Session) -> None:
        target = TableStore(Pinned(db))
        copy_plans(source, target)
        digests.extend((store_digest(source), store_digest(target)))
        if digests[0] != digests[1]:
            raise BackendError("the copy differs from what was copied", where=source_url, hint="gridgeo fsck")

    with frozen(source_url) as source:
        create_postgis(target_url, source.territory(), fill)
        return digests[0], len(source.plans())


def _copy_to_file(source_url: str, path: Path, write: Write) -> tuple[str, int]:
    if path.exists():
        raise InputError("there is a file already", where=str(path), hint="name a new file, or use: gridgeo backup")
    with frozen(source_url) as source, gpkg.placed(path) as part:
        return _checked_fill(source, part, write), len(source.plans())


def _checked_fill(source: Store, part: Path, write: Write) -> str:
    """Fill a file with all of a store; gives the digest, the same on both sides."""
    _fill_file(source, part, write)
    digest = _digest_of(part)
    if digest != store_digest(source):
        raise BackendError("the copy differs from what was copied", where=str(part), hint="gridgeo fsck")
    return digest


@contextmanager
def frozen(url: str) -> Iterator[Store]:
    """A project as it stands at this moment, whatever others write meanwhile.

    Raises
    ------
    InputError
        There is no project.
    BackendError
        It cannot be read.
    """
    with closing(open_store(url)) as store:
        if isinstance(store, TableStore):
            with store.snapshot() as still:
                yield still
        else:
            yield store


def _fill_file(source: Store, part: Path, write: Write) -> None:
    from gridgeo.store.geopackage import GeoPackage

    write(source.territory(), part)
    with closing(GeoPackage(part)) as backend, backend.writing(STATE) as db:
        copy_plans(source, TableStore(Pinned(db)))


def _copy_pages(url: str, part: Path) -> None:
    """SQLite's own copy of a live file: pages that change meanwhile are copied again."""
    with closing(open_store(url)):  # brought to this format, and checked to be a project
        pass
    try:
        with closing(gpkg.open_gpkg(url, readonly=True)) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise BackendError(f"the file cannot be copied: {error}", where=url) from error


def _digest_of(path: Path) -> str:
    """Digest of a copy's content; opening it proves that it opens."""
    with closing(open_store(str(path))) as store:
        return store_digest(store)
