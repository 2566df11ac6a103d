"""Alarms: who is nearest on foot. A dispatch order for simulation and desks; nobody is called from here."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec
import numpy as np
from flask import request
from msgspec import UNSET, Meta, UnsetType

from gridgeo.errors import NotFoundError
from gridgeo.io.answers import alarm_document
from gridgeo.web.faults import RequestFault
from gridgeo.web.locate import check_lonlat
from gridgeo.web.replay import check_key
from gridgeo.web.routes import Query, Reply, Routes
from gridgeo.web.site import Site, State
from gridgeo.web.standings import Mark

routes = Routes("Alarms")

LonLat = tuple[float, float]
Code = Annotated[str, Meta(min_length=1, max_length=200)]
IDEMPOTENCY = "Idempotency-Key"


class Alarm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where help is needed, as a point or the code of a unit, place or station; how many to name, and whom not.

    Sent again with the same Idempotency-Key header, it is answered with the same bytes, whoever has become busy since.
    """

    json_schema: ClassVar[dict[str, Any]] = {"oneOf": [{"required": ["point"]}, {"required": ["site"]}]}

    point: Annotated[LonLat, Meta(description="Longitude, latitude in degrees.")] | UnsetType = UNSET
    site: Annotated[Code, Meta(description="Code of an emergency unit, a place or a station.")] | UnsetType = UNSET
    count: Annotated[int, Meta(ge=1, le=100)] = 5
    max_walk_s: Annotated[int, Meta(ge=1, le=1800)] = 900
    busy: Annotated[list[Code], Meta(max_length=10_000, description="Left out of this answer alone.")] = []
    routes: Annotated[bool, Meta(description="Tell the responders' walking lines.")] = True


class Walk(msgspec.Struct, frozen=True):
    """A walking line (GeoJSON LineString)."""

    type: str
    coordinates: list[LonLat]


class Answering(msgspec.Struct, frozen=True):
    """One who answers: code, walking seconds, place, and for responders whether they may lead and how they walk."""

    code: str
    walk_s: int
    point: LonLat
    can_lead: bool = False
    route: Walk | None = None


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


class Status(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What changes for a responder: busy or free, on or off duty; what is left out stays."""

    busy: bool | None = None
    on_duty: bool | None = None


class Standing(msgspec.Struct, frozen=True):
    """How a responder stands, and how many are ready in all."""

    code: str
    busy: bool
    on_duty: bool
    ready: int


@routes.post(
    "/alarms",
    summary="Nearest responders to an alarm",
    body=Alarm,
    returns=DispatchOrder,
    problems=(400, 404, 409, 412, 413, 415),
    role="patrol",
    headers=(IDEMPOTENCY,),
)
def alarm(site: Site, body: Alarm) -> Reply:
    """Nearest responders on duty and emergency units by walking time, in order, with their routes.

    An Idempotency-Key header makes a repeated alarm safe: the first answer is given again.
    """
    key = request.headers.get(IDEMPOTENCY)
    if key is None:
        return Reply(document=_order(site, body))
    check_key(key)
    data, again = site.answered.once(
        key, msgspec.json.encode(body), lambda: msgspec.json.encode(_order(site, body)), site.now()[:10]
    )
    return Reply(document=data, headers={"Idempotent-Replayed": "true"} if again else {})


def _order(site: Site, body: Alarm) -> dict[str, Any]:
    state = site.state()
    xy = _place(state, body)
    if not np.isfinite(xy).all():
        return {"grid": None, "responders": [], "reserve": [], "lead": None, "units": [], "on_network": False}
    answer = site.desk().answer(xy, k=body.count, without=body.busy, max_walk_s=body.max_walk_s, routes=body.routes)
    grid = state.locator.code(*xy) if state.drawn is not None else ""
    return {"grid": grid or None} | alarm_document(answer, state.territory, routes=body.routes)


def _place(state: State, body: Alarm) -> tuple[float, float]:
    """Where the alarm is, metres."""
    from gridgeo.core.dispatch import site_xy  # its solvers load when the first alarm comes

    if (body.point is UNSET) == (body.site is UNSET):
        raise RequestFault("an alarm needs a point or a site", pointer="#", hint="give one of the two")
    if body.point is not UNSET:
        check_lonlat(*body.point, "#/point")
        return state.globe.metres(*body.point)
    xy = site_xy(state.territory, str(body.site))
    if xy is None:
        raise NotFoundError(f"there is no site {body.site}", where="site", hint="a unit, place or station")
    return xy


@routes.get("/responders/{code}/status", summary="How a responder stands", returns=Standing, problems=(400, 404))
def standing(site: Site, code: str, query: Query) -> Reply:
    """Whether a responder is busy and on duty at this moment."""
    return Reply(document=_standing(site, code), title=code)


@routes.post(
    "/responders/{code}/status",
    summary="Mark a responder busy or free, on or off duty",
    body=Status,
    returns=Standing,
    problems=(400, 404, 413, 415),
    role="patrol",
)
def mark(site: Site, code: str, body: Status) -> Reply:
    """Change how a responder stands: one write, seen by the next alarm.

    Kept in a journal of the project, so that all server processes agree and a restart forgets nothing. A simulation,
    not a register of duty.
    """
    site.state().territory.responders.row(code)
    with site.changing() as change:
        site.standings.note(Mark(code, body.busy, body.on_duty), change.store)
    return Reply(document=_standing(site, code))


def _standing(site: Site, code: str) -> Standing:
    desk = site.desk()
    busy, on_duty = desk.standing(code)
    return Standing(code=code, busy=busy, on_duty=on_duty, ready=desk.ready)
