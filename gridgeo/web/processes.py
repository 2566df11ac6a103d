"""OGC API Processes: the verbs over HTTP, answered when done or made into jobs."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import msgspec
from flask import request

from gridgeo.core.model import Plan, Table
from gridgeo.errors import InputError, NotFoundError
from gridgeo.ports import PlanRecord, Store
from gridgeo.web import inputs as taken
from gridgeo.web.auth import caller
from gridgeo.web.change import Change
from gridgeo.web.computing import Done, Order, World
from gridgeo.web.features import both, link
from gridgeo.web.jobs import NO_SUCH_PROCESS, status_reply
from gridgeo.web.openapi import REF, to_30
from gridgeo.web.routes import Query, Reply, Routes
from gridgeo.web.site import Site

routes = Routes("Processes")

T = TypeVar("T")


class Outputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which outputs to tell: there is one."""

    result: dict[str, Any] | None = None


class Execute(msgspec.Struct, Generic[T], frozen=True, forbid_unknown_fields=True):
    """Request to run a process; nobody is called back, so there is no `subscriber`.

    `response` "document" wraps the answer as the output `result`.
    """

    inputs: T
    outputs: Outputs | None = None
    response: Literal["raw", "document"] = "raw"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asked, of which version, whether the work was cut short, and the transaction that keeps what it made."""

    by: str
    record: PlanRecord | None
    cut: bool
    changing: Callable[[], AbstractContextManager[Change]]


Keep = Callable[[Any, Done, Asked], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Process:
    """One verb: what it takes, who may run it, which plan it needs, and what of its answer is kept."""

    id: str
    title: str
    text: str
    inputs: Any
    role: str = "planner"
    plan: Callable[[Any], str | None] = lambda inputs: None
    keep: Keep = lambda inputs, done, asked: done.document


def _keep_plan(inputs: taken.DrawInputs, done: Done, asked: Asked) -> dict[str, Any]:
    assert isinstance(done.kept, Plan)
    note = inputs.note or ("ended before its time" if asked.cut else "")
    with asked.changing() as change:
        store = change.store
        record = store.save_plan(
            done.kept, id=inputs.id, created=Site.now(), note=note, author=asked.by,
            parent=asked.record.name if asked.record else "", draft=asked.cut or not inputs.publish,
        )  # fmt: skip
        if inputs.publish and not asked.cut:
            store.publish(record.id, record.version, created=record.created)
        change.made = f"plans/{record.name}"
    return {"plan": record.name, **done.document}


def _keep_routes(inputs: taken.PatrolInputs, done: Done, asked: Asked) -> dict[str, Any]:
    if inputs.keep:
        assert isinstance(done.kept, Table)
        with asked.changing() as change:
            # of the plan walked, not of one published meanwhile
            if asked.record and any(r.published and r.name == asked.record.name for r in change.store.plans()):
                change.store.save_routes(done.kept)
    return done.document


def _keep_teams(inputs: taken.AssignInputs, done: Done, asked: Asked) -> dict[str, Any]:
    if inputs.keep:
        assert isinstance(done.kept, Table)
        with asked.changing() as change:
            change.store.save_assignments(done.kept)
    return done.document


def _one_plan(inputs: Any) -> str:
    name: str = inputs.plan
    return name


PROCESSES = {
    process.id: process
    for process in (
        Process(
            id="draw",
            title="Draw",
            text="Divide the territory into grids and keep the plan; from a plan before, with the least change.",
            inputs=taken.DrawInputs,
            plan=lambda inputs: inputs.before or None,
            keep=_keep_plan,
        ),
        Process(
            id="check",
            title="Check",
            text="Prove that a plan, or polygons, cover the territory exactly once.",
            inputs=taken.CheckInputs,
            role="viewer",
            plan=lambda inputs: inputs.plan if inputs.grids is None else None,
        ),
        Process(
            id="repair",
            title="Repair",
            text="Propose who takes the ground of every fault of some polygons, mend and prove them.",
            inputs=taken.RepairInputs,
            role="viewer",
        ),
        Process(
            id="patrol",
            title="Patrol",
            text="Plan walking routes through every grid.",
            inputs=taken.PatrolInputs,
            plan=_one_plan,
            keep=_keep_routes,
        ),
        Process(
            id="assign",
            title="Assign",
            text="Find teams of responders for emergency units.",
            inputs=taken.AssignInputs,
            keep=_keep_teams,
        ),
        Process(
            id="footings",
            title="Footings",
            text="Man the emergency units on two footings, and tell who joins, who leaves and who leads.",
            inputs=taken.FootingsInputs,
            role="viewer",
        ),
        Process(
            id="reach",
            title="Reach",
            text="Tell who lives within a walk of a service, and where to stand next.",
            inputs=taken.ReachInputs,
            role="viewer",
        ),
        Process(
            id="tens",
            title="Tens",
            text="Group the households of every grid by about ten neighbors.",
            inputs=taken.TensInputs,
            role="viewer",
            plan=_one_plan,
        ),
        Process(
            id="pair",
            title="Pair",
            text="Pair departments with communities: as many pairs as can be, then the least cost.",
            inputs=taken.PairInputs,
            role="viewer",
        ),
    )
}


@routes.get("/processes", summary="All processes")
def processes(site: Site, query: Query) -> Reply:
    """What can be computed here."""
    document = {"processes": [_brief(p) for p in PROCESSES.values()], "links": both("/processes")}
    return Reply(document=document, title="Processes")


def _brief(process: Process) -> dict[str, Any]:
    return {
        "id": process.id,
        "title": process.title,
        "description": process.text,
        "version": "1.1.0",
        "jobControlOptions": ["sync-execute", "async-execute", "dismiss"],
        "outputTransmission": ["value"],
        "links": [link("self", f"/processes/{process.id}")],
    }


def _describe(process: Process) -> None:
    """Register a process: its description and its execution."""

    def view(site: Site, query: Query) -> Reply:
        return Reply(document=_description(process), title=process.title)

    def execute(site: Site, body: Any) -> Reply:
        later = "respond-async" in request.headers.get("Prefer", "")
        order = _order(site, process, body, later)
        if later:
            return status_reply(site.jobs.later(order), status=201, headers={"Preference-Applied": "respond-async"})
        started = time.monotonic()
        document = {**site.jobs.now(order), "seconds": round(time.monotonic() - started, 3)}
        return Reply(document={"result": document} if body.response == "document" else document)

    view.__name__, execute.__name__ = f"process_{process.id}", f"execute_{process.id}"
    view.__doc__ = execute.__doc__ = process.text
    routes.get(f"/processes/{process.id}", summary=f"Describe {process.id}")(view)
    routes.post(
        f"/processes/{process.id}/execution",
        summary=process.title,
        body=Execute[process.inputs],  # type: ignore[name-defined]
        problems=(400, 404, 413, 415, 422, 429, 503),
        role=process.role,
        success=(200, 201),
        headers=("Prefer",),
    )(execute)


def _description(process: Process) -> dict[str, Any]:
    _, components = msgspec.json.schema_components([process.inputs], ref_template=REF)
    schema = components[process.inputs.__name__]
    inputs = {
        name: {"title": name, "schema": to_30(part), "minOccurs": int(name in schema["required"])}
        for name, part in schema["properties"].items()
    }
    execute = f"/processes/{process.id}/execution"
    return {
        **_brief(process),
        "inputs": inputs,
        "outputs": {"result": {"title": "Result", "schema": {"type": "object"}}},
        "links": [
            *both(f"/processes/{process.id}"),
            link("http://www.opengis.net/def/rel/ogc/1.0/execute", execute),
        ],
    }


def _order(site: Site, process: Process, body: Any, later: bool) -> Order:
    """What the desk is to compute; inputs that can be seen to be wrong are refused before anything waits."""
    inputs, who = body.inputs, caller()
    by = who.name
    for check in ("params", "sites", "priced"):
        getattr(inputs, check, dict)()
    named = process.plan(inputs)
    record = None if named is None else site.find(named)
    longest = site.settings.job_seconds if later else site.settings.max_seconds
    _check_vertices(site, inputs)

    def world() -> World:
        state = site.state()
        if record is not None and (state.record is None or state.record.name != record.name):
            state = site.snapshot(record)  # another version was published while the job waited
        wanted = getattr(inputs, "service", "") == "responders"
        ready = site.desk().now(state.territory).responders if wanted else None
        drawn = None if record is None else state.plan
        return World(territory=state.territory, plan=drawn, responders=ready, routes=state.routes)

    def keep(done: Done, cut: bool, within: Store | None) -> dict[str, Any]:
        changing = site.changing if within is None else lambda: nullcontext(Change(within))
        return process.keep(inputs, done, Asked(by=by, record=record, cut=cut, changing=changing))

    seconds = min(getattr(inputs, "seconds", longest), longest)
    return Order(
        verb=process.id, inputs=inputs, world=world, keep=keep, seconds=seconds, by=by, guest=not who.may("planner")
    )


def _check_vertices(site: Site, inputs: Any) -> None:
    """Refuse geometries with more vertices than allowed, grids and boundary together.

    Raises
    ------
    InputError
        They have.
    """
    grids, boundary = getattr(inputs, "grids", None), getattr(inputs, "boundary", None)
    shapes = [feature.geometry for feature in grids.features] if grids is not None else []
    shapes += [boundary] if boundary is not None else []
    most, count = site.settings.max_vertices, sum(_vertices(shape.get("coordinates")) for shape in shapes)
    if count > most:
        raise InputError(f"{count} vertices, at most {most}", where="inputs", hint="send fewer at a time")


def _vertices(coordinates: Any) -> int:
    if not isinstance(coordinates, list) or not coordinates:
        return 0
    if not isinstance(coordinates[0], list):
        return 1
    return sum(map(_vertices, coordinates))


@routes.get("/processes/{process}", summary="One process", problems=(400, 404))
def process(site: Site, query: Query, process: str) -> Reply:
    """Tells that there is no such process: each has an address of its own."""
    raise _NoSuchProcess(f"there is no process {process}", where=process, hint="see /processes")


class _NoSuchProcess(NotFoundError):
    uri = NO_SUCH_PROCESS


for _process in PROCESSES.values():
    _describe(_process)
