"""Atoms to plan: draw grids within the band, in one piece, inside communities, with a proven bound."""

from gridgeo.core.partition.draw import PlanResult, draw_plan
from gridgeo.core.partition.params import BorderCosts, PlanParams
from gridgeo.core.partition.report import Infeasible, OutOfBand

__all__ = ["BorderCosts", "Infeasible", "OutOfBand", "PlanParams", "PlanResult", "draw_plan"]
