"""The store's own tables, their format number, and how an older format becomes this one.

In a GeoPackage they stand beside the layers and are listed in none of the tables of that standard, so a GIS leaves
them alone.
"""

from __future__ import annotations

import hashlib

from gridgeo.core.model import Territory
from gridgeo.errors import InputError
from gridgeo.store import sql
from gridgeo.store.digests import plan_digest
from gridgeo.store.sql import Session

FORMAT = 2
"""Number of the format written; 1 had neither this number nor journals, authors or times in force."""

_TABLES = (
    "CREATE TABLE gridgeo_store (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL){clustered}",
    """CREATE TABLE plan_versions (
  saved INTEGER PRIMARY KEY, id TEXT NOT NULL, version INTEGER NOT NULL, created TEXT NOT NULL, note TEXT NOT NULL,
  author TEXT NOT NULL, draft INTEGER NOT NULL, parent TEXT NOT NULL, digest TEXT NOT NULL,
  fewest INTEGER NOT NULL, most INTEGER NOT NULL, notices TEXT NOT NULL,
  base INTEGER REFERENCES plan_versions, grids INTEGER NOT NULL, UNIQUE (id, version))""",
    """CREATE TABLE plan_grids (
  saved INTEGER NOT NULL, place INTEGER NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
  community TEXT NOT NULL, PRIMARY KEY (saved, place)){clustered}""",
    """CREATE TABLE plan_labels (
  saved INTEGER NOT NULL, atom INTEGER NOT NULL, grid TEXT NOT NULL, PRIMARY KEY (saved, atom)){clustered}""",
    """CREATE TABLE plan_publications (
  place INTEGER PRIMARY KEY, id TEXT NOT NULL, version INTEGER NOT NULL, valid_from TEXT NOT NULL)""",
    """CREATE TABLE journals (
  book TEXT NOT NULL, position INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (book, position)){clustered}""",
)
_OF_FORMAT_1 = ("plan_versions", "plan_grids", "plan_labels", "plan_published")


def format_of(db: Session) -> int:
    """Format of the store's tables, 0 when there are none.

    Raises
    ------
    InputError
        A later gridgeo wrote them.
    """
    names = db.tables()
    if "gridgeo_store" not in names:
        return 1 if "plan_versions" in names else 0
    found = int(sql.value(db, "format") or 0)
    if found > FORMAT:
        raise InputError(
            f"the store has format {found}, this gridgeo knows formats up to {FORMAT}",
            where="gridgeo_store",
            hint="open it with a later gridgeo",
        )
    return found


def prepare(db: Session, territory: Territory) -> None:
    """Make the tables, or bring them to this format, inside the transaction of the caller.

    Raises
    ------
    InputError
        A later gridgeo wrote them, or another program changed the atoms.
    """
    found = format_of(db)
    if found == FORMAT:
        if sql.value(db, "atoms") != atoms_digest(territory):
            raise InputError("the atoms are not those the plans here divide", where="atoms", hint="restore a backup")
        return
    if found == 1:
        for name in _OF_FORMAT_1:
            db.execute(f"ALTER TABLE {name} RENAME TO old_{name}")
    for statement in _TABLES:
        db.execute(statement.format(clustered=db.clustered))
    start = {"format": str(FORMAT), "atoms": atoms_digest(territory), sql.STATE: "0", sql.JOURNALS: "0"}
    db.insert("gridgeo_store", start.items())
    if found == 1:
        _from_1(db, territory)
        for name in _OF_FORMAT_1:
            db.execute(f"DROP TABLE old_{name}")


def atoms_digest(territory: Territory) -> str:
    """SHA-256 of the codes of the atoms in order: labels are kept by the number of the atom."""
    return hashlib.sha256("\x1f".join(territory.atoms.code.tolist()).encode("utf-8", "surrogatepass")).hexdigest()


def _from_1(db: Session, territory: Territory) -> None:
    """Take over every version of format 1; its base is the version before it, as it was then."""
    number = {code: row for row, code in enumerate(territory.atoms.code.tolist(), 1)}
    db.execute(
        "INSERT INTO plan_versions SELECT v.saved, v.id, v.version, v.created, v.note, '', 0,"
        " CASE WHEN b.saved IS NULL THEN '' ELSE v.id || '@' || b.version END, '', v.fewest, v.most, v.notices,"
        " b.saved, v.saved FROM old_plan_versions v"
        " LEFT JOIN old_plan_versions b ON b.id = v.id AND b.version = v.version - 1"
    )
    db.execute(
        "INSERT INTO plan_grids SELECT v.saved, g.place, g.code, g.name, g.kind, g.community FROM old_plan_grids g"
        " JOIN plan_versions v ON v.id = g.id AND v.version = g.version"
    )
    labels = db.execute(
        "SELECT v.saved, l.atom, l.grid FROM old_plan_labels l"
        " JOIN plan_versions v ON v.id = l.id AND v.version = l.version"
    ).fetchall()
    db.insert("plan_labels", ((saved, number[atom], grid) for saved, atom, grid in labels if atom in number))
    db.execute(
        "INSERT INTO plan_publications SELECT 1, p.id, p.version, v.created FROM old_plan_published p"
        " JOIN plan_versions v ON v.id = p.id AND v.version = p.version"
    )
    for record in sql.records(db):
        digest = plan_digest(sql.read(db, territory, record))
        row = (digest, record.id, record.version)
        db.execute("UPDATE plan_versions SET digest = ? WHERE id = ? AND version = ?", row)
