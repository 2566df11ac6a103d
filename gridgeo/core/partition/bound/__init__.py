"""How good a plan can be at best: proof by listing, and shares of the price that no grid undercuts."""

from gridgeo.core.partition.bound.proof import PROVABLE, Proof, plain_bound, prove
from gridgeo.core.partition.bound.zones import zone_bound

__all__ = ["PROVABLE", "Proof", "plain_bound", "prove", "zone_bound"]
