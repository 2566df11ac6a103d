"""API keys of a project: who may do what, kept as hashes in a journal of its store.

A key is shown once, when it is made: project, id and 256 random bits. The store keeps the SHA-256 of it and what
became of it since, entry by entry; nothing is ever changed or removed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import Any

from gridgeo.errors import BackendError, ConflictError, InputError, NotFoundError
from gridgeo.ports import Store, instant

BOOK = "keys"
"""Journal of the keys."""
PROJECT_BOOK = "project"
"""Journal whose one entry is the id of the project."""
PREFIX = "gg"
SECRET_BYTES = 32


class Role(IntEnum):
    """What a key may do; each role may do all that the ones before it may."""

    VIEWER = 0
    PATROL = 1
    PLANNER = 2
    ADMIN = 3


class Refusal(StrEnum):
    """Why a key opens nothing."""

    UNKNOWN = "unknown"
    FOREIGN = "foreign"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key, without its secret.

    `id` is public and names it in lists and in the audit log; `label` says what it is for (a post or a machine, no
    person). Times are ISO 8601, "" for never; `last_used` is the first use of the latest day of use.
    """

    id: str
    role: Role
    label: str
    created: str
    expires: str = ""
    revoked: str = ""
    last_used: str = ""


class KeyRing:
    """The keys of one project; safe to share between threads, and between processes through the store.

    Parameters
    ----------
    store
        Store of the project.

    Examples
    --------
    >>> from gridgeo.store import MemoryStore
    >>> from tests.instances import lattice
    >>> ring = KeyRing(MemoryStore(lattice(1, 1)))
    >>> key, text = ring.add(Role.PLANNER, when="2026-11-21T09:00:00Z", label="district office")
    >>> ring.examine(text, when="2026-11-21T10:00:00Z") == ring.key(key.id)
    True
    >>> ring.examine(text[:-1], when="2026-11-21T10:00:00Z")
    <Refusal.UNKNOWN: 'unknown'>
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._read = 0
        self._keys: dict[str, Key] = {}
        self._hashes: dict[str, str] = {}
        self._project = ""

    @property
    def project(self) -> str:
        """Id of the project, made when first asked for: a key made for another project opens nothing here."""
        if not self._project:
            known = self._store.entries(PROJECT_BOOK)
            if not known:
                with suppress(ConflictError):  # another process was faster: its id counts
                    self._store.append(PROJECT_BOOK, secrets.token_hex(4), after=0)
                known = self._store.entries(PROJECT_BOOK)
            self._project = known[0]
        return self._project

    def add(self, role: Role, *, when: str, label: str = "", expires: str = "") -> tuple[Key, str]:
        """Make a key; gives it with its text, which nobody can be shown again.

        Raises
        ------
        InputError
            `expires` is no time after `when`.
        """
        if expires and instant(expires) <= instant(when):
            raise InputError("the key would expire before it is made", where="expires", hint="give a later time")
        key = Key(id=secrets.token_hex(4), role=role, label=label, created=when, expires=expires)
        text = f"{PREFIX}_{self.project}_{key.id}_{secrets.token_urlsafe(SECRET_BYTES)}"
        entry = {"do": "add", "id": key.id, "role": role.name.lower(), "label": label, "created": when}
        self._write(entry | {"expires": expires, "hash": _hash(text)})
        return key, text

    def keys(self) -> tuple[Key, ...]:
        """Every key ever made, in that order."""
        with self._lock:
            self._catch_up()
            return tuple(self._keys.values())

    def key(self, id: str) -> Key:
        """One key by its id.

        Raises
        ------
        NotFoundError
            There is none.
        """
        for key in self.keys():
            if key.id == id:
                return key
        raise NotFoundError(f"there is no key {id}", where="key", hint="see: gridgeo key list")

    def revoke(self, id: str, *, when: str) -> Key:
        """Let a key open nothing from now on; one revoked before stays as it is.

        Raises
        ------
        NotFoundError
            There is no such key.
        """
        if not self.key(id).revoked:
            self._write({"do": "revoke", "id": id, "when": when})
        return self.key(id)

    def examine(self, text: str, *, when: str) -> Key | Refusal:
        """The key of a text shown at a moment, or why it opens nothing; its use is noted, once a day (UTC) at most.

        Takes the same time for a wrong secret as for a right one.
        """
        with self._lock:
            self._catch_up()
            key = self._keys.get(_id_of(text))
            expected = self._hashes[key.id] if key else _hash("")
            if not hmac.compare_digest(_hash(text), expected) or key is None:
                return self._stranger(text)
            if key.revoked:
                return Refusal.REVOKED
            moment = instant(when)
            if key.expires and instant(key.expires) <= moment:
                return Refusal.EXPIRED
            if not key.last_used or moment.date() > instant(key.last_used).date():
                with suppress(BackendError):  # a full disk must not keep readers out: only the note is lost
                    self._write({"do": "use", "id": key.id, "when": when})
                    self._catch_up()
            return self._keys[key.id]

    def _stranger(self, text: str) -> Refusal:
        parts = text.split("_", 3)
        foreign = len(parts) == 4 and parts[0] == PREFIX and parts[1] != self.project
        return Refusal.FOREIGN if foreign else Refusal.UNKNOWN

    def _write(self, entry: dict[str, Any]) -> None:
        self._store.append(BOOK, json.dumps(entry, ensure_ascii=False, sort_keys=True))

    def _catch_up(self) -> None:
        """Read what was written since, by this process or another."""
        for text in self._store.entries(BOOK, self._read):
            self._note(json.loads(text))
            self._read += 1

    def _note(self, entry: dict[str, Any]) -> None:
        id = entry["id"]
        match entry["do"]:
            case "add":
                role = Role[entry["role"].upper()]
                self._keys[id] = Key(
                    id=id, role=role, label=entry["label"], created=entry["created"], expires=entry["expires"]
                )
                self._hashes[id] = entry["hash"]
            case "revoke":
                self._keys[id] = replace(self._keys[id], revoked=entry["when"])
            case "use":
                self._keys[id] = replace(self._keys[id], last_used=entry["when"])


def _id_of(text: str) -> str:
    parts = text.split("_", 3)
    return parts[2] if len(parts) == 4 else ""


def _hash(text: str) -> str:
    """A key is 256 random bits, so a plain hash cannot be run backwards: no salt, no stretching."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
