"""`gridgeo draw`: territory -> plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.compare import document as told_of
from gridgeo.cli.compare import show as show_changes
from gridgeo.cli.console import SHOWN_NOTICES, Desk, verb
from gridgeo.cli.places import GEOPACKAGE
from gridgeo.cli.prices import with_prices
from gridgeo.errors import InputError
from gridgeo.words import say

if TYPE_CHECKING:
    from gridgeo.core.coverage import CoverageReport
    from gridgeo.core.model import Plan
    from gridgeo.core.partition import PlanParams, PlanResult
    from gridgeo.core.partition.alternatives import Alternative
    from gridgeo.core.partition.params import EffortName
    from gridgeo.io.read import Cover

SHOWN_WAYS = 3
"""Ways out printed for a case; --json holds all."""
EFFORTS = ("quick", "normal", "thorough")
WEAK = 0.25
"""Above this gap the bound says little: large zones are bounded by size and shape alone."""


@verb("draw")
@click.argument("territory", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=GEOPACKAGE, required=True, help="Plan file to write.")
@click.option("--households", nargs=2, type=int, default=(300, 500), show_default=True, help="Size band: MIN MAX.")
@click.option("--count", type=int, default=None, help="Exactly this many grids.")
@click.option("--free", is_flag=True, help="Grids may hold more than one community.")
@click.option("--target", type=int, default=None, help="Households wanted in a grid; the middle of the band if none.")
@click.option("--price", "prices", multiple=True, metavar="NAME=NUMBER", help="What counts, e.g. walking=5.")
@click.option("--empty-land", type=float, default=50.0, show_default=True, metavar="HA", help="Propose empty land.")
@click.option("--carve-empty", type=float, default=None, metavar="HA", help="Carve empty land as exclusive.")
@click.option("--bridges", is_flag=True, help="A grid may reach over a bridge.")
@click.option("--from", "previous", type=click.Path(path_type=Path), help="Plan in force: redraw with least change.")
@click.option("--layer", default=None, help="Layer of the grids in a --from file that is no plan of ours.")
@click.option("--lock", "locks", multiple=True, metavar="CODE", help="Grid of --from that stays exactly as it is.")
@click.option("--alternatives", type=click.IntRange(1), default=1, metavar="N", help="Up to N clearly different plans.")
@click.option("--codes", default="default", metavar="SCHEME", help="Codes: default, 15, 20 or a pattern.")
@click.option("--effort", type=click.Choice(EFFORTS), default="normal", show_default=True, help="Quality or speed.")
@click.option("--seconds", type=float, default=None, help="Time limit; the best plan so far is kept.")
@click.option("--rng-seed", type=int, default=1, show_default=True, help="Same input and seed, same bytes.")
@click.option("--engine", default="local", show_default=True, metavar="local|dask|tcp://…", help="Where work is done.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes that share the work.")
def command(
    desk: Desk,
    territory: Path,
    output: Path,
    households: tuple[int, int],
    count: int | None,
    free: bool,
    target: int | None,
    prices: tuple[str, ...],
    empty_land: float,
    carve_empty: float | None,
    bridges: bool,
    previous: Path | None,
    layer: str | None,
    locks: tuple[str, ...],
    alternatives: int,
    codes: str,
    effort: EffortName,
    seconds: float | None,
    rng_seed: int,
    engine: str,
    workers: int,
) -> int:
    """Divide TERRITORY into grids and prove that they cover it.

    With --from only what breaks the rules is redrawn, moving as few households as can be; codes live on, and grids
    that gridgeo edit locked in that file stay locked.
    With --alternatives N the first plan is OUTPUT's name with -1, the next -2 and so on.
    """
    from gridgeo import service
    from gridgeo.core.model import scheme_of
    from gridgeo.core.partition import PlanParams
    from gridgeo.engine import check_engine
    from gridgeo.gpkg.files import spare
    from gridgeo.io.read import read_territory

    for file in files_of(output, alternatives) if alternatives > 1 else [output]:
        spare(file)  # told before the work, not after
    check_engine(engine)
    if locks and previous is None:
        raise InputError("there is nothing to lock", where="--lock", hint="name the plan in force with --from")
    scheme = scheme_of(codes)
    params = PlanParams(
        households=households, count=count, nest=not free, cross_bridges=bridges, target=target, effort=effort,
        empty_land_ha=empty_land, carve_empty_ha=carve_empty,
    )  # fmt: skip
    params = with_prices(params, prices)
    with desk.progress() as progress, desk.stopping(seconds) as stop:
        land = read_territory(territory, progress=progress)
        before, kept = (None, ()) if previous is None else grids_before(previous, layer)
        locks = tuple(dict.fromkeys((*locks, *kept)))
        options: dict[str, Any] = {
            "previous": before, "locks": locks, "stop": stop, "rng_seed": rng_seed, "progress": progress,
            "workers": workers, "engine": engine,
        }  # fmt: skip
        drawn: tuple[Alternative, ...] = ()
        if alternatives > 1:
            drawn = service.alternatives(land, params, count=alternatives, **options)
        results = [one.result for one in drawn] or [service.draw(land, params, **options)]
        if codes != "default":
            results = [service.recode(result, scheme, codes_before(before)) for result in results]
        results = [with_locks(result, kept) for result in results]
        reports = [service.check(result.plan) for result in results]
        code = desk.exit_code()
    files = files_of(output, len(results)) if alternatives > 1 else [output]
    for result, report, file in zip(results, reports, files, strict=True):
        write_drawn(result, report, file, before, codes, kept)
    told = tell(desk, results[0], reports[0], files[0], before) | {
        "out_of_band": oversize(results[0]),
        "infeasible": tell_ways_out(desk, results[0], locks, params),
    }
    if drawn:
        told |= {"alternatives": tell_alternatives(desk, drawn, files, alternatives)}
    for file in files:
        desk.say("wrote", path=file)
    desk.document(told)
    return code


def codes_before(before: Plan | Cover | None) -> tuple[str, ...]:
    """Codes of the grids in force."""
    if before is None:
        return ()
    found = before.grids.code if hasattr(before, "grids") else before.code
    return tuple(str(code) for code in found)


def files_of(output: Path, count: int) -> list[Path]:
    """Names of several plans: that of the file with -1, -2, ... before its ending.

    >>> [str(path) for path in files_of(Path("a/p.gpkg"), 2)]
    ['a/p-1.gpkg', 'a/p-2.gpkg']
    """
    return [output.with_name(f"{output.stem}-{number}{output.suffix}") for number in range(1, count + 1)]


def with_locks(result: PlanResult, kept: tuple[str, ...]) -> PlanResult:
    """The result with a notice for each lock of the plan in force that was kept."""
    from dataclasses import replace

    from gridgeo.core.model import Notice

    plan = result.plan
    size = dict(zip(plan.grids.code.tolist(), plan.households.tolist(), strict=True))
    told = tuple(Notice(kind="lock-kept", where=code, households=size.get(code, 0)) for code in kept)
    return replace(result, plan=replace(plan, notices=(*plan.notices, *told)))


def write_drawn(
    result: PlanResult,
    report: CoverageReport,
    file: Path,
    before: Plan | Cover | None,
    codes: str,
    kept: tuple[str, ...] = (),
) -> None:
    """Write a plan with its certificate, code scheme, locks kept and, after a redraw, the flow table of households."""
    import json

    from gridgeo import service
    from gridgeo.cli.compare import flows
    from gridgeo.io.write import write_plan

    about = ({} if codes == "default" else {"codes": codes}) | ({"locked": json.dumps(sorted(kept))} if kept else {})
    if before is not None:
        about["flows"] = json.dumps(flows(service.redraw_changes(result, before)), ensure_ascii=False)
    write_plan(result, file, certificate=report.certificate, metadata=about)


def tell(
    desk: Desk, result: PlanResult, report: CoverageReport, file: Path, before: Plan | Cover | None
) -> dict[str, Any]:
    """Print a plan and what it changed; returns its JSON document."""
    from gridgeo import service

    desk.notices(result.plan.notices)
    show_plan(desk, result, report)
    changes = None if before is None else service.redraw_changes(result, before)
    if changes is not None:
        show_changes(desk, changes)
    return document(desk, result, report, file) | ({} if changes is None else {"changes": told_of(desk, changes)})


def oversize(result: PlanResult) -> list[dict[str, Any]]:
    """Grids out of band for the JSON document; those of one area above the band with what would divide it."""
    from gridgeo import service

    return [
        vars(miss) | {"ways_out": [vars(way) for way in service.oversize_ways(result, miss)]}
        for miss in result.out_of_band
    ]


def tell_ways_out(desk: Desk, result: PlanResult, locks: tuple[str, ...], params: PlanParams) -> list[dict[str, Any]]:
    """Print the first ways out of what cannot be; returns all of them for the JSON document."""
    from gridgeo import service

    out = []
    for number, case in enumerate(result.infeasible):
        ways = service.ways_out(result, case, locks, params=params, stop=desk.cancelled)
        for way in ways[:SHOWN_WAYS] if number < SHOWN_NOTICES else ():
            sure = "way-out-certain" if way.certain else "way-out-arithmetic"
            told = vars(way) | {"sure": say(sure, desk.lang), "case": case.where, "border_m": round(way.border_m)}
            desk.say(f"way-out-{way.kind}", **told)
        out.append(case.to_dict() | {"ways_out": [vars(way) for way in ways]})
    return out


def tell_alternatives(desk: Desk, drawn: Sequence[Alternative], files: list[Path], asked: int) -> list[dict[str, Any]]:
    """Print the trade-offs of several plans; returns them for the JSON document."""
    listed = [
        {"plan": str(file), "emphasis": one.emphasis, "distance": one.distance, **asdict(one.trade_offs)}
        for one, file in zip(drawn, files, strict=True)
    ]
    header = (
        "plan",
        "emphasis",
        "distance",
        "grids",
        "border_m",
        "in_band",
        "compactness",
        "mixed",
        "radius_m",
        "moved",
    )
    rows = [
        (
            Path(row["plan"]).name, say(f"emphasis-{row['emphasis']}", desk.lang), f"{row['distance']:.0%}",
            row["grids"], f"{row['border_m']:,.0f}", f"{row['in_band']:.0%}", f"{row['compactness']:.3f}",
            row["mixed"], f"{row['radius_m']:.0f}", "-" if row["moved"] is None else f"{row['moved']:,}",
        )
        for row in listed
    ]  # fmt: skip
    desk.table("table-alternatives", header, rows)
    if len(listed) < asked:
        desk.say("fewer-alternatives", asked=asked, found=len(listed))
    return listed


def grids_before(path: Path, layer: str | None) -> tuple[Plan | Cover, tuple[str, ...]]:
    """The grids in force, a plan of ours or any layer of polygons, and the codes of those its file says are locked."""
    import json

    from gridgeo.io.read import layer_names, plan_in, read_cover, read_either

    if layer is None and {"atoms", "grids"} <= set(layer_names(path)):
        project = read_either(path)
        return plan_in(project, path), tuple(json.loads(project.metadata.get("locked", "[]")))
    return read_cover(path, layer=layer), ()


def show_plan(desk: Desk, result: PlanResult, report: CoverageReport) -> None:
    """Print the plan in a dozen lines."""
    plan = result.plan
    weak = f" ({say('weak-bound', desk.lang)})" if result.optimality_gap > WEAK else ""
    rows = [
        ("households", f"{plan.territory.households:,}"),
        ("grids", len(plan)),
        ("in_band", f"{plan.in_band.mean():.1%}"),
        ("out_of_band", len(result.out_of_band)),
        ("compactness", f"{plan.compactness.mean():.3f}"),
        ("borders", borders_told(desk, result)),
        ("proven_households", f"{result.proven:.1%}"),
        ("optimality_gap", f"{result.optimality_gap:.1%}{weak}"),
        ("complete", desk.yes(report.complete)),
        ("exact", desk.yes(report.exact)),
    ]
    desk.lines("table-plan", rows)


def borders_told(desk: Desk, result: PlanResult) -> str:
    """What the borders between grids lie on, most of all first, in kilometers."""
    from gridgeo.core.partition.borders import GROUND

    meters = {name: result.stats[f"border_{name}_m"] for name in GROUND.values()}
    most = sorted((name for name in meters if meters[name]), key=lambda name: -meters[name])
    return " · ".join(f"{say(f'ground-{name}', desk.lang)} {meters[name] / 1000:.1f} km" for name in most) or "-"


def document(desk: Desk, result: PlanResult, report: CoverageReport, output: Path) -> dict[str, Any]:
    """The JSON document of `draw --json`."""
    from gridgeo.core.partition.levels import joined_communities, roll_up

    plan = result.plan
    return {
        "plan": str(output),
        "grids": len(plan),
        "households": plan.territory.households,
        "in_band": float(plan.in_band.mean()),
        "out_of_band": [vars(miss) for miss in result.out_of_band],
        "infeasible": [case.to_dict() for case in result.infeasible],
        "compactness": float(plan.compactness.mean()),
        "bound": result.bound,
        "optimality_gap": result.optimality_gap,
        "proven_households": result.proven,
        "seconds": desk.seconds,
        "rng_seed": result.rng_seed,
        "certificate": report.certificate.to_dict(),
        "levels": [vars(total) for total in roll_up(plan)],
        "exceptions": [vars(join) for join in joined_communities(plan)],
        "stats": dict(result.stats),
        "notices": [vars(notice) for notice in plan.notices],
    }
