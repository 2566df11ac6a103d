"""`gridgeo fsck`: whether a project is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.console import BROKEN, OK, Desk, verb
from gridgeo.words import say

if TYPE_CHECKING:
    from gridgeo.core.model import Objects
    from gridgeo.store.fsck import Health


@verb("fsck")
@click.argument("project")
@click.option("--head", default="", help="Hash the audit log once ended with: proves that nothing was cut off.")
def command(desk: Desk, project: str, head: str) -> int:
    """Read everything kept in PROJECT again and prove it, changing nothing; exit code 1 with findings.

    PROJECT is a plan file, or postgresql://user@host/database?schema=town.
    """
    health = examined(project, head=head)
    show(desk, project, health)
    desk.document({**document(desk, health), "seconds": desk.seconds})
    return BROKEN if health.findings else OK


def examined(project: str, *, head: str = "") -> Health:
    """Examine a project at any address."""
    from gridgeo.store.fsck import fsck_database, fsck_file
    from gridgeo.store.open import is_database

    examine = fsck_database if is_database(project) else fsck_file
    return examine(project, count_faults, head=head)


def count_faults(shapes: Objects, boundary: Any) -> int:
    """What keeps polygons from covering a boundary exactly once."""
    from gridgeo.core.coverage import check_polygons

    report = check_polygons(shapes, boundary)
    return 0 if report.complete else max(1, len(report.findings))


def show(desk: Desk, project: str, health: Health) -> None:
    """Say what was found."""
    if health.findings:
        desk.say("fsck-findings", count=len(health.findings), path=project)
        desk.notices(health.findings)
        return
    desk.say("fsck-sound", versions=health.versions, entries=health.entries)
    if health.head:
        desk.say("fsck-head", head=health.head)


def document(desk: Desk, health: Health) -> dict[str, Any]:
    """What was found, as data."""
    findings = [
        {
            "kind": notice.kind,
            "where": notice.where,
            "facts": dict(notice.facts),
            "sentence": say(notice.kind, desk.lang, where=notice.where, **notice.facts),
        }
        for notice in health.findings
    ]
    return {
        "sound": not findings,
        "findings": findings,
        "versions": health.versions,
        "entries": health.entries,
        "head": health.head,
    }
