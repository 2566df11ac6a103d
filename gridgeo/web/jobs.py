"""Jobs: what was asked for with `Prefer: respond-async`, how far it is, its answer, and its end before time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gridgeo.web.auth import caller
from gridgeo.web.computing import Job
from gridgeo.web.computing.book import OPEN
from gridgeo.web.features import both, link
from gridgeo.web.problems import ForbiddenError
from gridgeo.web.routes import JSON, NoQuery, Query, Reply, Routes
from gridgeo.web.site import Site

routes = Routes("Jobs")
NO_SUCH_PROCESS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/no-such-process"
_RESULTS = "http://www.opengis.net/def/rel/ogc/1.0/results"


class JobsQuery(Query, frozen=True, forbid_unknown_fields=True):
    """Which jobs, and how many."""

    limit: Annotated[int, Meta(ge=1, le=10_000, description="Most jobs of one page.")] = 100
    offset: Annotated[int, Meta(ge=0, le=1_000_000_000, description="Jobs to leave out first.")] = 0
    processID: Annotated[str, Meta(max_length=80, description="Only jobs of this process.")] | None = None
    status: Literal["accepted", "running", "successful", "failed", "dismissed"] | None = None


class StatusInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a job stands (OGC API Processes)."""

    jobID: str
    processID: str
    status: str
    links: list[dict[str, str]]
    type: str = "process"
    message: str = ""
    created: str = ""
    started: str = ""
    finished: str = ""
    updated: str = ""
    progress: int | None = None


class JobList(msgspec.Struct, frozen=True):
    """Jobs, the newest first."""

    jobs: list[StatusInfo]
    links: list[dict[str, str]]


@routes.get("/jobs", summary="All jobs", query=JobsQuery, returns=JobList)
def jobs(site: Site, query: JobsQuery) -> Reply:
    """Every job, the newest first; follow the link `next` for older ones."""
    found = [
        job
        for job in reversed(site.jobs.book.jobs())
        if query.processID in (None, job.process) and query.status in (None, job.state)
    ]
    chosen = "".join(
        f"&{name}={value}" for name, value in (("processID", query.processID), ("status", query.status)) if value
    )
    links = both(f"/jobs?limit={query.limit}&offset={query.offset}{chosen}")
    last = query.offset + query.limit
    if last < len(found):
        links.append(link("next", f"/jobs?limit={query.limit}&offset={last}{chosen}"))
    listed = [status(job) for job in found[query.offset : last]]
    return Reply(document=JobList(jobs=listed, links=links), title="Jobs")


@routes.get("/jobs/{job}", summary="One job", returns=StatusInfo)
def job(site: Site, query: Query, job: str) -> Reply:
    """How a job stands."""
    return status_reply(site.jobs.book.job(job))


@routes.get("/jobs/{job}/results", summary="Answer of a job", query=NoQuery)
def results(site: Site, job: str) -> Reply:
    """The answer of a job that is done; of a dismissed one the best so far, where there is one."""
    return Reply(document=site.jobs.book.answer(job))


@routes.add("DELETE", "/jobs/{job}", summary="Dismiss a job", returns=StatusInfo, problems=(), role="viewer")
def dismiss(site: Site, job: str) -> Reply:
    """End a job; what it has found so far is kept. Jobs of others are ended by planners only."""
    who = caller()
    if site.jobs.book.job(job).by != who.name and not who.may("planner"):
        raise ForbiddenError(f"job {job} is another's", where="job", hint="a planner may end it")
    return status_reply(site.jobs.dismiss(job), asked=True)


def status_reply(
    job: Job, *, status: int = 200, headers: Mapping[str, str] | None = None, asked: bool = False
) -> Reply:
    """How a job stands, as a reply; `asked` tells a job that is about to end as dismissed."""
    document = _status(job, asked)
    more = {"Location": link("self", f"/jobs/{job.id}")["href"]} if status == 201 else {}
    return Reply(document=document, status=status, headers={**more, **(headers or {})}, title=f"Job {job.id}")


def status(job: Job) -> StatusInfo:
    """How a job stands."""
    return _status(job, False)


def _status(job: Job, asked: bool) -> StatusInfo:
    path = f"/jobs/{job.id}"
    links = [*both(path), link("up", "/jobs")]
    if job.answered:
        links.append(link(_RESULTS, path + "/results", JSON))
    ending = job.asked and job.state in OPEN
    return StatusInfo(
        jobID=job.id,
        processID=job.process,
        status="dismissed" if asked and ending else job.state,
        links=links,
        message="handing over what it has found" if ending else job.message,
        created=job.created,
        started=job.started,
        finished=job.finished,
        updated=job.updated,
        progress=job.percent,
    )
