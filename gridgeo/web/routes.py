"""Typed routes: one decorator validates query and body, and what it knows becomes the OpenAPI document.

A view gets the site, the parts of the path, and `query` and `body` as checked structs; it gives back a `Reply`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec
from flask import Flask, Response, render_template, request

from gridgeo.web.body import pointer, read_json
from gridgeo.web.encode import etag, packed_tag
from gridgeo.web.faults import RequestFault

if TYPE_CHECKING:
    from gridgeo.web.site import Site

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html"
PLAN = "gridgeo.plan"
"""Where the environment of a request names the version its address stands under."""
ROOT = "gridgeo.root"
"""Where it names the path that the whole service is mounted under, as WSGI does: SCRIPT_NAME before a version is."""

T = TypeVar("T")


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Query parameters every document takes."""

    f: Literal["json", "html"] | None = None


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No query parameters."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a view answers: a document (bytes are sent as they are, anything else is written as JSON)."""

    document: Any
    media: str = JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    title: str = ""

    @property
    def data(self) -> bytes:
        """The document as bytes."""
        return self.document if isinstance(self.document, bytes) else msgspec.json.encode(self.document)


View = Callable[..., Reply]
Register = Callable[[View], View]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path: all that is needed to run it and to document it."""

    method: str
    path: str
    view: View
    tag: str
    summary: str
    query: type[msgspec.Struct]
    body: Any
    returns: Any
    media: str
    problems: tuple[int, ...]
    choices: Mapping[str, tuple[str, ...]]
    role: str = "viewer"
    success: tuple[int, ...] = (200,)
    headers: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Name unique among all operations."""
        return f"{self.method.lower()}_{self.view.__name__}"

    @property
    def steps(self) -> list[str]:
        """Names of the path's variable parts."""
        return re.findall(r"{(\w+)}", self.path)


class Routes:
    """Operations of one part of the API.

    Parameters
    ----------
    tag
        Heading they stand under in the OpenAPI document.
    """

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.operations: list[Operation] = []

    def get(
        self,
        path: str,
        *,
        summary: str,
        query: type[msgspec.Struct] = Query,
        returns: Any = dict,
        media: str = JSON,
        problems: tuple[int, ...] = (400,),
        choices: Mapping[str, tuple[str, ...]] | None = None,
        role: str = "viewer",
    ) -> Register:
        """Register a view for GET; `choices` names all values a part of the path can have, to be documented."""
        return self.add(
            "GET", path, summary=summary, query=query, returns=returns, media=media, problems=problems,
            choices=choices, role=role,
        )  # fmt: skip

    def post(
        self,
        path: str,
        *,
        summary: str,
        body: Any,
        returns: Any = dict,
        media: str = JSON,
        problems: tuple[int, ...] = (400, 413, 415),
        role: str = "planner",
        success: tuple[int, ...] = (200,),
        headers: tuple[str, ...] = (),
    ) -> Register:
        """Register a view for POST with a JSON body."""
        return self.add(
            "POST", path, summary=summary, body=body, returns=returns, media=media, problems=problems, role=role,
            success=success, headers=headers,
        )  # fmt: skip

    def add(
        self,
        method: str,
        path: str,
        *,
        summary: str,
        query: type[msgspec.Struct] = NoQuery,
        body: Any = None,
        returns: Any = dict,
        media: str = JSON,
        problems: tuple[int, ...] = (400,),
        choices: Mapping[str, tuple[str, ...]] | None = None,
        role: str = "planner",
        success: tuple[int, ...] = (200,),
        headers: tuple[str, ...] = (),
    ) -> Register:
        """Register a view for any method.

        Parameters
        ----------
        method, path
            As in HTTP; variable parts of the path in braces.
        summary
            One line for readers.
        query, body, returns
            Shapes of the query, of the body (None: no body), and of the answer.
        media
            Media type of the answer.
        problems
            Statuses of the problems it may answer with.
        choices
            All values a part of the path can have, to be documented.
        role
            Least role that may ask it; `auth.ROLES` ranks them.
        success
            Statuses of its answers when all is well.
        headers
            Request headers that change what it does.
        """

        def register(view: View) -> View:
            self.operations.append(
                Operation(
                    method=method,
                    path=path,
                    view=view,
                    tag=self.tag,
                    summary=summary,
                    query=query,
                    body=body,
                    returns=returns,
                    media=media,
                    problems=problems,
                    choices=choices or {},
                    role=role,
                    success=success,
                    headers=headers,
                )
            )
            return view

        return register


def bind(app: Flask, site: Site, operation: Operation) -> None:
    """Let an application answer an operation."""
    rule = re.sub(r"{(\w+)}", r"<\1>", operation.path)

    def answer(**steps: str) -> Response:
        given: dict[str, Any] = dict(steps)
        query = read_query(operation.query)
        if operation.query is not NoQuery:
            given["query"] = query
        if operation.body is not None:
            given["body"] = read_body(operation.body, site.settings.max_depth)
        reply = operation.view(_version(site, query), **given)
        wanted = getattr(query, "f", None)
        if "f" in operation.query.__struct_fields__ and _wants_html(wanted):
            return _page(site, reply)
        return send(reply)

    app.add_url_rule(rule, operation.id, answer, methods=[operation.method])


def _version(site: Site, query: msgspec.Struct) -> Site:
    """The site under the version that the address or `datetime` names."""
    plan: str = request.environ.get(PLAN, "")
    if plan:
        return site.at(site.find(plan))
    moment: str | None = getattr(query, "datetime", None)
    return site if moment is None else site.when(moment)


