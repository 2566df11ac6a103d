"""Polygons and a boundary in, proof or findings out."""

from gridgeo.core.coverage.check import check_coverage, check_polygons
from gridgeo.core.coverage.compare import Comparison, compare_plans, compare_polygons
from gridgeo.core.coverage.findings import KINDS, Certificate, CoverageParams, CoverageReport, Finding
from gridgeo.core.coverage.ledger import Ledger, check_nesting, fingerprints_of
from gridgeo.core.coverage.proposals import REASONS, Left, Proposal, Repair, RepairParams
from gridgeo.core.coverage.recheck import Recheck, rechecked
from gridgeo.core.coverage.repair import repair_polygons

__all__ = [
    "KINDS",
    "REASONS",
    "Certificate",
    "Comparison",
    "CoverageParams",
    "CoverageReport",
    "Finding",
    "Ledger",
    "Left",
    "Proposal",
    "Recheck",
    "Repair",
    "RepairParams",
    "check_coverage",
    "check_nesting",
    "check_polygons",
    "compare_plans",
    "compare_polygons",
    "fingerprints_of",
    "rechecked",
    "repair_polygons",
]
