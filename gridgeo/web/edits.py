"""Edits over HTTP: atomic batches, undo, and the work of two planners brought together."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from gridgeo.errors import InputError
from gridgeo.web.auth import caller
from gridgeo.web.editing import Landed, common_ancestor
from gridgeo.web.matching import require_plan
from gridgeo.web.plans import Note, PlanName, head, made
from gridgeo.web.problems import language
from gridgeo.web.routes import Reply, Routes
from gridgeo.web.site import Site
from gridgeo.words import told

if TYPE_CHECKING:
    from gridgeo.core.edit import Record

routes = Routes("Edits")
_PROBLEMS = (400, 404, 409, 412, 413, 415, 422, 428)


class Edits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One batch, carried out whole or not at all.

    Each edit has `op`: move (atoms, to), merge (grids, into), split (grid, atoms or parts, code, name), new (atoms,
    code, name), lock (grid), unlock (grid), rename (grid, name), fix-rest (keep, rng_seed). `strict` refuses what
    breaks a soft rule too; `publish` makes the outcome the published plan.
    """

    edits: Annotated[list[dict[str, Any]], Meta(min_length=1)]
    note: Note = ""
    strict: bool = False
    publish: bool = False


class Undo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Takes the last change of a plan back; again, the one before."""


class Merging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose work to bring in, and the version both began with, found when not named."""

    theirs: PlanName
    base: Annotated[str, Meta(max_length=80)] = ""
    note: Note = ""


@routes.add("POST", "/plans/{plan}/edits", summary="Edit a plan", body=Edits, problems=_PROBLEMS, success=(201,),
            headers=("If-Match",))  # fmt: skip
def edit(site: Site, body: Edits, plan: str) -> Reply:
    """One atomic batch of edits; 409 with the broken rule and its place, and then nothing has changed."""
    from gridgeo.core.edit import edits_from

    record = head(site, plan)
    require_plan(record)
    if len(body.edits) > site.settings.max_edits:
        raise InputError(f"{len(body.edits)} edits, at most {site.settings.max_edits}", where="edits")
    edits, by = edits_from(body.edits), caller().name
    return _told(site.editor.edit(record, edits, by=by, note=body.note, strict=body.strict, publish=body.publish))


@routes.add("POST", "/plans/{plan}/undo", summary="Take the last change back", body=Undo,
            problems=(400, 404, 412, 413, 415, 428), success=(201,), headers=("If-Match",))  # fmt: skip
def undo(site: Site, body: Undo, plan: str) -> Reply:
    """The version before the last change becomes the next one; nothing is lost."""
    record = head(site, plan)
    require_plan(record)
    return _told(site.editor.take_back(record, site.store.plans(), by=caller().name))


@routes.add("POST", "/plans/{plan}/merge", summary="Bring another draft's work in", body=Merging, problems=_PROBLEMS,
            success=(201,), headers=("If-Match",))  # fmt: skip
def merge(site: Site, body: Merging, plan: str) -> Reply:
    """Bring the changes of another draft into this plan, atom by atom; 409 where both want different things."""
    ours, theirs = head(site, plan), site.find(body.theirs)
    require_plan(ours)
    base = site.find(body.base) if body.base else common_ancestor(ours, theirs, site.store.plans())
    return _told(site.editor.merge(base, ours, theirs, by=caller().name, note=body.note), base=base.name)


def _told(landed: Landed, **more: Any) -> Reply:
    changed = [{"code": grid.code, "before": _grid(grid.before), "after": _grid(grid.after)} for grid in landed.changed]
    notices = [asdict(notice) | {"text": told(notice, language())} for notice in landed.notices]
    record = landed.record
    return made(record, plan=record.name, changed=changed, notices=notices, certificate=landed.proof, **more)


def _grid(record: Record | None) -> dict[str, Any] | None:
    """Numbers of a grid, None where there is none."""
    if record is None:
        return None
    return {
        "name": record.name,
        "households": record.households,
        "buildings": record.buildings,
        "atoms": record.atoms,
        "area_m2": round(record.area_m2, 2),
        "perimeter_m": round(record.perimeter_m, 2),
    }
