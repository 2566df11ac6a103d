"""Atoms to plan: draw grids within the band, in one piece, inside communities, with a proven bound."""

from gridgeo.core.partition.before import Before, before_from, before_of, plan_before
from gridgeo.core.partition.draw import PlanResult, draw_plan
from gridgeo.core.partition.params import BorderCosts, PlanParams, WorkWeights
from gridgeo.core.partition.report import Infeasible, OutOfBand

__all__ = [
    "Before",
    "BorderCosts",
    "Infeasible",
    "OutOfBand",
    "PlanParams",
    "PlanResult",
    "WorkWeights",
    "before_from",
    "before_of",
    "draw_plan",
    "plan_before",
]
