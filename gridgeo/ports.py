"""The seams of the house: what a store must do, in the words of the core."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from gridgeo.core.model import Plan, Table, Territory
from gridgeo.errors import InputError

POINT_LAYERS = ("places", "stations", "emergency_units", "responders")
"""Layers of a territory that change while its plans stay: what stands at points."""


@dataclass(frozen=True, kw_only=True)
class PlanRecord:
    """One kept version of a plan: who drew it, when, from what, and when it was in force.

    `version` counts from 1 within its `id`; times are ISO 8601 texts handed in by the caller; `published` marks the
    one version that planners, maps and patrols work by now. `valid_from` and `valid_to` are its last time in force:
    both "" when it was never published, `valid_to` "" while it still is. `draft` is work in progress that was never
    published. `parent` is the version it was made from, as id@version, "" for none. `digest` (64 hexadecimal digits)
    is equal for equal labels, grids and size band.

    >>> PlanRecord(id="main", version=2, created="2026-11-21T09:00:00Z", note="river split").name
    'main@2'
    """

    id: str
    version: int
    created: str
    note: str
    published: bool = False
    author: str = ""
    valid_from: str = ""
    valid_to: str = ""
    draft: bool = False
    parent: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """The version as written in addresses: id@version."""
        return f"{self.id}@{self.version}"


def instant(text: str) -> datetime:
    """The moment an ISO 8601 text names; without a zone it is UTC.

    Raises
    ------
    InputError
        It is no time.

    Examples
    --------
    >>> instant("2026-11-21T09:00:00Z") == instant("2026-11-21T17:00:00+08:00")
    True
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no time", where="time", hint="write it as 2026-11-21T09:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Store(Protocol):
    """Keeps one territory, its plans version by version, the orders of the published plan, and journals.

    Plans are kept as a label per atom, so no gap or overlap can be stored. A version once saved never changes.
    A method that returns has kept what it was given: a crash one instant later loses nothing. A method that raises
    has kept nothing. Every method raises BackendError when file or server cannot be reached.
    """

    def stamp(self) -> str:
        """Text that differs whenever territory, plans or orders have changed; cheap enough to ask on every request.

        Journals do not count: they may grow with every request.
        """
        ...

    def territory(self) -> Territory:
        """The territory all plans here divide, with its point layers as they were saved last."""
        ...

    def plans(self) -> tuple[PlanRecord, ...]:
        """Every version of every plan, in the order they were saved."""
        ...

    def plan(self, id: str = "", version: int = 0) -> Plan:
        """One plan: the published one when `id` is empty, its latest version when `version` is 0.

        Raises
        ------
        NotFoundError
            Nothing is published, or there is no such plan or version.
        """
        ...

    def save_plan(
        self,
        plan: Plan,
        *,
        id: str,
        created: str,
        note: str = "",
        author: str = "",
        after: int | None = None,
        parent: str = "",
        draft: bool = False,
    ) -> PlanRecord:
        """Keep a plan as the next version of `id`.

        Parameters
        ----------
        plan
            Plan of this territory's atoms.
        id, created, note, author, draft
            As in `PlanRecord`.
        after
            Latest version the caller knows of, 0 for none; None does not ask.
        parent
            Version it was made from, as id@version; the one before it in `id` when empty.

        Raises
        ------
        InputError
            The plan divides other atoms than this territory's, `id` is no name, or `created` no time.
        NotFoundError
            There is no version `parent`.
        ConflictError
            The latest version is not `after`: somebody saved in between.
        """
        ...

    def publish(self, id: str, version: int, *, created: str = "") -> PlanRecord:
        """Make one version the published plan from `created` on, and end the time in force of the one before.

        An old version may be published again: that restores it. Time never runs back: a `created` before the last
        publication counts as that moment. Routes worked out from another plan are dropped.

        Parameters
        ----------
        id, version
            The version; 0 is the latest.
        created
            The moment; the version's own `created` when empty.

        Raises
        ------
        NotFoundError
            There is no such version.
        InputError
            `created` is no time.
        """
        ...

    def published_at(self, when: str) -> PlanRecord:
        """The version that was in force at a moment, with `valid_from` and `valid_to` of that time in force.

        Raises
        ------
        NotFoundError
            Nothing was published yet.
        InputError
            `when` is no time.
        """
        ...

    def history(self) -> tuple[PlanRecord, ...]:
        """Every time in force, in order: a version published twice is told twice, each with that time."""
        ...

    def layer_digest(self, name: str) -> str:
        """Content hash of one of `POINT_LAYERS` as kept now, 64 hexadecimal digits.

        Raises
        ------
        NotFoundError
            It is none of them.
        """
        ...

    def save_layer(self, name: str, table: Table, *, after: str | None = None) -> str:
        """Keep one of `POINT_LAYERS` instead of the one kept before; gives its new digest.

        Parameters
        ----------
        name
            The layer.
        table
            All its rows, with the columns of the layer and a point each.
        after
            Digest the caller knows of; None does not ask.

        Raises
        ------
        NotFoundError
            `name` is none of them.
        InputError
            A column is missing, a code is empty or doubled, or a row has no point.
        ConflictError
            The layer is not `after`: somebody saved in between.
        """
        ...

    def routes(self) -> Table | None:
        """Patrol routes of the published plan, or None when none were kept."""
        ...

    def save_routes(self, routes: Table) -> None:
        """Keep the patrol routes of the published plan instead of those kept before.

        Raises
        ------
        NotFoundError
            No plan is published.
        """
        ...

    def assignments(self) -> Table | None:
        """Who stands by at which emergency unit, or None when nothing was kept."""
        ...

    def save_assignments(self, assignments: Table) -> None:
        """Keep the assignment instead of the one kept before; shortages proved for that one are dropped."""
        ...

    def append(self, book: str, text: str, *, after: int | None = None) -> int:
        """Add an entry to the end of a journal; gives its position, counted from 1.

        Parameters
        ----------
        book
            Name of the journal; it begins with its first entry.
        text
            The entry.
        after
            Position of the last entry the caller knows of, 0 for none; None does not ask.

        Raises
        ------
        InputError
            `book` is no name.
        ConflictError
            The last entry is not `after`: somebody wrote in between.
        """
        ...

    def entries(self, book: str, since: int = 0, limit: int = sys.maxsize) -> tuple[str, ...]:
        """The first `limit` entries of a journal after position `since`; none where it was never written to."""
        ...

    def books(self) -> tuple[str, ...]:
        """Names of the journals that hold entries, sorted."""
        ...

    def together(self) -> AbstractContextManager[Store]:
        """One transaction: what is done through the store it gives is kept whole when the block ends, or not at all.

        A block that raises has kept nothing. Others see all of it or none. Until it ends other writers wait, and the
        thread inside speaks to the store it was given, not to this one.
        """
        ...

    def try_write(self) -> None:
        """Write a mark over the mark before, the way every change is written; nothing else is changed.

        It raises what a change would raise now: the disk is full, the file or the database takes no writing.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
