"""Patrols: provably short walks through every street of a grid, never twice the same."""

from gridgeo.core.patrol.model import Call, Leg, Longest, PatrolResult, Route, Unreached
from gridgeo.core.patrol.params import PatrolParams
from gridgeo.core.patrol.plan import BrokenGrids, plan_patrols
from gridgeo.core.patrol.routes import validate_route

__all__ = [
    "BrokenGrids",
    "Call",
    "Leg",
    "Longest",
    "PatrolParams",
    "PatrolResult",
    "Route",
    "Unreached",
    "plan_patrols",
    "validate_route",
]