def send(reply: Reply) -> Response:
    """A reply as a response: GET gets a strong ETag, unless it has its own, and answers If-None-Match."""
    data = reply.data
    headers = list(reply.headers.items())
    if reply.status != 200 or request.method not in ("GET", "HEAD"):
        return Response(data, reply.status, headers, content_type=reply.media)
    tag = reply.headers.get("ETag") or etag(data)
    headers += [] if "ETag" in reply.headers else [("ETag", tag)]
    headers += [] if "Cache-Control" in reply.headers else [("Cache-Control", "no-cache")]
    response = Response(data, reply.status, headers, content_type=reply.media)
    known = request.environ.get("HTTP_IF_NONE_MATCH", "")
    if known and (tag in known or packed_tag(tag) in known):
        response.status_code = 304
        response.set_data(b"")
    return response


def _wants_html(wanted: str | None) -> bool:
    """`f` decides; without it a reader that names HTML before JSON, as browsers do, gets a page."""
    if wanted:
        return wanted == "html"
    accept = request.headers.get("Accept", "")
    return HTML in accept and request.accept_mimetypes.best_match([JSON, HTML], JSON) == HTML


def _page(site: Site, reply: Reply) -> Response:
    document = msgspec.json.decode(reply.data)
    text = render_template("document.html", title=reply.title or request.path, document=document, name=site.name)
    headers = {name: value for name, value in reply.headers.items() if name != "ETag"}  # that of the document
    return send(Reply(document=text.encode(), media="text/html; charset=utf-8", headers=headers))


def read_query(kind: type[T]) -> T:
    """Query parameters of the request as a struct.

    Raises
    ------
    RequestFault
        An unknown parameter, one given twice, or a value that does not fit.
    """
    given: dict[str, Any] = {}
    lists = _list_fields(kind)  # type: ignore[arg-type]  # classes are hashable
    for name, values in request.args.lists():
        if len(values) > 1:
            raise RequestFault(f"{name} is given {len(values)} times", parameter=name)
        given[name] = values[0].split(",") if name in lists else values[0]
    try:
        query = msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        what, at = _explain(error)
        hint = _takes(kind, at) if "unknown field" in what else ""
        raise RequestFault(what, parameter=str(at[0]) if at else _unknown(what), hint=hint) from None
    for name in given:
        if getattr(query, _attribute(kind, name)) is None:  # type: ignore[arg-type]  # classes are hashable
            # "null" is read as none, and nobody can mean it
            raise RequestFault(f"{name} is {given[name]!r}", parameter=name)
    for name in lists:
        numbers = getattr(query, name)
        if numbers and not all(map(math.isfinite, numbers)):
            raise RequestFault(f"{name} holds a number that is not finite", parameter=name)
    return query


def read_body(kind: Any, max_depth: int) -> Any:
    """The JSON body of the request as a struct.

    Raises
    ------
    RequestFault
        Not strict JSON, or not of this shape, with a JSON pointer.
    """
    if request.mimetype != JSON and not request.mimetype.endswith("+json"):
        from werkzeug.exceptions import UnsupportedMediaType

        raise UnsupportedMediaType("send the body as application/json")
    data = request.get_data()
    if request.content_length is None and len(data) >= (request.max_content_length or math.inf):
        from werkzeug.exceptions import RequestEntityTooLarge

        raise RequestEntityTooLarge  # sent in chunks and cut at the limit
    tree = read_json(data, max_depth=max_depth)
    try:
        return msgspec.convert(tree, kind)
    except msgspec.ValidationError as error:
        what, at = _explain(error)
        raise RequestFault(
            what, pointer=pointer(*at), hint=_takes(kind, at) if "unknown field" in what else ""
        ) from None


@lru_cache
def _attribute(kind: type, name: str) -> str:
    """Name of the field a parameter is read into."""
    return next(field.name for field in msgspec.structs.fields(kind) if field.encode_name == name)


@lru_cache
def _list_fields(kind: type) -> frozenset[str]:
    """Parameters written as comma-separated numbers."""
    return frozenset(f.encode_name for f in msgspec.structs.fields(kind) if "list[float]" in str(f.type))


def _explain(error: msgspec.ValidationError) -> tuple[str, list[str | int]]:
    """What msgspec found, and the steps to the place it found it at."""
    what, _, path = str(error).partition(" - at `$")
    steps: list[str | int] = []
    for name, row in re.findall(r"\.([^.\[`]+)|\[(\d+|\.\.\.)\]", path):
        steps.append(name or (int(row) if row.isdigit() else row))
    return what.replace("Object contains unknown", "unknown"), steps


def _takes(kind: Any, steps: Sequence[str | int]) -> str:
    """Names that may stand at a place of a shape, as a hint; "" where all may, or none is known."""
    shapes: list[Any] = [msgspec.inspect.type_info(kind)]
    for step in steps:
        inner = [field.type for shape in shapes for field in getattr(shape, "fields", ()) if field.encode_name == step]
        shapes = _options([*inner, *(shape.item_type for shape in shapes if hasattr(shape, "item_type"))])
    names = [field.encode_name for shape in shapes for field in getattr(shape, "fields", ())]
    return f"it takes {', '.join(names)}" if names else ""


def _options(shapes: list[Any]) -> list[Any]:
    """The shapes, each of several written out."""
    return [option for shape in shapes for option in getattr(shape, "types", (shape,))]


def _unknown(what: str) -> str:
    found = re.search(r"`([^`]*)`$", what)
    return found.group(1) if found else ""
