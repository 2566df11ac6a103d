"""Answers about units, alarms and reach as plain documents: the same on the terminal, on the wire and in Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridgeo.core.model import Notice, Territory, geometries
from gridgeo.io.crs import lonlat, rounded_lonlat, to_lonlat

if TYPE_CHECKING:  # only named here: loading them would load their solvers
    from collections.abc import Iterable, Sequence

    from gridgeo.core.dispatch import (
        AlarmAnswer,
        AssignmentResult,
        FootingChange,
        Gap,
        Isochrone,
        PairingResult,
        ReachResult,
        SiteResult,
        TenResult,
        UnitCard,
    )


def told(notices: Iterable[Notice]) -> list[dict[str, Any]]:
    """Notices as plain values."""
    return [{"kind": n.kind, "where": n.where, "households": n.households, "facts": dict(n.facts)} for n in notices]


def assignment_document(result: AssignmentResult) -> dict[str, Any]:
    """Teams, shortages with their repairs, and the proof."""
    return {
        "assignments": [asdict(pair) for pair in result.assignments],
        "shortages": [asdict(shortage) for shortage in result.shortages],
        "seats": result.seats,
        "missing_leads": result.missing_leads,
        "missing_members": result.missing_members,
        "total_walk_s": result.total_walk_s,
        "max_walk_s": result.max_walk_s,
        "bound": result.bound,
        "proven": result.proven,
        "notices": told(result.notices),
    }


def alarm_document(answer: AlarmAnswer, territory: Territory, *, routes: bool = True) -> dict[str, Any]:
    """Dispatch order of an alarm, each with its place and, with `routes`, the responders with their walking lines."""
    posts, units = territory.responders, territory.emergency_units
    people = [*answer.responders, *answer.reserve, *([answer.lead] if answer.lead else [])]
    lines = [one.route for one in answer.responders if one.route is not None]
    ends = [posts.xy[posts.row(one.code)] for one in people] + [units.xy[units.row(one.code)] for one in answer.units]
    # all that is told, in one transform: each costs as much as a hundred points
    degrees = rounded_lonlat(np.concatenate([np.reshape(ends, (-1, 2)), *lines]), territory.crs).tolist()
    told_people = [
        {"code": one.code, "walk_s": one.walk_s, "point": point, "can_lead": one.can_lead}
        for one, point in zip(people, degrees, strict=False)
    ]
    count, at = len(answer.responders), len(ends)
    for one, called in zip(told_people, answer.responders if routes else (), strict=False):
        walk = None if called.route is None else degrees[at : at + len(called.route)]
        one["route"] = walk and {"type": "LineString", "coordinates": walk}
        at += len(walk or ())
    return {
        "responders": told_people[:count],
        "reserve": told_people[count : count + len(answer.reserve)],
        "lead": told_people[-1] if answer.lead else None,
        "units": [
            {"code": one.code, "walk_s": one.walk_s, "point": point}
            for one, point in zip(answer.units, degrees[len(people) :], strict=False)
        ],
        "on_network": answer.on_network,
    }


def reach_document(result: ReachResult, sites: SiteResult | None, crs: str) -> dict[str, Any]:
    """Shares by walking time and the gaps; with `sites` also where to stand next. Points are longitude, latitude."""
    document: dict[str, Any] = {
        "rings": [asdict(ring) for ring in result.rings],
        "gaps": _gaps(result.gaps, crs),
        "households": result.households,
        "places": result.places,
        "services": result.services,
        "notices": told(result.notices),
    }
    if sites is not None:
        points = lonlat([site.xy for site in sites.sites], crs)
        document["sites"] = [
            {"point": list(point), "households": site.households}
            for point, site in zip(points, sites.sites, strict=True)
        ]
        document |= {name: getattr(sites, name) for name in ("before", "after", "value", "bound", "proven")}
        document["unreachable"] = _gaps(sites.unreachable, crs)
    return document


def _gaps(gaps: Sequence[Gap], crs: str) -> list[dict[str, Any]]:
    points = lonlat([gap.xy for gap in gaps], crs)
    return [
        {"code": g.code, "kind": g.kind, "households": g.households, "walk_s": g.walk_s, "point": list(point)}
        for g, point in zip(gaps, points, strict=True)
    ]


def isochrones_document(rings: Sequence[Isochrone], crs: str) -> dict[str, Any]:
    """Stretches of street within each limit as GeoJSON in longitude and latitude."""
    shapes = to_lonlat(geometries([ring.geometry for ring in rings]), crs)
    features = [
        {
            "type": "Feature",
            "properties": {"limit_s": ring.limit_s, "length_m": round(ring.length_m, 1)},
            "geometry": {"type": "MultiLineString", "coordinates": _degrees(shape)},
        }
        for ring, shape in zip(rings, shapes, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _degrees(shape: Any) -> list[list[list[float]]]:
    return [np.round(shapely.get_coordinates(line), 7).tolist() for line in shape.geoms]


def footings_document(change: FootingChange) -> dict[str, Any]:
    """Two footings side by side, and what changes for each unit."""
    return {
        "before": assignment_document(change.before),
        "after": assignment_document(change.after),
        "more_missing": change.more_missing,
        "changes": [asdict(unit) for unit in change.changes],
    }


def cards_document(cards: Sequence[UnitCard]) -> list[dict[str, Any]]:
    """Unit cards with what is open on each."""
    return [
        asdict(card)
        | {"open": told(card.open)}
        | {name: None if day is None else day.isoformat() for name, day in _days(card).items()}
        for card in cards
    ]


def _days(card: UnitCard) -> Mapping[str, Any]:
    return {"last_drill": card.last_drill, "next_drill": card.next_drill}


def tens_document(result: TenResult) -> dict[str, Any]:
    """Ten-household units, and the share of households whose unit keeps the band."""
    return {
        "units": [asdict(unit) for unit in result.units],
        "in_band": result.in_band,
        "notices": told(result.notices),
    }


def pairing_document(result: PairingResult) -> dict[str, Any]:
    """Pairs, what each taker still wants, and the proof."""
    return {
        "pairs": [{"giver": giver, "taker": taker, "cost": cost} for giver, taker, cost in result.pairs],
        "missing": dict(result.missing),
        "cost": result.cost,
        "bound": result.bound,
        "proven": result.cost == result.bound,
    }
