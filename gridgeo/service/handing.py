"""The hall, hand-over: a plan as the papers and files that an office files, prints and puts up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gridgeo import __version__
from gridgeo.core.model import Notice, Plan, Progress, Stop, never, silent
from gridgeo.errors import InputError
from gridgeo.io.crs import crs_of
from gridgeo.words import say

if TYPE_CHECKING:
    from gridgeo.core.bounds import Bounds
    from gridgeo.core.coverage import Comparison, CoverageReport
    from gridgeo.handover.register import Entry, Post
    from gridgeo.handover.typeface import Typeface
    from gridgeo.io.read import Cover, Project

HANDED = ("routes", "assignments", "shortages")
"""Layers handed on beside those of the plan; what a store keeps (keys, journals) stays with it."""
SHOWN_SIGNS = 20
"""Characters without a font named in one notice."""


@dataclass(frozen=True, kw_only=True)
class HandoverParams:
    """How a plan is handed over.

    `address`: web address of a grid, with {code} in it; None for the service on this machine. `posts`: what is known
    of single grids, by code, above `every`, which holds for all. `previous`: the division before, for predecessors
    and changes. `font`: file of a font to print with first. `lang`: "en" or "zh".
    """

    address: str | None = None
    posts: Mapping[str, Post] = field(default_factory=dict)
    every: Post | None = None
    previous: Plan | Cover | None = None
    font: Path | None = None
    lang: str = "en"


@dataclass(frozen=True, kw_only=True, eq=False)
class Handover:
    """What was handed over: the files by name, the entries of the register, pages of the book, proof, and changes."""

    folder: Path
    files: tuple[str, ...]
    entries: tuple[Entry, ...]
    pages: int
    report: CoverageReport
    changes: Comparison | None
    notices: tuple[Notice, ...]


def hand_over(
    project: Project,
    folder: Path,
    params: HandoverParams | None = None,
    *,
    stop: Stop = never,
    progress: Progress = silent,
) -> Handover | None:
    """Write register, map book, QR sheets, walks, GeoPackage and certificate into a folder, whole or not at all.

    The same project and parameters give the same bytes. None when stopped: nothing is written then.

    Raises
    ------
    InputError
        The project holds no plan, an option cannot be used, or the folder holds other work.
    """
    from gridgeo.handover.folder import placed_folder, require_ours
    from gridgeo.handover.mapbook import map_book
    from gridgeo.handover.qrsheet import qr_sheets
    from gridgeo.handover.typeface import signs_of, typeface

    params = params or HandoverParams()
    if project.plan is None:
        raise InputError("the file holds no plan", where=project.territory.name, hint="draw one with gridgeo draw")
    require_ours(folder.absolute())
    plan, lang = project.plan, params.lang
    filled = _filled(project, plan, params, progress)
    face = typeface(signs_of(plan, filled.entries), chosen=params.font)
    book = None if stop() else map_book(plan, filled.entries, face, lang=lang, stop=stop, progress=progress)
    progress("qr", 0.0)
    cards = None if book is None else qr_sheets(filled.entries, face, name=plan.territory.name, lang=lang, stop=stop)
    if book is None or cards is None:
        return None
    progress("files", 0.0)
    with placed_folder(folder) as part:
        files = _papers(plan, filled, lang) | {"mapbook.pdf": book[0], "qr.pdf": cards} | _walks(project, plan, lang)
        for name, content in files.items():
            Path(part, name).parent.mkdir(exist_ok=True)
            Path(part, name).write_bytes(content)
        _write_plan(project, part / "plan.gpkg", filled)
        _guide(part, plan, filled.entries, lang)
        names = tuple(sorted(file.relative_to(part).as_posix() for file in part.rglob("*") if file.is_file()))
    progress("files", 1.0)
    return Handover(
        folder=folder, files=names, entries=filled.entries, pages=book[1], report=filled.report,
        changes=filled.changes, notices=_notices(filled.entries, face, params),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class _Filled:
    """The register filled in, the proof, and what a redraw changed."""

    entries: tuple[Entry, ...]
    bounds: tuple[Bounds, ...]
    report: CoverageReport
    changes: Comparison | None


def _filled(project: Project, plan: Plan, params: HandoverParams, progress: Progress) -> _Filled:
    """Prove the plan, find the bounds of its grids and fill the register."""
    from gridgeo.core.bounds import bounds_of
    from gridgeo.core.coverage import check_coverage
    from gridgeo.handover.qr import LOCAL
    from gridgeo.handover.register import register

    report = check_coverage(plan)
    progress("bounds", 0.0)
    bounds = bounds_of(plan)
    progress("bounds", 1.0)
    changes = None if params.previous is None else _changed(plan, params.previous)
    before = _flows(project) if changes is None else {grid.code: grid.before for grid in changes.grids}
    entries = register(
        plan, bounds, address=params.address or LOCAL, posts=params.posts, every=params.every, predecessors=before
    )
    progress("register", 1.0)
    return _Filled(entries=entries, bounds=bounds, report=report, changes=changes)


def _changed(plan: Plan, previous: Plan | Cover) -> Comparison:
    """What became of the division before, on the atoms and households of today.

    Raises
    ------
    InputError
        It is in another CRS, or covers nothing of the territory.
    """
    from gridgeo.core.coverage import compare_plans
    from gridgeo.core.partition import before_from, before_of, plan_before

    crs = previous.territory.crs if isinstance(previous, Plan) else previous.crs
    if crs != plan.territory.crs:
        raise InputError(f"the grids before are in {crs[:40]}, the plan in {plan.territory.crs[:40]}", where="from")
    land = plan.territory
    old = before_of(land, previous) if isinstance(previous, Plan) else before_from(
        land, previous.code, previous.geometry
    )  # fmt: skip
    return compare_plans(plan_before(land, old, plan.band), plan)


def _flows(project: Project) -> dict[str, tuple[str, ...]]:
    """Predecessors as the file of a redraw tells them; none for a plan drawn anew."""
    found: dict[str, list[str]] = {}
    try:
        for flow in json.loads(project.metadata.get("flows", "[]")):
            found.setdefault(str(flow["to"]), []).append(str(flow["from"]))
    except (ValueError, TypeError, KeyError) as error:
        raise InputError("the flows of the redraw cannot be read", where="gridgeo_metadata flows") from error
    return {code: tuple(sorted(before)) for code, before in found.items()}


def _papers(plan: Plan, filled: _Filled, lang: str) -> dict[str, bytes]:
    """The register as a workbook and as CSV."""
    from gridgeo.handover.register import changes, totals
    from gridgeo.handover.workbook import Register, register_csv, workbook

    entries, name = filled.entries, plan.territory.name
    filed = Register(
        name=name,
        entries=entries,
        totals=totals(entries, name),
        changes=() if filled.changes is None else changes(filled.changes),
        about=_about(plan, filled, lang),
    )
    return {"register.xlsx": workbook(filed, lang), "register.csv": register_csv(entries, lang)}


def _about(plan: Plan, filled: _Filled, lang: str) -> tuple[tuple[str, str], ...]:
    """What the plan as a whole says, by kind of sentence."""
    low, high = plan.band
    proof = say("about-complete", lang)
    if not filled.report.complete:
        proof = say("about-broken", lang, count=len(filled.report.findings))
    return (
        ("about-band", say("about-band-value", lang, low=low, high=high)),
        ("about-proof", proof),
        ("about-crs", crs_of(plan.territory.crs).name),
        ("about-estimates", str(int(plan.estimated.sum()))),
        ("about-version", f"gridgeo {__version__}"),
    )


def _walks(project: Project, plan: Plan, lang: str) -> dict[str, bytes]:
    """Walks of the file as GPX, where it holds any."""
    from gridgeo.io.walks import gpx_of_table

    table = project.others.get("routes")
    if table is None or not len(table):
        return {}
    found = gpx_of_table(table, crs=plan.territory.crs, lang=lang)
    return {f"gpx/{name}": content for name, content in found.items()}


def _write_plan(project: Project, path: Path, filled: _Filled) -> None:
    """The plan as one GeoPackage, with its walks and teams, and the certificate beside it."""
    from gridgeo.io.write import write_either, write_json

    handed = {name: table for name, table in project.others.items() if name in HANDED}
    write_either(replace(project, others=handed), path, bounds=filled.bounds)
    write_json(filled.report.certificate.to_dict(), path.with_name("certificate.json"))


def _guide(part: Path, plan: Plan, entries: tuple[Entry, ...], lang: str) -> None:
    """The page that says what each file is."""
    from gridgeo.handover.folder import MANIFEST
    from gridgeo.handover.guide import guide_page

    what = (
        ("register.xlsx", "register"), ("register.csv", "csv"), ("mapbook.pdf", "book"), ("qr.pdf", "qr"),
        ("gpx", "gpx"), ("plan.gpkg", "plan"), ("certificate.json", "certificate"),
    )  # fmt: skip
    files = [(name, f"guide-{kind}") for name, kind in what if (part / name).exists()]
    facts = {
        "grids": f"{len(plan):,}",
        "households": f"{plan.territory.households:,}",
        "area": f"{sum(entry.area_m2 for entry in entries) / 1e6:,.2f}",
    }
    page = guide_page(plan.territory.name, [*files, (MANIFEST, "guide-manifest")], facts, lang)
    (part / "index.html").write_bytes(page)


def _notices(entries: tuple[Entry, ...], face: Typeface, params: HandoverParams) -> tuple[Notice, ...]:
    """What whoever hands over must know."""
    from gridgeo.handover.qr import LOCAL, is_local

    out = []
    unproven = sum(entry.bounds_status != "verified" for entry in entries)
    if unproven:
        out.append(Notice(kind="bounds-open", facts={"count": unproven}))
    if is_local(params.address or LOCAL):
        out.append(Notice(kind="local-address", where=params.address or LOCAL))
    if face.lost:
        out.append(Notice(kind="glyphs-lost", where=face.lost[:SHOWN_SIGNS], facts={"count": len(face.lost)}))
    return tuple(out)
