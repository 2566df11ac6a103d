"""Emergency units, alarms and reach: who can be where on foot, and in how many seconds."""

from gridgeo.core.dispatch.alarm import AlarmAnswer, AlarmDesk, Called, nearest_responders
from gridgeo.core.dispatch.assign import Assignment, AssignmentResult, assign_units
from gridgeo.core.dispatch.card import CardRules, Item, UnitCard, UnitRecord, unit_cards
from gridgeo.core.dispatch.demand import site_xy
from gridgeo.core.dispatch.footing import FOOTINGS, Footing, FootingChange, UnitChange, compare_footings, on_footing
from gridgeo.core.dispatch.isochrone import Isochrone, isochrones
from gridgeo.core.dispatch.pairing import PairingResult, pair_up
from gridgeo.core.dispatch.params import (
    AlarmParams,
    AssignParams,
    ReachParams,
    SiteParams,
    TenParams,
    WalkParams,
    even_rings,
)
from gridgeo.core.dispatch.reach import Gap, ReachResult, Ring, reach
from gridgeo.core.dispatch.repair import Repair
from gridgeo.core.dispatch.shortage import Shortage
from gridgeo.core.dispatch.sites import Site, SiteResult, propose_sites
from gridgeo.core.dispatch.tens import TenResult, TenUnit, ten_household_units

__all__ = [
    "FOOTINGS",
    "AlarmAnswer",
    "AlarmDesk",
    "AlarmParams",
    "AssignParams",
    "Assignment",
    "AssignmentResult",
    "Called",
    "CardRules",
    "Footing",
    "FootingChange",
    "Gap",
    "Isochrone",
    "Item",
    "PairingResult",
    "ReachParams",
    "ReachResult",
    "Repair",
    "Ring",
    "Shortage",
    "Site",
    "SiteParams",
    "SiteResult",
    "TenParams",
    "TenResult",
    "TenUnit",
    "UnitCard",
    "UnitChange",
    "UnitRecord",
    "WalkParams",
    "assign_units",
    "compare_footings",
    "even_rings",
    "isochrones",
    "nearest_responders",
    "on_footing",
    "pair_up",
    "propose_sites",
    "reach",
    "site_xy",
    "ten_household_units",
    "unit_cards",
]
