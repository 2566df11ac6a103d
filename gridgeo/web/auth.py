"""Who asks, and whether they may: API keys with roles, or everything on this machine where there are no keys."""

from __future__ import annotations

import base64
import binascii
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, has_request_context, request

from gridgeo.keys import KeyRing, Refusal
from gridgeo.web.addresses import local
from gridgeo.web.limits import Buckets
from gridgeo.web.problems import ForbiddenError, UnknownError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridgeo.web.routes import Operation
    from gridgeo.web.site import Site

ROLES = ("viewer", "patrol", "planner", "admin")
"""Roles, each of which may do all that the ones before it may."""
OPEN = frozenset({"get_healthz", "get_readyz"})
"""Operations that need no key: they tell nothing of the project."""
CALLER = "gridgeo.caller"
KEYED_RATE = 200.0
"""Requests a second of one key where the settings name no rate."""
STRANGERS_RATE = 10.0
"""Requests a second with keys that open nothing, of one address."""
_LOOK_S = 1.0
_SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Caller:
    """Who asks: the id of a key, "local" on this machine where there are no keys, or "" for nobody known."""

    name: str = "local"
    role: str = "admin"

    def may(self, role: str) -> bool:
        """Whether this role covers another.

        >>> Caller("4f2a11c0", "planner").may("patrol"), Caller("", "").may("viewer")
        (True, False)
        """
        return self.role in ROLES and ROLES.index(self.role) >= ROLES.index(role)


def caller() -> Caller:
    """Who asks now; local code outside a request is the owner."""
    if not has_request_context():
        return Caller()
    found = request.environ.get(CALLER)
    return found if isinstance(found, Caller) else Caller("", "")


class Gate:
    """Lets requests in, or not.

    Parameters
    ----------
    site
        What is served; its store holds the keys.
    """

    def __init__(self, site: Site) -> None:
        self._ring = KeyRing(site.store)
        self._now = site.now
        rate = site.settings.rate
        shared = Path(site.settings.shared) if site.settings.shared else None
        self._callers = Buckets(rate or KEYED_RATE, file=shared and shared / "callers")
        self._strangers = Buckets(STRANGERS_RATE, file=shared and shared / "strangers")
        self._limit_local = rate > 0
        self._keyed = False
        self._looked = float("-inf")

    @property
    def keyed(self) -> bool:
        """Whether keys are asked for: from the first one ever made on, also on this machine."""
        if not self._keyed and time.monotonic() - self._looked > _LOOK_S:
            self._keyed = bool(self._ring.keys())
            self._looked = time.monotonic()
        return self._keyed

    def admit(self, role: str | None) -> Caller:
        """Who asks, when they may: None needs no key.

        Raises
        ------
        UnknownError
            No key was shown where one is needed, or it opens nothing here.
        ForbiddenError
            The key's role is not enough, or a page of another site sent the request.
        TooManyError
            Too many requests of this key or address.
        """
        _check_origin()
        who = request.environ[CALLER] = self._who(needed=role is not None)  # known by name also when refused
        if role is not None and not who.may(role):
            raise ForbiddenError(f"this needs the role {role}, the key has {who.role}", hint="ask for another key")
        return who

    def _who(self, *, needed: bool) -> Caller:
        address = request.remote_addr or ""
        if not self.keyed:
            if needed and not local(address):
                raise UnknownError(
                    "there are no keys, so only this machine is served", hint="make one: gridgeo key add"
                )
            if self._limit_local:
                self._callers.take(address)
            return Caller()
        text = shown_key()
        found = self._ring.examine(text, when=self._now()) if text else None
        if found is None or isinstance(found, Refusal):
            if needed:
                self._strangers.take(address)
                raise UnknownError(_why(found), hint="send an API key as Bearer token, X-API-Key or password")
            return Caller("", "")
        self._callers.take(found.id)
        return Caller(found.id, found.role.name.lower())


def install(app: Flask, site: Site, operations: Iterable[Operation]) -> Gate:
    """Ask every request of an application who it is from; what is no operation needs the role of a viewer."""
    gate = Gate(site)
    roles: dict[str | None, str | None] = {operation.id: operation.role for operation in operations}
    roles |= dict.fromkeys(OPEN)

    @app.before_request
    def admit() -> None:
        # asking what may be done with a thing is not doing it
        role = "viewer" if request.method == "OPTIONS" else roles.get(request.endpoint, "viewer")
        gate.admit(role)

    return gate


def shown_key() -> str:
    """The key a request shows, "" for none: as bearer token, as X-API-Key, or as the password browsers ask for."""
    given = request.headers.get("X-API-Key", "")
    if given:
        return given.strip()
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def _check_origin() -> None:
    """Refuse changes that a page of another site makes a browser send, with the key the browser keeps for us.

    Raises
    ------
    ForbiddenError
        The request is one.
    """
    if request.method in _SAFE:
        return
    origin = request.headers.get("Origin", "")
    foreign = bool(origin) and _host(origin) != request.host
    if foreign or request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise ForbiddenError("pages of other sites change nothing here", where=origin[:80])


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # no address at all
        return ""


def _why(refusal: Refusal | None) -> str:
    if refusal is None:
        return "a key is needed"
    return f"the key is {refusal.value}" if refusal is not Refusal.FOREIGN else "the key is of another project"
