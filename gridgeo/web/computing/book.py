"""The book of jobs: what happened to each, entry by entry in a journal of the store, so it outlives the service."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from gridgeo.errors import ConflictError, NotFoundError
from gridgeo.ports import Store
from gridgeo.web.problems import TooManyError

BOOK = "jobs"
OPEN = ("accepted", "running")
"""States of jobs whose end has not come."""
GUESTS = 4
"""Jobs of guests, viewers and patrols, take one of so many places together."""
TRIES = 20


class JobError(NotFoundError):
    """A job that is not there, or not there yet; `uri` is the name the standard gives it."""

    uri = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/no-such-job"


class NotReadyError(JobError):
    """A job without an answer."""

    uri = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/result-not-ready"


class FullError(TooManyError):
    """As many jobs as are allowed wait or run."""

    code = "too-many-jobs"


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job as it stands.

    `state` is accepted, running, successful, failed or dismissed; `asked` whether its end was asked for; `owner` the
    process that computes it; `answered` whether there is an answer: of a dismissed job the best so far.
    """

    id: str
    process: str
    by: str
    owner: str
    created: str
    state: str = "accepted"
    started: str = ""
    finished: str = ""
    updated: str = ""
    percent: int = 0
    message: str = ""
    asked: bool = False
    answered: bool = False
    guest: bool = False

    def after(self, entry: dict[str, Any]) -> Job:
        """The job after one more entry of its book."""
        what, at = entry["event"], entry["at"]
        if self.state not in OPEN and what != "dismissed":
            return self
        if what == "progress":
            return replace(self, percent=entry["percent"], message=entry["message"], updated=at)
        if what == "dismiss":
            return replace(self, asked=True, updated=at)
        if what == "running":
            return replace(self, state=what, started=at, updated=at)
        percent = 100 if what == "successful" else self.percent
        answered = self.answered or entry.get("answered", False)
        return replace(
            self, state=what, finished=at, updated=at, percent=percent, message=entry.get("message", ""),
            answered=answered,
        )  # fmt: skip


class JobBook:
    """Reads and writes the book of one store; several services on one store see the same jobs.

    Parameters
    ----------
    store
        Store whose journal it is.
    now
        Gives the time.
    """

    def __init__(self, store: Store, now: Callable[[], str]) -> None:
        self._store = store
        self._now = now
        self._jobs: dict[str, Job] = {}
        self._read = 0
        self._lock = threading.RLock()

    def jobs(self) -> tuple[Job, ...]:
        """All jobs in the order they were accepted; those whose owner is gone have failed."""
        with self._lock:
            self._catch_up()
            for job in [job for job in self._jobs.values() if job.state in OPEN and not alive(job.owner)]:
                self.write(job.id, "failed", message="the service ended before the job did; send it again")
            self._catch_up()
            return tuple(self._jobs.values())

    def job(self, id: str) -> Job:
        """One job.

        Raises
        ------
        JobError
            There is none of this id.
        """
        with self._lock:
            self._catch_up()
            job = self._jobs.get(id)
            if job is not None and job.state in OPEN and not alive(job.owner):
                job = next(job for job in self.jobs() if job.id == id)
            if job is None:
                raise JobError(f"there is no job {id[:64]}", where="job", hint="see /jobs")
            return job

    def accept(self, id: str, process: str, by: str, most: int, *, guest: bool = False) -> Job:
        """Enter a new job, unless `most` are open, or of guests a quarter of that.

        Raises
        ------
        FullError
            As many are.
        """
        with self._lock:
            for _ in range(TRIES):
                self._check_room(most, guest)
                try:
                    self.write(id, "accepted", process=process, by=by, owner=me(), guest=guest, after=self._read)
                    return self.job(id)
                except ConflictError:
                    continue  # another service wrote: count again
            raise FullError("the book of jobs is in great demand", where="jobs", hint="try again")

    def _check_room(self, most: int, guest: bool) -> None:
        waiting = [job for job in self.jobs() if job.state in OPEN]
        hint = "try again when one has ended"
        if len(waiting) >= most:
            raise FullError(f"{most} jobs wait or run", where="jobs", hint=hint)
        share = max(1, most // GUESTS)
        if guest and sum(job.guest for job in waiting) >= share:
            raise FullError(f"{share} jobs of viewers and patrols wait or run", where="jobs", hint=hint)

    def write(
        self, id: str, event: str, *, after: int | None = None, within: Store | None = None, **facts: Any
    ) -> None:
        """Enter what happened to a job; `within` a transaction when it is part of one."""
        entry = {"job": id, "event": event, "at": self._now(), **facts}
        (within or self._store).append(BOOK, msgspec.json.encode(entry).decode(), after=after)

    def conclude(self, id: str, event: str, keep: Callable[[Store], dict[str, Any]]) -> None:
        """Enter how a job ended, with its answer in a book of its own and all that is kept of it: in one transaction.

        Parameters
        ----------
        id, event
            The job, and how it ended.
        keep
            Keeps what the job made through the store it is given; gives the answer.
        """
        with self._store.together() as inside:
            inside.append(f"job-{id}", msgspec.json.encode(keep(inside)).decode())
            self.write(id, event, within=inside, answered=True)

    def answer(self, id: str) -> bytes:
        """The answer of a job as JSON.

        Raises
        ------
        JobError
            There is no such job.
        NotReadyError
            It has no answer, or none yet.
        """
        job = self.job(id)
        if not job.answered:
            hint = "ask again later" if job.state in OPEN else job.message
            raise NotReadyError(f"job {id} is {job.state} and has no answer", where="job", hint=hint)
        return self._store.entries(f"job-{id}")[-1].encode()

    def _catch_up(self) -> None:
        """Read what was entered since."""
        for text in self._store.entries(BOOK, self._read):
            self._read += 1
            entry = msgspec.json.decode(text)
            id, at = entry["job"], entry["at"]
            if entry["event"] == "accepted":
                self._jobs[id] = Job(
                    id=id, process=entry["process"], by=entry["by"], owner=entry["owner"], created=at, updated=at,
                    guest=entry.get("guest", False),
                )  # fmt: skip
            elif id in self._jobs:
                self._jobs[id] = self._jobs[id].after(entry)


@lru_cache
def me() -> str:
    """Name of this process that no other one has or will have: machine, number, and moment it began."""
    return f"{socket.gethostname()}:{os.getpid()}:{_began(os.getpid())}"


def alive(owner: str) -> bool:
    """Whether a process still runs; one on another machine is believed to.

    >>> alive(me())
    True
    """
    host, _, rest = owner.rpartition(":")[0].rpartition(":")
    began = owner.rpartition(":")[2]
    if host != socket.gethostname():
        return True
    try:
        os.kill(int(rest), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        pass
    return began == _began(int(rest))


def _began(pid: int) -> str:
    """When a process began, in ticks since the machine did; "" where the system does not tell, "dead" for a corpse."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "dead" if said[0] in "ZX" else said[19]
    except (OSError, IndexError):
        return ""
