"""Emergency units, alarms and reach: who can be where on foot, and in how many seconds."""

from gridgeo.core.dispatch.alarm import AlarmAnswer, AlarmDesk, Called, nearest_responders
from gridgeo.core.dispatch.assign import Assignment, AssignmentResult, assign_units
from gridgeo.core.dispatch.params import AlarmParams, AssignParams, ReachParams, WalkParams
from gridgeo.core.dispatch.reach import Gap, ReachResult, Ring, reach
from gridgeo.core.dispatch.repair import Repair
from gridgeo.core.dispatch.shortage import Shortage

__all__ = [
    "AlarmAnswer",
    "AlarmDesk",
    "AlarmParams",
    "AssignParams",
    "Assignment",
    "AssignmentResult",
    "Called",
    "Gap",
    "ReachParams",
    "ReachResult",
    "Repair",
    "Ring",
    "Shortage",
    "WalkParams",
    "assign_units",
    "nearest_responders",
    "reach",
]
