"""What Prometheus reads: requests, times, jobs, and what is published."""

from __future__ import annotations

import os
import time
from pathlib import Path

from gridgeo.web.computing.book import OPEN
from gridgeo.web.counters import head, labels
from gridgeo.web.routes import NoQuery, Reply, Routes
from gridgeo.web.siblings import merged
from gridgeo.web.site import Site

routes = Routes("Health")
MEDIA = "text/plain; version=0.0.4; charset=utf-8"


@routes.get("/metrics", summary="Counts and times", query=NoQuery, returns=str, media=MEDIA, problems=(503,))
def metrics(site: Site) -> Reply:
    """Counts and times of all workers of this server, jobs, and what is published, for Prometheus."""
    lines = [*merged([counts(site), *site.siblings.others()]), *_jobs(site), *_published(site)]
    return Reply(document=("\n".join(lines) + "\n").encode(), media=MEDIA, headers={"Cache-Control": "no-store"})


def counts(site: Site) -> list[str]:
    """What this process has counted, and what it takes of the machine."""
    worker = str(os.getpid())
    return [*site.metrics.lines(worker), *_process(worker)]


def _jobs(site: Site) -> list[str]:
    states: dict[str, int] = dict.fromkeys((*OPEN, "successful", "failed", "dismissed"), 0)
    for job in site.jobs.book.jobs():
        states[job.state] += 1
    out = head("gridgeo_jobs", "gauge", "Jobs by state.")
    return out + [f"gridgeo_jobs{labels(state=state)} {number}" for state, number in states.items()]


def _published(site: Site) -> list[str]:
    state = site.state()
    plan = state.record.name if state.record else ""
    out = head("gridgeo_plan_info", "gauge", "The published plan.")
    out.append(f"gridgeo_plan_info{labels(plan=plan)} 1")
    out += head("gridgeo_grids", "gauge", "Grids of the published plan.")
    return [*out, f"gridgeo_grids {0 if state.drawn is None else len(state.drawn)}"]


def _process(worker: str) -> list[str]:
    told = labels(worker=worker)
    out = head("gridgeo_cpu_seconds_total", "counter", "Processor time of this process.")
    out.append(f"gridgeo_cpu_seconds_total{told} {time.process_time():.3f}")
    memory = resident_bytes()
    if memory:
        out += head("gridgeo_resident_bytes", "gauge", "Memory of this process.")
        out.append(f"gridgeo_resident_bytes{told} {memory}")
    return out


def resident_bytes() -> int:
    """Memory this process holds now; 0 where the system does not tell.

    >>> resident_bytes() >= 0
    True
    """
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
