"""What others make of the same questions: CP-SAT on unit staffing, spopt on where to stand."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from gridgeo.core.dispatch import SiteParams
from gridgeo.core.dispatch.network import WalkNetwork
from gridgeo.core.dispatch.sites import _table
from gridgeo.core.dispatch.staffing import Staffing
from gridgeo.core.model import Territory

Row = dict[str, Any]


def cp_sat(staffing: Staffing, seconds: float) -> Row:
    """OR-Tools CP-SAT on one ring of members: leads before members before walks, by weights, in one model."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    pairs, units = len(staffing.unit), len(staffing.seats)
    member = [model.new_bool_var("") for _ in range(pairs)]
    lead = {row: model.new_bool_var("") for row in np.flatnonzero(staffing.can_lead[staffing.person]).tolist()}
    by_unit: list[list[int]] = [[] for _ in range(units)]
    by_person: dict[int, list[int]] = {}
    for row, (unit, person) in enumerate(zip(staffing.unit.tolist(), staffing.person.tolist(), strict=True)):
        by_unit[unit].append(row)
        by_person.setdefault(person, []).append(row)
    for unit, rows in enumerate(by_unit):
        model.add(sum(lead[row] for row in rows if row in lead) <= int(staffing.seats[unit, 0]))
        model.add(sum(member[row] for row in rows) <= int(staffing.seats[unit, 1:].sum()))
    for person, rows in by_person.items():
        model.add(sum(member[row] + lead.get(row, 0) for row in rows) <= int(staffing.capacity[person]))
    for row in lead:
        model.add(lead[row] + member[row] <= 1)
    walk = staffing.walk_s.tolist()
    heavy = int(staffing.walk_s.max(initial=0)) * int(staffing.seats.sum()) + 1
    model.maximize(
        sum((2 * heavy * units - walk[row]) * var for row, var in lead.items())
        + sum((heavy - walk[row]) * var for row, var in enumerate(member))
    )
    solver = cp_model.CpSolver()
    solver.parameters.num_workers, solver.parameters.max_time_in_seconds = 1, seconds
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return {"proven": False}
    leading = [row for row, var in lead.items() if solver.value(var)]
    serving = leading + [row for row, var in enumerate(member) if solver.value(var)]
    return {
        "missing_leads": int(staffing.seats[:, 0].sum()) - len(leading),
        "missing_members": int(staffing.seats[:, 1:].sum()) - (len(serving) - len(leading)),
        "total_walk_s": int(staffing.walk_s[serving].sum()),
        "max_walk_s": int(staffing.walk_s[serving].max(initial=0)),
        "proven": status == cp_model.OPTIMAL,
    }


def spopt_sites(territory: Territory, params: SiteParams) -> Row | None:
    """Maximal covering with spopt and CBC on the same walks; None where spopt is not installed."""
    try:
        import pulp
        from spopt.locate import MCLP
    except ImportError:
        return None
    table = _table(WalkNetwork(territory, params), territory, params)
    walk = np.full((len(table.homes), len(table.candidates)), 1e6)
    walk[table.home, table.site] = table.walk_s
    late = table.now_s > params.limit_s  # what is reached already cannot be won
    start = time.process_time()
    model = MCLP.from_cost_matrix(
        walk[late], table.homes.households[late], params.limit_s, p_facilities=params.k, name="sites"
    )
    building = time.process_time() - start
    start = time.perf_counter()
    solved = model.solve(pulp.PULP_CBC_CMD(msg=False, threads=1))
    solving = time.perf_counter() - start  # CBC is a process of its own: only the wall clock sees it
    return {"value": float(pulp.value(solved.problem.objective)), "cpu_s": building + solving}
