"""Speed of editing by hand: milliseconds of a step, of undo and of the plan, on a large plan."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from gridgeo.core.edit import EditDesk, Merge, Move, Split, diff, merge_plans
from gridgeo.core.model import Grids, Plan, texts
from gridgeo.errors import BrokenRuleError
from tests.instances import lattice


def made_plan() -> Plan:
    """A town of about 100,000 square atoms in 772 grids of 10 x 13 atoms, 3 households each."""
    rows, cols = 260, 386
    row, col = np.divmod(np.arange(rows * cols), cols)
    label = np.unique((row // 10) * 1000 + np.minimum(col // 13, 28), return_inverse=True)[1].astype(np.int32)
    town = lattice(rows, cols, 3)
    k = int(label.max()) + 1
    codes = texts([f"g{i:04d}" for i in range(k)])
    grids = Grids(code=codes, name=codes.copy(), kind=np.zeros(k, np.int8), community=np.zeros(k, np.int32))
    return Plan(territory=town, label=label, grids=grids)


def run(paths: Iterable[Path] = (), seconds: float | None = None, peers: bool = False) -> list[dict[str, Any]]:
    """Rows of the benchmark: mean and worst CPU milliseconds of each thing a planner does."""
    plan = made_plan()
    began = time.process_time()
    desk = EditDesk(plan)
    laid = 1000 * (time.process_time() - began)
    rows = [{"does": "lay out the desk", "grids": len(plan), "atoms": len(plan.label), "ms": laid, "worst_ms": laid}]
    moves = [Move((atom,), to) for atom, to in border_atoms(plan, 300)]
    rows.append(timed("move an atom", [lambda m=m: desk.apply(m) for m in moves]))
    rows.append(timed("undo", [desk.undo] * len(desk.log)))
    codes = list(desk.codes)
    pairs = list(zip(codes[0:100:2], codes[1:100:2], strict=True))
    rows.append(timed("merge two grids", [lambda p=p: desk.apply(Merge(p)) for p in pairs]))
    half = {code: halves(plan, code) for code in codes[300:340]}
    rows.append(timed("split a grid", [lambda c=c, a=a: desk.apply(Split(c, a)) for c, a in half.items()]))
    rows.append(timed("the plan", [desk.plan] * 5))
    other = EditDesk(plan)
    other.apply(Merge((codes[600], codes[601])))
    ours, theirs = desk.plan(), other.plan()
    rows.append(timed("what sets two plans apart", [lambda: diff(plan, ours)]))
    rows.append(timed("bring two plans together", [lambda: merge_plans(plan, ours, theirs)]))
    return rows


def timed(what: str, calls: list[Callable[[], Any]]) -> dict[str, Any]:
    """Mean and worst CPU milliseconds of some calls; those the rules refuse count too."""
    spent = []
    for call in calls:
        began = time.process_time()
        try:
            call()
        except BrokenRuleError:
            spent.append(time.process_time() - began)
            continue
        spent.append(time.process_time() - began)
    return {"does": what, "calls": len(calls), "ms": 1000 * float(np.mean(spent)), "worst_ms": 1000 * max(spent)}


def border_atoms(plan: Plan, most: int) -> list[tuple[str, str]]:
    """Atoms beside another grid, spread over the plan, each with the code of that grid."""
    pairs = plan.territory.adjacency
    across = np.flatnonzero(plan.label[pairs.u] != plan.label[pairs.v])
    chosen = across[:: max(1, len(across) // most)][:most]
    atom = plan.territory.atoms.code
    return [(str(atom[pairs.u[e]]), str(plan.grids.code[plan.label[pairs.v[e]]])) for e in chosen]


def halves(plan: Plan, code: str) -> tuple[str, ...]:
    """The southern half of a grid's atoms."""
    mine = np.flatnonzero(plan.label == plan.grids.row(code))
    return tuple(plan.territory.atoms.code[mine[: len(mine) // 2]].tolist())
