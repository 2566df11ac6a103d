"""OGC API Processes: the verbs over HTTP, answered when done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

import msgspec
import numpy as np

from gridgeo import service
from gridgeo.core.model import Notice, Stop
from gridgeo.io.answers import assignment_document, isochrones_document, reach_document, told
from gridgeo.stop import MaxSeconds
from gridgeo.web.coverage import summary
from gridgeo.web.features import both, link
from gridgeo.web.inputs import AssignInputs, CheckInputs, DrawInputs, PatrolInputs, ReachInputs
from gridgeo.web.openapi import REF, to_30
from gridgeo.web.problems import BusyError
from gridgeo.web.routes import Query, Reply, Routes
from gridgeo.web.site import Site

routes = Routes("Processes")

T = TypeVar("T")


class Execute(msgspec.Struct, Generic[T], frozen=True, forbid_unknown_fields=True):
    """Request to run a process."""

    inputs: T


@dataclass(frozen=True, kw_only=True)
class Process:
    """One verb: what it takes and how it is run."""

    id: str
    title: str
    text: str
    inputs: Any
    run: Callable[[Site, Any, Stop], dict[str, Any]]


def _draw(site: Site, inputs: DrawInputs, stop: Stop) -> dict[str, Any]:
    result = service.draw(site.store.territory(), inputs.params(), stop=stop, rng_seed=inputs.rng_seed)
    plan = result.plan
    record = service.keep_plan(
        site.store, plan, id=inputs.id, created=site.now(), note=inputs.note, publish=inputs.publish
    )
    low, high = plan.band
    return {
        "plan": record.name,
        "grids": len(plan),
        "households": int(plan.households.sum()),
        "in_band": float(plan.in_band.mean()),
        "households_band": [low, high],
        "out_of_band": [asdict(miss) for miss in result.out_of_band],
        "infeasible": [asdict(case) for case in result.infeasible],
        "compactness": round(float(plan.compactness.mean()), 4),
        "bound": result.bound,
        "optimality_gap": result.optimality_gap,
        "proven_households": result.proven,
        "rng_seed": inputs.rng_seed,
        "notices": told(plan.notices),
        "certificate": service.check(plan).certificate.to_dict(grids=False),
    }


def _check(site: Site, inputs: CheckInputs, stop: Stop) -> dict[str, Any]:
    record = site.find(inputs.plan)
    return summary(service.check(site.store.plan(record.id, record.version)), site.state().globe)


def _patrol(site: Site, inputs: PatrolInputs, stop: Stop) -> dict[str, Any]:
    result = service.patrol(site.store.plan(), inputs.params(), stop=stop, rng_seed=inputs.rng_seed)
    if inputs.keep:
        service.keep_routes(site.store, result)
    names = (
        "grid", "officer", "round", "day", "length_m", "walk_s", "service_s", "deadhead_m", "bound_m", "proven",
    )  # fmt: skip
    return {
        "routes": [{name: _plain(getattr(route, name)) for name in names} for route in result.routes],
        "unreached": [_plain(item) for item in result.unreached],
    }


def _assign(site: Site, inputs: AssignInputs, stop: Stop) -> dict[str, Any]:
    result = service.assign(site.state().territory, inputs.params(), stop=stop)
    if inputs.keep:
        service.keep_assignment(site.store, result)
    return assignment_document(result)


def _reach(site: Site, inputs: ReachInputs, stop: Stop) -> dict[str, Any]:
    state, params, wanted = site.state(), inputs.params(), inputs.sites()
    land = state.desk.now(state.territory) if inputs.service == "responders" else state.territory
    sites = None if wanted is None else service.sites(land, wanted)
    document = reach_document(service.reach(land, params), sites, land.crs)
    if inputs.isochrones:
        document["isochrones"] = isochrones_document(service.isochrones(land, params), land.crs)
    return document


def _plain(value: Any) -> Any:
    """Results of the core as plain values; geometry stays with the collections."""
    if isinstance(value, Notice):
        return told([value])[0]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        names = [name for name in value.__dataclass_fields__ if name not in ("geometry", "territory", "plan")]
        return {name: _plain(getattr(value, name)) for name in names}
    return value


PROCESSES = {
    process.id: process
    for process in (
        Process(
            id="draw",
            title="Draw",
            text="Divide the territory into grids and keep the plan.",
            inputs=DrawInputs,
            run=_draw,
        ),
        Process(
            id="check",
            title="Check",
            text="Prove that a plan covers the territory exactly once.",
            inputs=CheckInputs,
            run=_check,
        ),
        Process(
            id="patrol",
            title="Patrol",
            text="Plan walking routes through every grid.",
            inputs=PatrolInputs,
            run=_patrol,
        ),
        Process(
            id="assign",
            title="Assign",
            text="Find teams of responders for emergency units.",
            inputs=AssignInputs,
            run=_assign,
        ),
        Process(
            id="reach",
            title="Reach",
            text="Tell who lives within a walk of a service, and where to stand next.",
            inputs=ReachInputs,
            run=_reach,
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
        "version": "1.0.0",
        "jobControlOptions": ["sync-execute"],
        "outputTransmission": ["value"],
        "links": [link("self", f"/processes/{process.id}")],
    }


def _describe(process: Process) -> None:
    """Register a process: its description and its execution."""

    def view(site: Site, query: Query) -> Reply:
        _, components = msgspec.json.schema_components([process.inputs], ref_template=REF)
        schema = components[process.inputs.__name__]
        inputs = {
            name: {"title": name, "schema": to_30(part), "minOccurs": int(name in schema["required"])}
            for name, part in schema["properties"].items()
        }
        outputs = {"result": {"title": "Result", "schema": {"type": "object"}}}
        document = {**_brief(process), "inputs": inputs, "outputs": outputs}
        execute = f"/processes/{process.id}/execution"
        document["links"] = [
            *both(f"/processes/{process.id}"),
            link("http://www.opengis.net/def/rel/ogc/1.0/execute", execute),
        ]
        return Reply(document=document, title=process.title)

    def execute(site: Site, body: Any) -> Reply:
        seconds = min(getattr(body.inputs, "seconds", site.settings.max_seconds), site.settings.max_seconds)
        started = time.monotonic()
        with _place(site):
            document = process.run(site, body.inputs, MaxSeconds(seconds))
        return Reply(document={**document, "seconds": round(time.monotonic() - started, 3)})

    view.__name__, execute.__name__ = f"process_{process.id}", f"execute_{process.id}"
    view.__doc__ = execute.__doc__ = process.text
    routes.get(f"/processes/{process.id}", summary=f"Describe {process.id}")(view)
    routes.post(
        f"/processes/{process.id}/execution",
        summary=process.title,
        body=Execute[process.inputs],  # type: ignore[name-defined]
        problems=(400, 404, 413, 415, 422, 503),
    )(execute)


@contextmanager
def _place(site: Site) -> Iterator[None]:
    """One computation at a time: the rest of the server stays quick."""
    if not site.busy.acquire(blocking=False):
        raise BusyError("another computation is running", hint="try again later")
    try:
        yield
    finally:
        site.busy.release()


for _process in PROCESSES.values():
    _describe(_process)
