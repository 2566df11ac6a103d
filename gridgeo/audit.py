"""Who did what and when: entries that each carry the hash of the one before, in a journal of the store.

Whoever edits, removes or reorders an entry breaks the chain from there on. Cutting off the end, or writing the whole
chain anew, shows only against a head noted elsewhere: `AuditLog.head` gives it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gridgeo.core.model import Notice
from gridgeo.errors import BackendError
from gridgeo.ports import Store, instant

BOOK = "audit"
"""Journal of the audit log."""
NOTHING = "0" * 64
"""Hash before the first entry."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing done.

    `who` is the id of a key or "local"; `what` the operation; `where` its object, such as main@3; `outcome` how it
    ended; `request` the id of the request. `previous` and `digest` are the links of the chain.
    """

    position: int
    when: str
    who: str
    what: str
    where: str = ""
    outcome: str = ""
    request: str = ""
    previous: str = NOTHING
    digest: str = ""


class AuditLog:
    """The audit log of one project; safe to share between threads, and between processes through the store.

    Parameters
    ----------
    store
        Store of the project.

    Examples
    --------
    >>> from gridgeo.store import MemoryStore
    >>> from tests.instances import lattice
    >>> log = AuditLog(MemoryStore(lattice(1, 1)))
    >>> entry = log.write(when="2026-11-21T09:00:00Z", who="4f2a11c0", what="publish", where="main@2")
    >>> entry.position, log.verify(), log.head == entry.digest
    (1, (), True)
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._end = (0, NOTHING)  # position and hash of the last entry known to be kept
        self._good = (0, NOTHING)  # of the last one up to which the chain was found whole

    @property
    def head(self) -> str:
        """Hash of the last entry: noted elsewhere, it proves later that nothing was cut off or written anew."""
        self.read_on()
        return self._end[1]

    def write(
        self,
        *,
        when: str,
        who: str,
        what: str,
        where: str = "",
        outcome: str = "",
        request: str = "",
        within: Store | None = None,
    ) -> Entry:
        """Add an entry; when this returns it is kept, or will be with the rest of the transaction `within`.

        Raises
        ------
        InputError
            `when` is no time.
        """
        instant(when)
        told = {"when": when, "who": who, "what": what, "where": where, "outcome": outcome, "request": request}
        if within is not None:
            return self._add(within, told)
        with self._store.together() as inside:
            entry = self._add(inside, told)
        self._end = entry.position, entry.digest
        return entry

    def read_on(self) -> None:
        """Take note of what was written since, by this process or another."""
        self._end = _end(self._store, self._end)

    def read(self, since: int = 0, limit: int = sys.maxsize) -> tuple[Entry, ...]:
        """The first `limit` entries after a position, in order.

        Raises
        ------
        BackendError
            An entry cannot be read: other hands changed it.
        """
        entries = []
        for place, text in enumerate(self._store.entries(BOOK, since, limit), since + 1):
            told = _parse(text)
            if told is None:
                raise BackendError(f"entry {place} of the audit log cannot be read", where=BOOK, hint="gridgeo fsck")
            entries.append(Entry(**told))
        return tuple(entries)

    def verify(self, *, head: str = "") -> tuple[Notice, ...]:
        """Every break of the chain; `head` as noted once, must still be the hash of an entry."""
        return verify(self._store.entries(BOOK), head=head)

    def verify_on(self) -> tuple[Notice, ...]:
        """Every break since this log last found none; the whole chain again where its end of then is no more.

        O(bytes written since): what was found whole before is not read again.
        """
        at, digest = self._good
        texts = self._store.entries(BOOK, max(at - 1, 0))
        if at:
            told = _parse(texts[0]) if texts else None
            if told is None or _digest(told) != digest:
                return self.verify(head=digest)
            texts = texts[1:]
        breaks = tuple(_breaks(texts, at, digest))
        if texts and not breaks:
            self._good = at + len(texts), head_of(texts)
        return breaks

    def _add(self, inside: Store, told: dict[str, Any]) -> Entry:
        """Add an entry in a transaction, where no other writer comes between the last entry and the next."""
        at, head = _end(inside, self._end)
        entry = told | {"position": at + 1, "previous": head}
        digest = _digest(entry)
        inside.append(BOOK, _text(entry | {"digest": digest}), after=at)
        return Entry(**entry, digest=digest)


def _end(store: Store, known: tuple[int, str]) -> tuple[int, str]:
    """Position and hash of the last entry, read on from one that is known."""
    at, head = known
    for text in store.entries(BOOK, at):
        told = _parse(text)
        at, head = at + 1, str(told["digest"]) if told else NOTHING
    return at, head


def verify(texts: Sequence[str], *, head: str = "") -> tuple[Notice, ...]:
    """Every break of a chain of entries: edited, missing, out of order, or cut off.

    O(bytes).

    Parameters
    ----------
    texts
        The entries, from the first on.
    head
        Hash of an entry noted earlier, "" for none.
    """
    notices = list(_breaks(texts))
    if head and all(told is None or told["digest"] != head for told in map(_parse, texts)):
        notices.append(Notice(kind="audit-cut", where=BOOK, facts={"head": head, "entries": len(texts)}))
    return tuple(notices)


def head_of(texts: Sequence[str]) -> str:
    """Hash of the last of some entries, "" where there is none."""
    told = _parse(texts[-1]) if texts else None
    return str(told["digest"]) if told else ""


def _breaks(texts: Sequence[str], position: int = 0, previous: str = NOTHING) -> Iterator[Notice]:
    """Breaks of the entries after a position, where the hash is `previous`."""
    for place, text in enumerate(texts, position + 1):
        told = _parse(text)
        if told is None or told["digest"] != _digest(told):
            yield Notice(kind="audit-edited", where=BOOK, facts={"entry": place})
            previous, position = "", position + 1
            continue
        found = int(told["position"])
        if found <= position:
            yield Notice(kind="audit-order", where=BOOK, facts={"entry": place, "position": found})
        elif found > position + 1:
            yield Notice(kind="audit-missing", where=BOOK, facts={"entry": place, "missing": found - position - 1})
        elif previous and told["previous"] != previous:
            yield Notice(kind="audit-edited", where=BOOK, facts={"entry": place - 1})
        if found > position:
            previous, position = str(told["digest"]), found


def _text(entry: dict[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _digest(entry: dict[str, Any]) -> str:
    told = {name: value for name, value in entry.items() if name != "digest"}
    return hashlib.sha256(_text(told).encode("utf-8", "surrogatepass")).hexdigest()


def _parse(text: str) -> dict[str, Any] | None:
    """Fields of an entry, None when it is none."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    texts = set(Entry.__dataclass_fields__) - {"position"}
    if not isinstance(told, dict) or set(told) != texts | {"position"} or not isinstance(told["position"], int):
        return None
    return told if all(isinstance(told[name], str) for name in texts) else None
