"""Polygons and a boundary in, proof or findings out."""

from gridgeo.core.coverage.check import check_coverage, check_polygons
from gridgeo.core.coverage.findings import KINDS, Certificate, CoverageParams, CoverageReport, Finding
from gridgeo.core.coverage.ledger import Ledger, check_nesting, fingerprints_of

__all__ = [
    "KINDS",
    "Certificate",
    "CoverageParams",
    "CoverageReport",
    "Finding",
    "Ledger",
    "check_coverage",
    "check_nesting",
    "check_polygons",
    "fingerprints_of",
]
