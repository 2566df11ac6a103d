"""What a planner must know about the points and streets behind an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from gridgeo.core.dispatch.entries import Entries
from gridgeo.core.dispatch.network import WalkNetwork
from gridgeo.core.model import EmergencyUnits, Notice, Objects, Responders


def without_streets(network: WalkNetwork) -> Iterator[Notice]:
    """Says when walks are straight lines for want of streets."""
    if not network.has_streets:
        yield Notice(kind="no-streets", facts={"detour": network.params.detour})


def duplicates(code: Objects, layer: str) -> Iterator[Notice]:
    """Names the codes that several rows of a layer share."""
    for name, times in Counter(code.tolist()).items():
        if times > 1:
            yield Notice(kind="duplicate-code", where=str(name), facts={"layer": layer, "times": times})


def without_capacity(responders: Responders, per_person: int) -> Iterator[Notice]:
    """Names the responders whose capacity is 0, or untold, and says what counts instead."""
    codes = [str(code) for code in responders.code[responders.capacity == 0]]
    if codes:
        facts: dict[str, str | int | float] = {"responders": len(codes), "codes": ", ".join(codes)}
        yield Notice(kind="zero-capacity", facts=facts | {"per_person": per_person})


def impossible_limits(units: EmergencyUnits) -> Iterator[Notice]:
    """Names the units whose greatest walk is below nothing: the rings count instead."""
    for row in np.flatnonzero(units.max_walk_s < 0):
        yield Notice(
            kind="impossible-limit", where=str(units.code[row]), facts={"max_walk_s": int(units.max_walk_s[row])}
        )


def off_network(network: WalkNetwork, code: Objects, entries: Entries, kind: str) -> Iterator[Notice]:
    """Names the points too far from every street, with how far that is."""
    if not network.has_streets:
        return
    limit = network.params.off_street_m
    for row in np.flatnonzero(~entries.on_network):
        away = float(entries.away_mm[row]) / 1000
        yield Notice(kind=kind, where=str(code[row]), facts={"distance_m": round(away), "limit_m": limit})


def cut_off(network: WalkNetwork, code: Objects, entries: Entries, kind: str) -> Iterator[Notice]:
    """Names the points whose street is not joined to the greatest piece of the street graph."""
    if not network.has_streets:
        return
    piece = network.edge_piece[entries.edge]
    joined = np.zeros(len(entries), bool)
    joined[entries.point[piece == 0]] = True
    for row in np.flatnonzero(entries.on_network & ~joined):
        own = piece[np.searchsorted(entries.point, row)]
        yield Notice(kind=kind, where=str(code[row]), facts={"streets": int((network.edge_piece == own).sum())})
