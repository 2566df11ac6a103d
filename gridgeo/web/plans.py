"""Plans as versions: every version kept, what it is, and which one is published."""

from __future__ import annotations

from typing import Any

import msgspec

from gridgeo.errors import NotFoundError
from gridgeo.ports import PlanRecord
from gridgeo.web.features import both, link
from gridgeo.web.routes import GEOJSON, NoQuery, Query, Reply, Routes
from gridgeo.web.site import Site

routes = Routes("Plans")


class Publish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which version to publish."""

    version: int


@routes.get("/plans", summary="All plans")
def plans(site: Site, query: Query) -> Reply:
    """Every version of every plan, in the order they were saved."""
    listed = [_record(record) for record in site.store.plans()]
    return Reply(document={"plans": listed, "links": both("/plans")}, title="Plans")


@routes.get("/plans/{plan}", summary="One plan, by id or id@version")
def plan(site: Site, query: Query, plan: str) -> Reply:
    """One version of a plan in numbers; without @version the latest."""
    record = site.find(plan)
    drawn = site.store.plan(record.id, record.version)
    low, high = drawn.band
    document = {
        **_record(record),
        "grids": len(drawn),
        "households": int(drawn.households.sum()),
        "households_band": [low, high],
        "in_band": int(drawn.in_band.sum()),
        "compactness": round(float(drawn.compactness.mean()), 4),
        "notices": [
            {"kind": n.kind, "where": n.where, "households": n.households, "facts": dict(n.facts)}
            for n in drawn.notices
        ],
        "links": both(f"/plans/{record.name}"),
    }
    if record.published:
        document["links"].append(link("items", "/collections/grids/items", GEOJSON))
    return Reply(document=document, title=record.name)


@routes.get("/plans/{plan}/labels", summary="Grid of every atom in one version", query=NoQuery)
def labels(site: Site, plan: str) -> Reply:
    """The plan itself: for every atom, in the order of the territory, the code of its grid."""
    record = site.find(plan)
    drawn = site.store.plan(record.id, record.version)
    pairs = dict(zip(drawn.territory.atoms.code.tolist(), drawn.grids.code[drawn.label].tolist(), strict=True))
    return Reply(document={"plan": record.name, "labels": pairs})


@routes.post("/plans/{plan}/publish", summary="Publish one version", body=Publish)
def publish(site: Site, body: Publish, plan: str) -> Reply:
    """Make one version of a plan the published one; routes worked out for other grids are dropped."""
    if "@" in plan:
        raise NotFoundError(f"there is no plan {plan}", where=plan, hint="give the version in the body")
    if body.version < 1:
        raise NotFoundError(f"there is no version {body.version}", where=plan)
    return Reply(document=_record(site.store.publish(plan, body.version)))


def _record(record: PlanRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "version": record.version,
        "created": record.created,
        "note": record.note,
        "published": record.published,
    }
