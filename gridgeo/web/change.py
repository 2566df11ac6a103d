"""One change of the store by one request: kept in one transaction with its entry in the audit log, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from flask import has_request_context, request

from gridgeo.audit import AuditLog
from gridgeo.errors import BackendError
from gridgeo.ports import Store
from gridgeo.web.auth import caller
from gridgeo.web.frame import REQUEST

ENTERED = "gridgeo.entered"
"""Where the environment of a request says that its change stands in the audit log."""


@dataclass
class Change:
    """A change under way: the store it is made through, and the address of what it made, "" for none."""

    store: Store
    made: str = ""


@contextmanager
def changing(store: Store, audit: AuditLog, *, when: str, outcomes: Mapping[str, str]) -> Iterator[Change]:
    """One transaction for all that is done through `Change.store`, the entry of the request included.

    Work outside a request, as a job's, has been entered when it was asked for.

    Parameters
    ----------
    store, audit
        What is changed, and its log.
    when
        The time, for the entry.
    outcomes
        Status of a good answer by operation.
    """
    asked = has_request_context() and bool(caller().name)
    with store.together() as inside:
        change = Change(inside)
        yield change
        if asked:
            outcome = outcomes.get(str(request.endpoint), "200")
            enter(audit, change.made or request.path, outcome, when=when, within=inside)
    if asked:
        request.environ[ENTERED] = True
        with suppress(BackendError):  # the change is kept: whoever writes next takes note instead
            audit.read_on()


def enter(audit: AuditLog, where: str, outcome: str, *, when: str, within: Store | None = None) -> None:
    """Enter what the caller asked for, and how it ended; `within` a transaction when it is part of one."""
    audit.write(
        when=when,
        who=caller().name,
        what=str(request.endpoint),
        where=where.lstrip("/")[:200],
        outcome=outcome,
        request=request.environ.get(REQUEST, ""),
        within=within,
    )
