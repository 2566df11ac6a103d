"""Boundary, borders, barriers and households → atoms and their adjacency."""

from gridgeo.core.territory.adjacency import Segments, adjacency_of, segments_of
from gridgeo.core.territory.build import build_territory
from gridgeo.core.territory.diagnose import CommunityState, Diagnosis, StreetPiece, diagnose
from gridgeo.core.territory.params import AtomParams
from gridgeo.core.territory.streets import streets_of

__all__ = [
    "AtomParams",
    "CommunityState",
    "Diagnosis",
    "Segments",
    "StreetPiece",
    "adjacency_of",
    "build_territory",
    "diagnose",
    "segments_of",
    "streets_of",
]
