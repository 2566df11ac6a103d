"""Errors on the wire: RFC 9457 problem documents. HTTP statuses live here and nowhere else."""

from __future__ import annotations

import logging
import math
import uuid
from collections.abc import Mapping
from typing import Any

import msgspec
import shapely
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from gridgeo.core.model import geometries
from gridgeo.errors import (
    BackendError,
    BrokenRuleError,
    ConflictError,
    GridgeoError,
    InfeasibleError,
    InputError,
    NotFoundError,
    SchemaError,
)
from gridgeo.web.faults import RequestFault
from gridgeo.words import LANGUAGES
from gridgeo.words.problems import titled
from gridgeo.words.translate import translated

MEDIA = "application/problem+json"


class NowhereError(NotFoundError):
    """A place asked about is no place on earth."""

    code = "nowhere"


class UsedKeyError(GridgeoError):
    """An Idempotency-Key came with another request than the one it was first used for."""

    code = "used-key"


class BusyError(BackendError):
    """All computing places of this server are taken."""

    code = "busy"


class UnknownError(GridgeoError):
    """A request that does not say, with a valid key, who asks."""

    code = "unauthorized"


class ForbiddenError(GridgeoError):
    """A request its key's role does not allow."""

    code = "forbidden"


class RefusedError(GridgeoError):
    """A change that is not made this way; the hint names the way."""

    code = "refused"


class BlindError(GridgeoError):
    """A change that does not say which state it was made from."""

    code = "precondition-required"


class TooManyError(GridgeoError):
    """More requests or jobs than allowed; `seconds` says when to come back."""

    code = "too-many"

    def __init__(self, message: str, *, where: str = "", hint: str = "", seconds: float = 1.0) -> None:
        super().__init__(message, where=where, hint=hint)
        self.seconds = seconds


STATUS: dict[type[GridgeoError], int] = {
    UnknownError: 401,
    ForbiddenError: 403,
    RefusedError: 409,
    BlindError: 428,
    TooManyError: 429,
    SchemaError: 422,
    InfeasibleError: 422,
    InputError: 400,
    NotFoundError: 404,
    ConflictError: 412,
    UsedKeyError: 409,
    BrokenRuleError: 409,
    BackendError: 503,
}
RETRY_AFTER_S = 5
REALM = "gridgeo: any name, and an API key as password"

_log = logging.getLogger("gridgeo.web")


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """A problem document as a response.

    Parameters
    ----------
    status
        HTTP status.
    code
        Stable word for the kind of problem; it makes the type URI.
    detail
        One sentence for the reader.
    more
        Further members: plain values; `uri` is the type where a standard names it.
    """
    lang = language()
    body = {
        "type": more.pop("uri", "") or f"urn:gridgeo:problem:{code}",
        "title": titled(code, lang),
        "status": status,
        "detail": detail,
        "instance": request.path,
        **more,
    }
    response = Response(msgspec.json.encode(_in(body, lang)), status=status, content_type=MEDIA)
    response.content_language.add(lang)
    response.vary.add("Accept-Language")
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def language() -> str:
    """Language of the reader: what the request accepts, else the server's, else English; none it refuses."""
    asked = [(name.lower(), quality) for name, quality in request.accept_languages]  # best first
    wanted = [name.split("-")[0] for name, quality in asked if quality > 0]
    refused = {name for name, quality in asked if quality <= 0}
    own: str = current_app.extensions["gridgeo"].settings.lang
    fit = (name for name in (*wanted, own, *LANGUAGES) if name in LANGUAGES and name not in refused)
    return next(fit, LANGUAGES[0])


def _in(body: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """A problem with its sentences in a language; `type` and the other members are the same in all."""
    told = dict(body)
    for name in ("detail", "hint"):
        if isinstance(body.get(name), str):
            told[name] = translated(body[name], lang)
    if "errors" in body:
        told["errors"] = [_in(error, lang) for error in body["errors"]]
    return told


def install(app: Flask) -> None:
    """Answer every error of an application with a problem document."""
    app.register_error_handler(GridgeoError, _ours)
    app.register_error_handler(HTTPException, _flasks)
    app.register_error_handler(Exception, _unknown)


def _ours(error: GridgeoError) -> Response:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    more = _members(error)
    # where a store is, and what its database said, is told to the log of the server and not to readers
    shown = "" if isinstance(error, BackendError) else error.where
    message = translated(error.message, language())
    detail = f"{message} [{shown}]" if shown and "errors" not in more else message
    response = problem(status, error.code, detail, **more)
    if isinstance(error, BackendError) and not isinstance(error, BusyError):
        _log.error("store failed: %s [%s]", error.message, error.where)
    if isinstance(error, TooManyError):
        response.headers["Retry-After"] = str(max(1, math.ceil(error.seconds)))
    if isinstance(error, UnknownError):
        response.headers["WWW-Authenticate"] = f'Basic realm="{REALM}", Bearer realm="{REALM}"'
    return response


def _members(error: GridgeoError) -> dict[str, Any]:
    """What an error tells beside its sentence."""
    more: dict[str, Any] = {"uri": getattr(error, "uri", ""), **getattr(error, "members", {})}
    if error.hint:
        more["hint"] = error.hint
    if isinstance(error, RequestFault):
        more["errors"] = [{"detail": error.message, **error.part}]
    elif isinstance(error, SchemaError):
        more["errors"] = [
            {"detail": fault.message, "kind": fault.kind, "layer": fault.layer, "row": fault.row, "hint": fault.hint}
            for fault in error.faults
        ]
    elif isinstance(error, InfeasibleError):
        more["proof"] = msgspec.to_builtins(error.proof, enc_hook=str)
        more |= {"ways_out": list(error.ways_out)} if error.ways_out else {}
    elif isinstance(error, BrokenRuleError):
        more |= {"rule": error.rule, "grids": list(error.grids), "atoms": list(error.atoms)}
    geometry = getattr(error, "geometry", None)
    if geometry is not None:
        more["geometry"] = _on_the_globe(geometry)
    return more


def _on_the_globe(geometry: Any) -> msgspec.Raw:
    """A place in the metres of the territory as GeoJSON."""
    globe = current_app.extensions["gridgeo"].state().globe
    return msgspec.Raw(shapely.to_geojson(globe.shapes(geometries([geometry]))[0]).encode())


def _flasks(error: HTTPException) -> Response:
    status = error.code or 500
    detail = "there is nothing at this address" if status == 404 else error.description or error.name
    response = problem(status, error.name.lower().replace(" ", "-"), detail)
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _unknown(error: Exception) -> Response:
    """Something we did not foresee: the log gets everything, the reader an id and no text of ours."""
    id = uuid.uuid4().hex
    route = request.url_rule.rule if request.url_rule is not None else "-"
    _log.error("request failed: id=%s method=%s route=%s", id, request.method, route, exc_info=error)
    return problem(500, "internal", "the server failed; the administrator finds the cause under this id", id=id)
