"""Is the published plan complete? The certificate, or what is wrong and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridgeo.web.features import both, link
from gridgeo.web.globe import Globe
from gridgeo.web.routes import GEOJSON, Query, Reply, Routes
from gridgeo.web.site import Site

if TYPE_CHECKING:
    from gridgeo.core.coverage import CoverageReport

routes = Routes("Coverage")


@routes.get("/coverage", summary="Is the published plan complete", problems=(400, 404))
def coverage(site: Site, query: Query) -> Reply:
    """Proof that every point is covered exactly once, or the findings."""
    state = site.state()
    links = [*both("/coverage"), link("items", "/collections/faults/items", GEOJSON, "Findings as features")]
    return Reply(document={**summary(state.report, state.globe), "links": links}, title="Coverage")


def summary(report: CoverageReport, globe: Globe) -> dict[str, Any]:
    """A report as plain values."""
    return {
        "complete": report.complete,
        "exact": report.exact,
        "findings": [
            {
                "id": finding.id,
                "kind": finding.kind,
                "grids": list(finding.grids),
                "area_m2": round(finding.area_m2, 6),
                "width_m": round(finding.width_m, 6),
                "households": finding.households,
                "point": list(globe.point(*finding.point)),
            }
            for finding in report.findings
        ],
        "counts": report.counts,
        "certificate": report.certificate.to_dict(grids=False),
    }
