"""Emergency units, alarms and reach: who can be where on foot, and in how many seconds."""

from gridgeo.core.dispatch.assign import Assignment, AssignmentResult, assign_units
from gridgeo.core.dispatch.params import AssignParams, ReachParams, WalkParams
from gridgeo.core.dispatch.repair import Repair
from gridgeo.core.dispatch.shortage import Shortage

__all__ = [
    "AssignParams",
    "Assignment",
    "AssignmentResult",
    "ReachParams",
    "Repair",
    "Shortage",
    "WalkParams",
    "assign_units",
]
