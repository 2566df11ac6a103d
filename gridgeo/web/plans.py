"""Plans as versions: every version kept, what it is, what sets two apart, and which one is published."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from gridgeo import service
from gridgeo.errors import NotFoundError
from gridgeo.ports import PlanRecord
from gridgeo.web.auth import caller
from gridgeo.web.features import both, link
from gridgeo.web.matching import plan_tag, require_plan
from gridgeo.web.openapi import VND
from gridgeo.web.routes import GEOJSON, JSON, NoQuery, Query, Reply, Routes
from gridgeo.web.site import Site

routes = Routes("Plans")

PlanId = Annotated[str, Meta(pattern="^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$")]
PlanName = Annotated[str, Meta(min_length=1, max_length=80, description="Plan as id or id@version.")]
Note = Annotated[str, Meta(max_length=1000, description="Why.")]
IMMUTABLE = "private, max-age=31536000, immutable"


class PlansQuery(Query, frozen=True, forbid_unknown_fields=True):
    """Which versions, and how many."""

    id: Annotated[str, Meta(max_length=80, description="Only versions of this plan.")] | None = None
    limit: Annotated[int, Meta(ge=1, le=10_000, description="Most versions of one page.")] = 1000
    offset: Annotated[int, Meta(ge=0, le=1_000_000_000, description="Versions to leave out first.")] = 0


class DiffQuery(Query, frozen=True, forbid_unknown_fields=True):
    """Which version to compare with."""

    to: PlanName = ""


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A draft to begin: its id, and the plan it begins with, the published one when empty."""

    id: PlanId
    start: Annotated[str, Meta(max_length=80)] = msgspec.field(name="from", default="")
    note: Note = ""


class Publish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which version to publish."""

    version: int


class Restore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which version to make the latest again."""

    version: Annotated[int, Meta(ge=1)]
    note: Note = ""


class Version(msgspec.Struct, frozen=True):
    """One kept version: who made it, when and why, from what, and when it was in force."""

    id: str
    version: int
    created: str
    note: str
    author: str
    parent: str
    draft: bool
    published: bool
    valid_from: str | None
    valid_to: str | None
    digest: str


@routes.get("/plans", summary="All plans", query=PlansQuery)
def plans(site: Site, query: PlansQuery) -> Reply:
    """Every version of every plan, in the order they were saved."""
    found = [record for record in site.store.plans() if query.id in (None, record.id)]
    last = query.offset + query.limit
    chosen = f"&id={query.id}" if query.id else ""
    links = both(f"/plans?limit={query.limit}&offset={query.offset}{chosen}")
    if last < len(found):
        links.append(link("next", f"/plans?limit={query.limit}&offset={last}{chosen}"))
    listed = [version(record) for record in found[query.offset : last]]
    return Reply(document={"plans": listed, "numberMatched": len(found), "links": links}, title="Plans")


@routes.add("POST", "/plans", summary="Begin a draft", body=Draft, returns=Version, success=(201,),
            problems=(400, 404, 412, 413, 415))  # fmt: skip
def begin(site: Site, body: Draft) -> Reply:
    """Begin a named draft with the content of a version; 412 where the name is taken."""
    start = site.find(body.start)
    plan = site.store.plan(start.id, start.version)
    with site.changing() as change:
        record = change.store.save_plan(
            plan, id=body.id, created=site.now(), note=body.note, author=caller().name, after=0, parent=start.name,
            draft=True,
        )  # fmt: skip
        change.made = f"plans/{record.name}"
    return made(record)


@routes.get("/plans/{plan}", summary="One plan, by id or id@version")
def plan(site: Site, query: Query, plan: str) -> Reply:
    """One version of a plan in numbers; without @version the latest. All its collections stand under its address."""
    record = site.find(plan)
    drawn = site.at(record).state().plan
    low, high = drawn.band
    path = f"/plans/{record.name}"
    document = {
        **msgspec.to_builtins(version(record)),
        "title": record.name,
        "grids": len(drawn),
        "households": int(drawn.households.sum()),
        "households_band": [low, high],
        "in_band": int(drawn.in_band.sum()),
        "compactness": round(float(drawn.compactness.mean()), 4),
        "locked": sorted(site.editor.locked(record.id)),
        "notices": [
            {"kind": n.kind, "where": n.where, "households": n.households, "facts": dict(n.facts)}
            for n in drawn.notices
        ],
        "links": [
            *both(path),
            link("service-desc", path + "/api", VND),
            link("conformance", path + "/conformance"),
            link("data", path + "/collections"),
            link("items", path + "/collections/grids/items", GEOJSON),
            link("related", path + "/coverage", JSON, "Is the plan complete?"),
            *([link("predecessor-version", f"/plans/{record.parent}")] if record.parent else []),
        ],
    }
    return Reply(document=document, title=record.name, headers={"ETag": plan_tag(record)})


