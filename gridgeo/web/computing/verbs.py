"""What a computing process does: each verb from a world and checked inputs to an answer and what is to be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from gridgeo import service
from gridgeo.core.model import Notice, Plan, Progress, Responders, Stop, Table, Territory
from gridgeo.errors import NotFoundError
from gridgeo.web import inputs as taken


@dataclass(frozen=True, kw_only=True)
class World:
    """What a verb works on: territory, the plan asked for, responders as they stand now, the routes kept before."""

    territory: Territory
    plan: Plan | None = None
    responders: Responders | None = None
    routes: Table | None = None

    @property
    def drawn(self) -> Plan:
        """The plan.

        Raises
        ------
        NotFoundError
            There is none.
        """
        if self.plan is None:
            raise NotFoundError("no plan is published", where="plan", hint="draw a plan and publish it")
        return self.plan


@dataclass(frozen=True)
class Done:
    """The answer as plain values, and a plan or table to keep."""

    document: dict[str, Any]
    kept: Plan | Table | None = None


Verb = Callable[[World, Any, Stop, Progress], Done]


def draw(world: World, inputs: taken.DrawInputs, stop: Stop, progress: Progress) -> Done:
    """Divide the territory, anew or with the least change of a plan before."""
    from gridgeo.io.answers import told

    params, locks = inputs.params(), tuple(inputs.locks)
    result = service.draw(
        world.territory, params, previous=world.drawn if inputs.before else None, locks=locks,
        stop=stop, rng_seed=inputs.rng_seed, progress=progress,
    )  # fmt: skip
    ways = [service.ways_out(result, case, locks, params=params, stop=stop) for case in result.infeasible]
    plan = result.plan
    document = {
        "grids": len(plan),
        "households": int(plan.households.sum()),
        "in_band": float(plan.in_band.mean()),
        "households_band": list(plan.band),
        "out_of_band": [asdict(miss) for miss in result.out_of_band],
        "infeasible": [
            case.to_dict() | {"ways_out": [vars(way) for way in found]}
            for case, found in zip(result.infeasible, ways, strict=True)
        ],
        "compactness": round(float(plan.compactness.mean()), 4),
        "bound": result.bound,
        "optimality_gap": result.optimality_gap,
        "proven_households": result.proven,
        "rng_seed": inputs.rng_seed,
        "notices": told(plan.notices),
        "certificate": service.check(plan).certificate.to_dict(grids=False),
    }
    return Done(document, plan)


def check(world: World, inputs: taken.CheckInputs, stop: Stop, progress: Progress) -> Done:
    """Prove a plan, or the polygons of the request."""
    from gridgeo.web.coverage import summary
    from gridgeo.web.globe import Globe

    if inputs.grids is not None:
        from gridgeo.web.computing.covers import cover_of, finding_documents

        cover = cover_of(inputs.grids, inputs.boundary, world.territory)
        report = service.check_cover(cover, band=inputs.households, progress=progress)
        return Done({
            "complete": report.complete, "exact": report.exact, "findings": finding_documents(report.findings),
            "counts": dict(report.counts), "certificate": report.certificate.to_dict(grids=False),
        })  # fmt: skip
    return Done(summary(service.check(world.drawn), Globe(world.territory.crs)))


def repair(world: World, inputs: taken.RepairInputs, stop: Stop, progress: Progress) -> Done:
    """Propose who takes the ground of every fault."""
    from gridgeo.web.computing.covers import cover_of, repair_document

    cover = cover_of(inputs.grids, inputs.boundary, world.territory)
    return Done(repair_document(service.repair_cover(cover, inputs.params(), stop=stop), cover))


def patrol(world: World, inputs: taken.PatrolInputs, stop: Stop, progress: Progress) -> Done:
    """Walk every grid."""
    from gridgeo.core.tables import lines_by_grid, route_table
    from gridgeo.io.answers import told

    last = lines_by_grid(world.routes) if inputs.last and world.routes is not None else None
    result = service.patrol(
        world.drawn, inputs.params(), last=last, stop=stop, rng_seed=inputs.rng_seed, progress=progress
    )
    names = (
        "grid", "officer", "round", "day", "length_m", "walk_s", "service_s", "deadhead_m", "bound_m", "proven",
    )  # fmt: skip
    document = {
        "routes": [{name: plain(getattr(route, name)) for name in names} for route in result.routes],
        "unreached": [plain(item) for item in result.unreached],
        "longest": [plain(item) for item in result.longest],
        "spread": result.spread,
        "spread_most": result.spread_most,
        "spreads": result.spreads,
        "notices": told(result.notices),
    }
    return Done(document, route_table(result.routes))


def assign(world: World, inputs: taken.AssignInputs, stop: Stop, progress: Progress) -> Done:
    """Man the emergency units."""
    from gridgeo.core.tables import assignment_table
    from gridgeo.io.answers import assignment_document

    footing = inputs.chosen()
    land = service.on_footing(world.territory, footing)
    result = service.assign(land, footing.params, stop=stop, progress=progress)
    return Done(assignment_document(result), assignment_table(result.assignments))


def footings(world: World, inputs: taken.FootingsInputs, stop: Stop, progress: Progress) -> Done:
    """Tell what changes between two states of readiness."""
    from gridgeo.io.answers import footings_document

    change = service.compare_footings(world.territory, *inputs.params(), stop=stop, progress=progress)
    return Done({"footings": [inputs.before, inputs.after]} | footings_document(change))


def reach(world: World, inputs: taken.ReachInputs, stop: Stop, progress: Progress) -> Done:
    """Tell who lives within a walk of a service; ended early, without what comes after."""
    from gridgeo.io.answers import isochrones_document, reach_document

    land, params, wanted = world.territory, inputs.params(), inputs.sites()
    if inputs.service == "responders" and world.responders is not None:
        land = replace(land, responders=world.responders)
    found = service.reach(land, params)
    sites = None if wanted is None or stop() else service.sites(land, wanted)
    document = reach_document(found, sites, land.crs)
    if inputs.isochrones and not stop():
        document["isochrones"] = isochrones_document(service.isochrones(land, params), land.crs)
    return Done(document)


def tens(world: World, inputs: taken.TensInputs, stop: Stop, progress: Progress) -> Done:
    """Group households by tens."""
    from gridgeo.io.answers import tens_document

    return Done(tens_document(service.tens(world.drawn, inputs.params(), stop=stop)))


def pair(world: World, inputs: taken.PairInputs, stop: Stop, progress: Progress) -> Done:
    """Pair departments with communities."""
    from gridgeo.io.answers import pairing_document

    return Done(pairing_document(service.pair(inputs.givers, inputs.takers, inputs.priced())))


VERBS: Mapping[str, Verb] = {
    "draw": draw,
    "check": check,
    "repair": repair,
    "patrol": patrol,
    "assign": assign,
    "footings": footings,
    "reach": reach,
    "tens": tens,
    "pair": pair,
}
WHOLE = frozenset({"check", "pair"})
"""Verbs with nothing to hand over before they are done: they end when their time does, or soon after."""


def plain(value: Any) -> Any:
    """Results of the core as plain values; geometry stays with the collections.

    >>> plain((np.int64(3), np.array([1.5])))
    [3, [1.5]]
    """
    if isinstance(value, Notice):
        from gridgeo.io.answers import told

        return told([value])[0]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        names = [name for name in value.__dataclass_fields__ if name not in ("geometry", "territory", "plan")]
        return {name: plain(getattr(value, name)) for name in names}
    return value
