"""Polygons and a boundary in, proof or findings out."""

from gridgeo.core.coverage.check import check_coverage, check_polygons
from gridgeo.core.coverage.findings import KINDS, Certificate, CoverageParams, CoverageReport, Finding

__all__ = [
    "KINDS",
    "Certificate",
    "CoverageParams",
    "CoverageReport",
    "Finding",
    "check_coverage",
    "check_polygons",
]
