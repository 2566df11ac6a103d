"""The store everybody starts with: one GeoPackage, which is a plan file that any GIS opens.

The published plan stands in the layer `grids` and in the column `grid` of `atoms`, where QGIS and the command line
look for it; all versions stand in tables of their own. Write-ahead logging with a full sync: what was acknowledged is
on disk.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from gridgeo import gpkg
from gridgeo.core.model import Plan, Table, Territory
from gridgeo.core.tables import TERRITORY_LAYERS, notices_of, notices_text, plan_on, plan_tables, territory_of
from gridgeo.errors import BackendError, GridgeoError, InputError, NotFoundError
from gridgeo.ports import PlanRecord
from gridgeo.store import versions
from gridgeo.store.memory import MemoryStore
from gridgeo.store.rules import check_id, check_labels, expect, find, latest

BUSY_S = 10.0
"""How long a writer waits for another one."""
_OF_ONE_PLAN = {"rng_seed", "bound", "optimality_gap", "params", "stats", "certificate"}
"""What a file says of the plan drawn into it; untrue as soon as another one is published."""


def utc_now() -> str:
    """The time, ISO 8601.

    >>> utc_now()[-1]
    'Z'
    """
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class GeoPackageStore:
    """Keeps everything in one GeoPackage; safe to share between threads, and between processes through the file.

    A plan found in the file that no version holds (drawn by the command line, or labelled in a GIS) is taken over as
    the next version of "main" and published.

    Parameters
    ----------
    path
        Plan or territory file, as gridgeo writes it.
    clock
        Gives the time of taking a plan over.

    Raises
    ------
    InputError
        The file is no GeoPackage, or not one that gridgeo wrote.
    BackendError
        The file cannot be written.
    """

    def __init__(self, path: str | Path, *, clock: Callable[[], str] = utc_now) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()
        self._changes = 0
        self._db = gpkg.open_gpkg(self.path)
        try:
            with self._errors():
                self._db.isolation_level = None  # transactions begin where this code says so
                self._db.execute(f"PRAGMA busy_timeout = {int(BUSY_S * 1000)}")
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = FULL")
                self._territory, found = _read(self._db, self.path)
                self._crs = gpkg.layer_crs(self._db, "atoms")
            with self._writing():
                versions.create(self._db)
                self._adopt(found, clock())
        except BaseException:
            self._db.close()
            raise

    def stamp(self) -> str:
        """Text that differs whenever anything kept has changed, by this process or another."""
        try:
            seen = self._db.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error as error:  # written out: asked on every request
            raise self._unusable(error) from error
        return f"file-{seen}-{self._changes}"

    def territory(self) -> Territory:
        """The territory all plans here divide."""
        return self._territory

    def plans(self) -> tuple[PlanRecord, ...]:
        """Every version of every plan, in the order they were saved."""
        with self._lock, self._errors():
            return versions.records(self._db)

    def plan(self, id: str = "", version: int = 0) -> Plan:
        """One plan: the published one when `id` is empty, its latest version when `version` is 0."""
        with self._lock, self._errors():
            record = find(versions.records(self._db), id, version)
            return versions.read(self._db, self._territory, record.id, record.version)

    def save_plan(self, plan: Plan, *, id: str, created: str, note: str = "", after: int | None = None) -> PlanRecord:
        """Keep a plan as the next version of `id`."""
        check_id(id)
        check_labels(plan, self._territory)
        with self._writing():
            return self._add(plan, id, created, note, after)

    def publish(self, id: str, version: int) -> PlanRecord:
        """Make one version the published plan; routes of another plan are dropped."""
        with self._writing():
            known = versions.records(self._db)
            record = find(known, id, version)
            before = next((r for r in known if r.published), None)
            plan = versions.read(self._db, self._territory, record.id, record.version)
            old = versions.labels(self._db, self._territory, before.id, before.version) if before else None
            if len(versions.labels_of(plan).differ(old)):
                gpkg.drop_layer(self._db, "routes")
            versions.point_at(self._db, record)
            self._mirror(plan)
        return replace(record, published=True)

    def routes(self) -> Table | None:
        """Patrol routes of the published plan, or None."""
        return self._layer("routes")

    def save_routes(self, routes: Table) -> None:
        """Keep the patrol routes of the published plan."""
        with self._writing():
            if not any(record.published for record in versions.records(self._db)):
                raise NotFoundError("no plan is published", hint="publish a plan before keeping its routes")
            gpkg.write_layer(self._db, "routes", routes, self._crs)

    def assignments(self) -> Table | None:
        """Who stands by at which emergency unit, or None."""
        return self._layer("assignments")

    def save_assignments(self, assignments: Table) -> None:
        """Keep the assignment."""
        with self._writing():
            gpkg.write_layer(self._db, "assignments", assignments, None)

    def close(self) -> None:
        """Let go of the file; the last to close folds the log into it."""
        with self._lock:
            self._db.close()

    def _layer(self, name: str) -> Table | None:
        with self._lock, self._errors():
            try:
                return gpkg.read_layer(self._db, name)
            except NotFoundError:
                return None

    def _add(self, plan: Plan, id: str, created: str, note: str, after: int | None) -> PlanRecord:
        last = expect(versions.records(self._db), id, after)
        before = versions.labels(self._db, self._territory, id, last) if last else None
        record = PlanRecord(id=id, version=last + 1, created=created, note=note)
        versions.add(self._db, plan, record, before)
        return record

    def _adopt(self, found: Plan | None, created: str) -> None:
        """Take over the plan that stands in the file, unless it is the published one."""
        if found is None:
            return
        known = versions.records(self._db)
        shown = next((r for r in known if r.published), None)
        if shown and not len(
            versions.labels_of(found).differ(versions.labels(self._db, self._territory, shown.id, shown.version))
        ):
            return
        note = "as found in the file" if not latest(known, "main") else "changed in the file by another program"
        versions.point_at(self._db, self._add(found, "main", created, note, None))

    def _mirror(self, plan: Plan) -> None:
        """Show the published plan where a GIS looks for it."""
        gpkg.write_layer(self._db, "grids", plan_tables(plan)["grids"], self._crs)
        if "grid" not in gpkg.read_layer(self._db, "atoms").columns:
            self._db.execute("ALTER TABLE atoms ADD COLUMN grid TEXT")
        low, high = plan.band
        said = {key: text for key, text in gpkg.read_metadata(self._db).items() if key not in _OF_ONE_PLAN}
        said |= {"band": f"{low} {high}", "plan_notices": notices_text(plan.notices)}
        gpkg.write_layer(self._db, gpkg.METADATA_TABLE, gpkg.metadata_table(said), None)
        pairs = zip(versions.labels_of(plan).grid.tolist(), plan.territory.atoms.code.tolist(), strict=True)
        self._db.executemany("UPDATE atoms SET grid = ?1 WHERE code = ?2 AND grid IS NOT ?1", pairs)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction: all of it on disk when this ends, or none of it."""
        with self._lock, self._errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._changes += 1

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: sqlite3.Error) -> BackendError:
        return BackendError(f"the file cannot be used: {error}", where=str(self.path))


