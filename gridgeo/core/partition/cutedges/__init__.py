"""Connected parts of equal weight with the fewest cut edges: how exact the kernels of drawing are, measured."""

from gridgeo.core.partition.cutedges.dual import Network
from gridgeo.core.partition.cutedges.plans import list_plans
from gridgeo.core.partition.cutedges.solve import CutPlan, fewest_cuts

__all__ = ["CutPlan", "Network", "fewest_cuts", "list_plans"]
