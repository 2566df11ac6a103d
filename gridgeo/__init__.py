"""gridgeo: divide a territory into care grids, prove the cover, walk it, and answer alarms.

Only counts of households and places are handled; officers and responders are posts. Names load on first use, so
importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from gridgeo.core.coverage import CoverageParams as CoverageParams
    from gridgeo.core.coverage import CoverageReport as CoverageReport
    from gridgeo.core.coverage import check_coverage as check_coverage
    from gridgeo.core.coverage import check_polygons as check_polygons
    from gridgeo.core.dispatch import AssignmentResult as AssignmentResult
    from gridgeo.core.dispatch import AssignParams as AssignParams
    from gridgeo.core.dispatch import assign_units as assign_units
    from gridgeo.core.model import Plan as Plan
    from gridgeo.core.model import Territory as Territory
    from gridgeo.core.partition import PlanParams as PlanParams
    from gridgeo.core.partition import PlanResult as PlanResult
    from gridgeo.core.partition import draw_plan as draw_plan
    from gridgeo.core.patrol import PatrolParams as PatrolParams
    from gridgeo.core.patrol import PatrolResult as PatrolResult
    from gridgeo.core.patrol import plan_patrols as plan_patrols
    from gridgeo.io.importer import import_sources as import_sources
    from gridgeo.io.read import read_plan as read_plan
    from gridgeo.io.read import read_territory as read_territory
    from gridgeo.io.write import to_frame as to_frame
    from gridgeo.io.write import write_plan as write_plan
    from gridgeo.io.write import write_territory as write_territory
    from gridgeo.stop import Cancelled as Cancelled
    from gridgeo.stop import MaxSeconds as MaxSeconds

_HOME = {
    "Plan": "core.model",
    "Territory": "core.model",
    "CoverageParams": "core.coverage",
    "CoverageReport": "core.coverage",
    "check_coverage": "core.coverage",
    "check_polygons": "core.coverage",
    "PlanParams": "core.partition",
    "PlanResult": "core.partition",
    "draw_plan": "core.partition",
    "PatrolParams": "core.patrol",
    "PatrolResult": "core.patrol",
    "plan_patrols": "core.patrol",
    "AssignParams": "core.dispatch",
    "AssignmentResult": "core.dispatch",
    "assign_units": "core.dispatch",
    "import_sources": "io.importer",
    "read_plan": "io.read",
    "read_territory": "io.read",
    "to_frame": "io.write",
    "write_plan": "io.write",
    "write_territory": "io.write",
    "Cancelled": "stop",
    "MaxSeconds": "stop",
}

__all__ = ["__version__", *_HOME]  # noqa: PLE0604  (the table above is the one list of public names)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'gridgeo' has no attribute {name!r}")
    value = getattr(import_module(f"gridgeo.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
