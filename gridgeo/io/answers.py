"""Answers about units, alarms and reach as plain documents: the same on the terminal, on the wire and in Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gridgeo.core.model import Notice
from gridgeo.io.crs import lonlat

if TYPE_CHECKING:  # only named here: loading them would load their solvers
    from collections.abc import Iterable, Sequence

    from gridgeo.core.dispatch import (
        AssignmentResult,
        FootingChange,
        Gap,
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
