"""A PostGIS database as a store uses it: pooled connections, one transaction a method, nothing half done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from gridgeo import gpkg
from gridgeo.core.model import Territory
from gridgeo.core.tables import notices_text, territory_tables
from gridgeo.errors import BackendError, InputError
from gridgeo.store.late import streets_in
from gridgeo.store.postgis.address import Address, parse
from gridgeo.store.sql import STATE, Session
from gridgeo.store.tables import TableStore, utc_now

try:
    import psycopg
    from psycopg import sql
except ImportError as missing:
    raise BackendError(
        "PostGIS needs the package psycopg", where="project", hint='pip install "gridgeo[postgis]"'
    ) from missing

from gridgeo.store.postgis.pool import Pool
from gridgeo.store.postgis.session import PostgisSession

CONNECT_S, FREE_S, WAIT_S, STATEMENT_S = 5, 2, 10, 120
"""Seconds for a new connection, for a free one, for another writer, and for one statement."""
MOST_CONNECTIONS = 8
_SETTINGS = {
    "synchronous_commit": "on",
    "statement_timeout": f"{STATEMENT_S}s",
    "lock_timeout": f"{WAIT_S}s",
    "idle_in_transaction_session_timeout": f"{STATEMENT_S}s",
    "client_encoding": "UTF8",
    "TimeZone": "UTC",
}


class PostgisStore(TableStore):
    """Keeps everything in one schema of a PostGIS database; safe to share between threads, processes and machines.

    Parameters
    ----------
    url
        postgresql://user@host:port/database?schema=town.
    clock
        Gives the time of taking over a plan labelled by another program.
    late
        Read the streets only when they are first asked for.

    Raises
    ------
    InputError
        The address cannot be read, there is no project at it, or one of a later gridgeo.
    BackendError
        The database cannot be reached or written.
    """

    def __init__(self, url: str, *, clock: Callable[[], str] = utc_now, late: bool = False) -> None:
        address = parse(url)
        backend = Postgis(address)
        try:
            with backend.reading() as db:
                held = db.tables()
            if "atoms" not in held:
                hint = f"bring one there: gridgeo copy plan.gpkg {address.shown}"
                raise InputError("there is no project", where=address.shown, hint=hint)
        except BaseException:
            backend.close()
            raise
        streets = partial(streets_in, backend.reading, address.shown) if late else None
        super().__init__(backend, clock=clock, streets=streets)


class Postgis:
    """One schema of a PostGIS database.

    Parameters
    ----------
    address
        Where it is.

    Raises
    ------
    BackendError
        It cannot be reached.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._pool = Pool(self._connect, most=MOST_CONNECTIONS, wait_s=FREE_S)
        with self._errors(), self._pool.connection():
            pass  # tell at once when it cannot be reached

    @contextmanager
    def reading(self) -> Iterator[PostgisSession]:
        """A transaction that sees one state of everything."""
        with self._transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") as session:
            yield session

    @contextmanager
    def writing(self, *parts: str) -> Iterator[PostgisSession]:
        """A transaction that is on disk when it ends; those of a part wait for each other, parts named in one order."""
        with self._transaction("BEGIN") as session:
            for part in parts:
                session.execute("SELECT pg_advisory_xact_lock(hashtext(?), hashtext(?))", (self._address.schema, part))
            yield session

    def version(self) -> object:
        """The count of changes: there is nothing cheaper to ask."""
        with self._errors(), self._pool.connection() as db:
            row = db.execute("SELECT value FROM gridgeo_store WHERE key = %s", (STATE,)).fetchone()
            return row[0] if row else None

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.close()

    def _connect(self) -> psycopg.Connection[Any]:
        """A connection with the schema first in its path, limits on time, and no commit that is not on disk."""
        db = psycopg.connect(
            self._address.conninfo, autocommit=True, connect_timeout=CONNECT_S, application_name="gridgeo"
        )
        try:
            for name, text in _SETTINGS.items():
                db.execute("SELECT set_config(%s, %s, false)", (name, text))
            path = "SELECT set_config('search_path', quote_ident(%s) || ', ' || current_setting('search_path'), false)"
            db.execute(path, (self._address.schema,))
        except BaseException:
            db.close()
            raise
        return db

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[PostgisSession]:
        with self._errors(), self._pool.connection() as db:
            db.execute(begin.encode())
            try:
                yield PostgisSession(db, self._address.schema)
                db.execute("COMMIT")
            except BaseException:
                if not db.closed:
                    db.execute("ROLLBACK")
                raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what PostgreSQL raises into errors of ours."""
        where = self._address.shown
        try:
            yield
        except psycopg.DataError as error:
            raise InputError(f"the database refuses a value: {_brief(error)}", where=where) from error
        except psycopg.Error as error:
            raise BackendError(f"the database cannot be used: {_brief(error)}", where=where) from error


def create_postgis(url: str, territory: Territory, fill: Callable[[Session], None]) -> None:
    """Make a project at an address, in one transaction: all of it is there afterwards, or nothing.

    Parameters
    ----------
    url
        Where; its schema is made when it is missing.
    territory
        The territory.
    fill
        Told the transaction once the territory is written.

    Raises
    ------
    InputError
        There is a project already.
    BackendError
        The database cannot be reached, has no PostGIS, or the user may not write.
    """
    address = parse(url)
    backend = Postgis(address)
    try:
        with backend.writing(STATE) as db:
            db.execute("CREATE EXTENSION IF NOT EXISTS postgis")
            db._db.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(address.schema)))
            if db.tables():
                hint = "name another schema"
                raise InputError("there is a project or something else already", where=address.shown, hint=hint)
            _write_territory(db, territory)
            fill(db)
    finally:
        backend.close()


def _write_territory(db: Session, territory: Territory) -> None:
    said = {"name": territory.name, "notices": notices_text(territory.notices), "crs": territory.crs}
    db.write_layer(gpkg.METADATA_TABLE, gpkg.metadata_table(said))
    for name, table in territory_tables(territory).items():
        db.write_layer(name, table)


def _brief(error: Exception) -> str:
    """First line of what PostgreSQL says: the rest may quote rows."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
