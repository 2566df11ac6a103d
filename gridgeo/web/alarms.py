"""Alarms: who is nearest on foot. A dispatch order for simulation and desks; nobody is called from here."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np
from msgspec import Meta

from gridgeo.core.model import EmergencyUnits, Responders
from gridgeo.web.locate import check_lonlat
from gridgeo.web.routes import Reply, Routes
from gridgeo.web.site import Site, State

if TYPE_CHECKING:
    from gridgeo.core.dispatch import Called

routes = Routes("Alarms")


class Alarm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where help is needed, and how many to name."""

    point: Annotated[tuple[float, float], Meta(description="Longitude, latitude in degrees.")]
    count: Annotated[int, Meta(ge=1, le=100)] = 5
    max_walk_s: Annotated[int, Meta(ge=1, le=1800)] = 900


class Answering(msgspec.Struct, frozen=True):
    """One who answers: code, walking seconds, place, and for responders whether they may lead."""

    code: str
    walk_s: int
    point: tuple[float, float]
    can_lead: bool = False


class DispatchOrder(msgspec.Struct, frozen=True):
    """Responders on duty and emergency units, nearest first; the nearest who may lead; the grid of the alarm.

    `on_network` is false where the alarm lies too far from every street to walk to.
    """

    grid: str | None
    responders: list[Answering]
    reserve: list[Answering]
    lead: Answering | None
    units: list[Answering]
    on_network: bool


@routes.post("/alarms", summary="Nearest responders to an alarm", body=Alarm, returns=DispatchOrder)
def alarm(site: Site, body: Alarm) -> Reply:
    """Nearest responders on duty and emergency units by walking time, in order."""
    check_lonlat(*body.point, pointer="#/point")
    state = site.state()
    xy = state.globe.metres(*body.point)
    if not np.isfinite(xy).all():
        nobody = DispatchOrder(grid=None, responders=[], reserve=[], lead=None, units=[], on_network=False)
        return Reply(document=nobody)
    answer = state.desk.answer(xy, k=body.count)
    grid = state.locator.code(*xy) if state.drawn is not None else ""
    posts = partial(_answering, state, state.territory.responders, body.max_walk_s)
    lead = posts([answer.lead] if answer.lead else [])
    order = DispatchOrder(
        grid=grid or None,
        responders=posts(answer.responders),
        reserve=posts(answer.reserve),
        lead=lead[0] if lead else None,
        units=_answering(state, state.territory.emergency_units, body.max_walk_s, answer.units),
        on_network=answer.on_network,
    )
    return Reply(document=order)


def _answering(
    state: State, table: EmergencyUnits | Responders, max_walk_s: int, called: Iterable[Called]
) -> list[Answering]:
    return [
        Answering(
            code=one.code,
            walk_s=one.walk_s,
            point=state.globe.point(*table.xy[table.row(one.code)].tolist()),
            can_lead=one.can_lead,
        )
        for one in called
        if one.walk_s <= max_walk_s
    ]
