"""The OpenAPI 3.0 document, written from the routes themselves and whole in itself: it refers to nothing outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from gridgeo.web.leads import leads
from gridgeo.web.problems import MEDIA
from gridgeo.web.routes import Operation

VND = "application/vnd.oai.openapi+json;version=3.0"
_TAKES = {"Idempotency-Key": {"pattern": "^[!-~]{1,200}$"}}
REF = "#/components/schemas/{name}"

_PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "hint": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_WHY = {
    400: "A part of the request cannot be used; it is named.",
    404: "There is no such thing.",
    401: "No valid key.",
    403: "The key's role does not allow it.",
    409: "It would break a rule; the rule is named.",
    412: "It changed since it was read.",
    428: "If-Match is missing.",
    429: "Too many requests; try again later.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "Understood, but proven impossible.",
    503: "Busy or out of reach; try again later.",
}

_SAYS = {
    "If-Match": "ETag of what is changed, as it was read.",
    "Prefer": "respond-async makes a job of it.",
    "Idempotency-Key": "The same key gets the same answer again.",
}


Refine = Callable[[str, str, dict[str, Any]], dict[str, Any]]
"""From a path, a parameter of it and its schema to a schema that tells more."""


def describe(
    operations: Sequence[Operation], *, title: str, version: str, refine: Refine = lambda path, name, schema: schema
) -> dict[str, Any]:
    """The OpenAPI document of some operations.

    Parameters
    ----------
    operations
        All operations of the API.
    title, version
        What is served, and the version of the software.
    refine
        Tells more of a parameter than its type does, such as names that exist here only.
    """
    components = _schemas(operations)
    written = [(operation, path, id) for operation in operations for path, id in _written_out(operation)]
    following = leads(id for _, _, id in written)
    paths: dict[str, dict[str, Any]] = {}
    for operation, path, id in written:
        described = _operation(operation, path, refine) | {"operationId": id}
        for status, links in following.get(id, {}).items():
            described["responses"][status]["links"] = links
        paths.setdefault(path, {})[operation.method.lower()] = described
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": version, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(op.tag for op in operations)],
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM, **components}},
    }


def _written_out(operation: Operation) -> list[tuple[str, str]]:
    """Paths and ids of an operation: one for each choice of a part of the path, so that readers see what there is."""
    out = [(operation.path, operation.id)]
    for name, values in operation.choices.items():
        out = [(path.replace(f"{{{name}}}", value), f"{id}_{value}") for path, id in out for value in values]
    return out


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    kinds = [kind for op in operations for kind in (op.body, op.returns) if kind not in (None, dict, bytes)]
    _, components = msgspec.json.schema_components(kinds, ref_template=REF)
    plain: dict[str, Any] = to_30(msgspec.to_builtins(components))
    for kind in kinds:  # what a type cannot say of itself, such as that one of two members is wanted
        if getattr(kind, "json_schema", None):
            plain[kind.__name__] |= kind.json_schema
    return plain


def _operation(operation: Operation, path: str, refine: Refine) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "description": " ".join((operation.view.__doc__ or operation.summary).split()),
        "tags": [operation.tag],
        "responses": {
            **{str(status): _done(operation, status) for status in operation.success},
            **{str(status): _problem(status) for status in sorted({*operation.problems, *_lost(operation)})},
            "500": _problem(500),
        },
    }
    parameters = [
        *_path_parameters(path, refine),
        *_query_parameters(operation, path, refine),
        *map(_header, operation.headers),
    ]
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        content = {"application/json": {"schema": _shape(operation.body)}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _lost(operation: Operation) -> set[int]:
    return {404} if operation.steps else set()


def _done(operation: Operation, status: int) -> dict[str, Any]:
    if status == 204:
        return {"description": "Done; there is nothing to tell."}
    content = {operation.media: {"schema": _shape(operation.returns)}}
    if "f" in operation.query.__struct_fields__:
        content["text/html"] = {"schema": {"type": "string"}}
    return {"description": "Made; its address is in Location." if status == 201 else "Done.", "content": content}


def _problem(status: int) -> dict[str, Any]:
    why = _WHY.get(status, "The server failed; the id leads to the cause in its log.")
    return {"description": why, "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _shape(kind: Any) -> dict[str, Any]:
    if kind is dict:
        return {"type": "object"}
    if kind is bytes:
        return {"type": "string", "format": "binary"}
    schema: dict[str, Any] = to_30(msgspec.json.schema_components([kind], ref_template=REF)[0][0])
    return schema


def _path_parameters(path: str, refine: Refine) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)}", path)
    return [
        {"name": name, "in": "path", "required": True, "schema": refine(path, name, {"type": "string"})}
        for name in names
    ]


def _header(name: str) -> dict[str, Any]:
    schema = {"type": "string"} | _TAKES.get(name, {})
    return {"name": name, "in": "header", "required": False, "schema": schema, "description": _SAYS[name]}


def _query_parameters(operation: Operation, path: str, refine: Refine) -> list[dict[str, Any]]:
    _, components = msgspec.json.schema_components([operation.query], ref_template=REF)
    schema = components[operation.query.__name__]
    out = []
    for name, wanted in schema["properties"].items():
        plain = to_30(wanted)
        plain.pop("nullable", None)
        if plain.get("default", 0) is None:
            del plain["default"]
        parameter = {"name": name, "in": "query", "required": name in schema["required"], "schema": plain}
        parameter |= {"style": "form", "explode": False}
        if "description" in plain:
            parameter["description"] = plain.pop("description")
        parameter["schema"] = refine(path, name, plain)
        out.append(parameter)
    return out


def to_30(schema: Any) -> Any:
    """JSON Schema 2020-12, as msgspec writes it, in the words of OpenAPI 3.0."""
    if isinstance(schema, list | tuple):
        return [to_30(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: to_30(value) for key, value in schema.items() if key not in ("prefixItems", "const")}
    if "prefixItems" in schema:
        out["items"] = to_30(schema["prefixItems"][0])
    if "const" in schema:
        out["enum"] = [schema["const"]]
    for edge in ("Minimum", "Maximum"):
        if "exclusive" + edge in out:
            out[edge.lower()] = out["exclusive" + edge]
            out["exclusive" + edge] = True
    options = out.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        rest = [option for option in options if option != {"type": "null"}]
        del out["anyOf"]
        out |= {"nullable": True, **(rest[0] if len(rest) == 1 and "$ref" not in rest[0] else {"anyOf": rest})}
    if "$ref" in out and len(out) > 1:
        out = {"allOf": [{"$ref": out.pop("$ref")}], **out}
    return out