def copy_to_memory(path: str | Path) -> MemoryStore:
    """A memory store with the territory and the plan of a file, which is left as it is."""
    with closing(gpkg.open_gpkg(path, readonly=True)) as db:
        territory, plan = _read(db, Path(path))
        layers = {layer.name for layer in gpkg.layers(db)}
        kept = {name: gpkg.read_layer(db, name) for name in ("routes", "assignments") if name in layers}
    store = MemoryStore(territory)
    if plan is not None:
        store.save_plan(plan, id="main", created=utc_now(), note="as found in the file")
        store.publish("main", 1)
        if "routes" in kept:
            store.save_routes(kept["routes"])
    if "assignments" in kept:
        store.save_assignments(kept["assignments"])
    return store


def _read(db: sqlite3.Connection, path: Path) -> tuple[Territory, Plan | None]:
    """Territory of a file, and its plan when its atoms are labelled.

    Raises
    ------
    InputError
        The file was not written by gridgeo, or its layers do not fit together.
    """
    held = {layer.name for layer in gpkg.layers(db)}
    if not {"boundary", "atoms", "adjacency"} <= held:
        raise InputError(
            "the file holds no territory ready to serve", where=str(path), hint="make one with: gridgeo draw"
        )
    tables = {name: gpkg.read_layer(db, name) for name in (*TERRITORY_LAYERS, "grids") if name in held}
    said = gpkg.read_metadata(db)
    crs = gpkg.layer_crs(db, "atoms")
    try:
        territory = territory_of(
            tables,
            name=said.get("name") or str(tables["boundary"].columns["name"][0]),
            crs=crs.text if crs else "",
            notices=notices_of(said.get("notices", "")),
        )
        labelled = "grid" in tables["atoms"].columns and any(tables["atoms"].columns["grid"].tolist())
        if not labelled or "grids" not in tables:
            return territory, None
        plan = plan_on(territory, tables, band=_band(said), notices=notices_of(said.get("plan_notices", "")))
    except GridgeoError as error:
        raise InputError(error.message, where=f"{path}: {error.where}", hint=error.hint) from error
    return territory, plan


def _band(said: Mapping[str, str]) -> tuple[int, int]:
    """Size band from the metadata of the file."""
    low, _, high = said.get("band", "300 500").partition(" ")
    return int(low), int(high)
