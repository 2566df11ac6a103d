"""The store everybody starts with: one GeoPackage, which is a plan file that any GIS opens.

The published plan stands in the layer `grids` and in the column `grid` of `atoms`, where QGIS and the command line
look for it; all versions stand in tables of their own. Write-ahead logging with a full sync: what was acknowledged is
on disk.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

from gridgeo import gpkg
from gridgeo.core.model import Objects, Streets, Table
from gridgeo.errors import BackendError, InputError, NotFoundError
from gridgeo.store import formats, layers
from gridgeo.store.late import read_streets
from gridgeo.store.memory import MemoryStore
from gridgeo.store.tables import TableStore, utc_now

BUSY_S = 10.0
"""How long a writer waits for another one."""


class GeoPackageStore(TableStore):
    """Keeps everything in one GeoPackage; safe to share between threads, and between processes through the file.

    Parameters
    ----------
    path
        Plan or territory file, as gridgeo writes it.
    clock
        Gives the time of taking over a plan found in the file.
    late
        Read the streets only when they are first asked for.

    Raises
    ------
    InputError
        The file is no GeoPackage, not one that gridgeo wrote, or one of a later gridgeo.
    BackendError
        The file cannot be written.
    """

    def __init__(self, path: str | Path, *, clock: Callable[[], str] = utc_now, late: bool = False) -> None:
        self.path = Path(path)
        self._quiet: dict[str, tuple[int, object]] = {}
        backend = GeoPackage(self.path)
        try:
            super().__init__(backend, clock=clock, streets=backend.streets if late else None)
        except InputError as error:
            raise InputError(error.message, where=f"{path}: {error.where}", hint=error.hint) from error

    def entries(self, book: str, since: int = 0, limit: int = sys.maxsize) -> tuple[str, ...]:
        """Entries of a journal after position `since`; not looked for again where nobody has written meanwhile."""
        if not isinstance(self._backend, GeoPackage):  # within a transaction, which sees its own entries
            return super().entries(book, since, limit)
        seen = self._backend.version()  # asked first: what is written while we read is found the next time
        if self._quiet.get(book) == (since, seen):
            return ()
        found = super().entries(book, since, limit)
        if not found and limit > 0:
            self._quiet[book] = since, seen
        return found


class GeoPackage:
    """One GeoPackage as a database: one connection, used by one thread at a time.

    Raises
    ------
    InputError
        The file is no GeoPackage, or a later gridgeo wrote it.
    BackendError
        The file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self.db = gpkg.open_gpkg(path)
        opened = path.stat()
        self._file = (opened.st_dev, opened.st_ino)
        try:
            with self._errors():
                self.db.isolation_level = None  # transactions begin where this code says so
                self.db.execute(f"PRAGMA busy_timeout = {int(BUSY_S * 1000)}")
                formats.format_of(FileSession(self.db))  # a later format is not even given a log
                self.db.execute("PRAGMA journal_mode = WAL")
                self.db.execute("PRAGMA synchronous = FULL")
                # asked beside running transactions: on their connection it would be a statement in their way
                address = f"{path.resolve().as_uri()}?mode=ro"
                self._watch = sqlite3.connect(address, uri=True, check_same_thread=False)
        except BaseException:
            self.db.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[FileSession]:
        """A transaction that sees one state of everything."""
        with self._transaction("BEGIN") as session:
            yield session

    @contextmanager
    def writing(self, *parts: str) -> Iterator[FileSession]:
        """A transaction that is on disk when it ends; all writers of a file wait for each other."""
        self._still_there()
        with self._transaction("BEGIN IMMEDIATE") as session:
            yield session

    def streets(self) -> Streets:
        """The streets of the file that was opened, never those of another put in its place."""
        found = read_streets(self.path)
        self._still_there()
        return found

    def version(self) -> object:
        """A number that differs whenever anybody wrote."""
        try:  # written out: asked on every request
            return self._watch.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        """Let go of the file; the last to close leaves it as one plain file again."""
        self._watch.close()
        with self._lock, closing(self.db) as db, suppress(sqlite3.Error):  # others have it open, or closed before
            db.execute("PRAGMA busy_timeout = 0")
            db.execute("PRAGMA journal_mode = DELETE")

    def _still_there(self) -> None:
        """What is written to a file that was replaced would be lost with it; what is read may be another town's."""
        try:
            now = self.path.stat()
        except OSError:
            raise BackendError("the file was removed", where=str(self.path), hint="open the project again") from None
        if (now.st_dev, now.st_ino) != self._file:
            raise BackendError("the file was replaced", where=str(self.path), hint="open the project again")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[FileSession]:
        with self._lock, self._errors():
            self.db.execute(begin)
            try:
                yield FileSession(self.db)
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: sqlite3.Error) -> BackendError:
        return BackendError(f"the file cannot be used: {error}", where=str(self.path))


class FileSession:
    """One transaction with a GeoPackage.

    Parameters
    ----------
    db
        Connection inside a transaction.
    """

    clustered = " WITHOUT ROWID"

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def execute(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        return self._db.execute(sql, values)

    def insert(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Add many rows."""
        listed = iter(rows)
        first = next(listed, None)
        if first is not None:
            marks = ", ".join("?" * len(first))
            self._db.executemany(f"INSERT INTO {table} VALUES ({marks})", chain([first], listed))

    def tables(self) -> set[str]:
        """Names of the tables there are."""
        return {row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}

    def read_layer(self, name: str) -> Table | None:
        """A layer, None when there is none."""
        try:
            return gpkg.read_layer(self._db, name)
        except NotFoundError:
            return None

    def write_layer(self, name: str, table: Table) -> None:
        """Keep a layer instead of the one kept before."""
        gpkg.write_layer(self._db, name, table, gpkg.layer_crs(self._db, "atoms"))

    def drop_layer(self, name: str) -> None:
        """Remove a layer where there is one."""
        gpkg.drop_layer(self._db, name)

    def crs(self) -> str:
        """CRS of the layer `atoms`."""
        crs = gpkg.layer_crs(self._db, "atoms")
        return crs.text if crs else ""

    def label_atoms(self, grid: Objects) -> None:
        """Write the grid of every atom into the layer `atoms`, where it is another."""
        columns = {row[1] for row in self._db.execute("PRAGMA table_info(atoms)")}
        if "grid" not in columns:
            self._db.execute("ALTER TABLE atoms ADD COLUMN grid TEXT")
        shown = self._db.execute("SELECT rowid, grid FROM atoms ORDER BY rowid").fetchall()
        changed = [(new, row) for (row, old), new in zip(shown, grid.tolist(), strict=True) if old != new]
        self._db.executemany("UPDATE atoms SET grid = ? WHERE rowid = ?", changed)


def copy_to_memory(path: str | Path) -> MemoryStore:
    """A memory store with the territory and the plan of a file, which is left as it is."""
    with closing(gpkg.open_gpkg(path, readonly=True)) as db:
        session = FileSession(db)
        try:
            territory, plan = layers.read(session)
        except InputError as error:
            raise InputError(error.message, where=f"{path}: {error.where}", hint=error.hint) from error
        routes, assignments = session.read_layer("routes"), session.read_layer("assignments")
    store = MemoryStore(territory)
    if plan is not None:
        store.save_plan(plan, id="main", created=utc_now(), note="as found in the file")
        store.publish("main", 1)
        if routes is not None:
            store.save_routes(routes)
    if assignments is not None:
        store.save_assignments(assignments)
    return store