@routes.get("/plans/{plan}/labels", summary="Grid of every atom in one version", query=NoQuery)
def labels(site: Site, plan: str) -> Reply:
    """The plan itself: for every atom, in the order of the territory, the code of its grid."""
    record = site.find(plan)
    drawn = site.at(record).state().plan
    pairs = dict(zip(drawn.territory.atoms.code.tolist(), drawn.grids.code[drawn.label].tolist(), strict=True))
    return Reply(document={"plan": record.name, "labels": pairs})


@routes.get("/plans/{plan}/diff", summary="What sets two versions apart", query=DiffQuery)
def diff(site: Site, query: DiffQuery, plan: str) -> Reply:
    """What changes from this version to another, the published one when `to` is empty: edits, and their sum."""
    from gridgeo.core.edit import edit_to

    records = site.find(plan), site.find(query.to)
    before, after = (site.at(record).state().plan for record in records)
    change = service.compare_plans(before, after)
    document = {
        "from": records[0].name,
        "to": records[1].name,
        "edits": [edit_to(edit) for edit in service.plan_diff(before, after)],
        "households_moved": change.households_moved,
        "area_moved_m2": round(change.area_moved_m2, 2),
        "officers_affected": change.officers_affected,
        "ended": list(change.ended),
        "counts": change.counts,
        "grids": [asdict(grid) for grid in change.grids],
        "links": both(f"/plans/{plan}/diff" + (f"?to={query.to}" if query.to else "")),
    }
    return Reply(document=document, title=f"{records[0].name} → {records[1].name}")


@routes.post("/plans/{plan}/publish", summary="Publish one version", body=Publish, returns=Version)
def publish(site: Site, body: Publish, plan: str) -> Reply:
    """Make one version of a plan the published one; routes worked out for other grids are dropped."""
    without_version(plan)
    if body.version < 1:
        raise NotFoundError(f"there is no version {body.version}", where=plan)
    with site.changing() as change:
        record = change.store.publish(plan, body.version, created=site.now())
        change.made = f"plans/{record.name}"
    return Reply(document=version(record))


@routes.add("POST", "/plans/{plan}/restore", summary="Bring an old version back", body=Restore, returns=Version,
            problems=(400, 404, 412, 413, 415, 428), success=(201,), headers=("If-Match",))  # fmt: skip
def restore(site: Site, body: Restore, plan: str) -> Reply:
    """Make the content of an old version the next one; nothing between is lost."""
    record = head(site, plan)
    target = site.find(f"{plan}@{body.version}")
    require_plan(record)
    return made(site.editor.restore(record, target, by=caller().name, note=body.note).record)


def head(site: Site, plan: str) -> PlanRecord:
    """The latest version of a plan.

    Raises
    ------
    NotFoundError
        There is no such plan, or a version is named.
    """
    without_version(plan)
    return site.find(plan)


def without_version(plan: str) -> None:
    """Refuse an address that names a version where the plan itself is changed.

    Raises
    ------
    NotFoundError
        It does.
    """
    if not plan or "@" in plan:
        raise NotFoundError(f"there is no plan {plan}", where=plan, hint="leave @version out of the address")


def made(record: PlanRecord, **more: Any) -> Reply:
    """The reply that tells of a new version."""
    headers = {"Location": link("self", f"/plans/{record.name}")["href"], "ETag": plan_tag(record)}
    return Reply(document={**msgspec.to_builtins(version(record)), **more}, status=201, headers=headers)


def version(record: PlanRecord) -> Version:
    """A version as it is told."""
    told = {name: getattr(record, name) for name in Version.__struct_fields__}
    return Version(**told | {"valid_from": record.valid_from or None, "valid_to": record.valid_to or None})
