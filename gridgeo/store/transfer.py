"""From one store to another: everything kept, equal by content."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from gridgeo.core.tables import notices_text, table_hash, territory_hash
from gridgeo.errors import BackendError
from gridgeo.ports import Store
from gridgeo.store.digests import plan_digest


def copy_plans(source: Store, target: Store) -> None:
    """Bring every version, publication, order and journal into a store of the same territory that holds none.

    Raises
    ------
    BackendError
        What came to lie there differs from what was there.
    """
    for record in source.plans():
        kept = target.save_plan(
            source.plan(record.id, record.version),
            id=record.id,
            created=record.created,
            note=record.note,
            author=record.author,
            parent=record.parent,
            draft=record.draft,
        )
        if (kept.name, kept.digest) != (record.name, record.digest):
            raise BackendError(f"version {record.name} came out as another", where=record.name, hint="gridgeo fsck")
    for record in source.history():
        target.publish(record.id, record.version, created=record.valid_from)
    routes, assignments = source.routes(), source.assignments()
    if routes is not None:
        target.save_routes(routes)
    if assignments is not None:
        target.save_assignments(assignments)
    for book in source.books():
        for text in source.entries(book):
            target.append(book, text)


def store_digest(store: Store) -> str:
    """SHA-256 of all that a store keeps, as 64 hexadecimal digits: equal for equal content, whatever it lies in.

    O(bytes of the territory + versions × atoms).
    """
    territory = store.territory()
    digest = hashlib.sha256(b"gridgeo store 1")
    told: list[object] = [territory_hash(territory), territory.name, territory.crs, notices_text(territory.notices)]
    for record in store.plans():
        plan = store.plan(record.id, record.version)
        told += [asdict(record), plan_digest(plan), notices_text(plan.notices)]
    told += [[record.name, record.valid_from] for record in store.history()]
    told += [None if table is None else table_hash(table) for table in (store.routes(), store.assignments())]
    told += [[book, *store.entries(book)] for book in store.books()]
    for part in told:
        digest.update(json.dumps(part, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
