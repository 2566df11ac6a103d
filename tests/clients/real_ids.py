"""Hooks of schemathesis: valid requests name things that are there, with the ETag they have, so that they land.

The coverage phase stays as it is, with names of nothing; what is meant to be refused is never touched.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import schemathesis
from schemathesis import Case, GenerationMode, HookContext

TOUCHED = ("examples", "fuzzing", "stateful")


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Let a valid request name real things."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    phase = case.meta.phase.name.value
    if phase not in TOUCHED:
        return
    address = str(case.operation.base_url).rstrip("/")
    if phase != "stateful":  # there the links say what is meant
        case.path_parameters.update(_named(address, case.operation.path))
    _fill(address, case)
    if "execution" in case.operation.path:
        case.headers["Prefer"] = "respond-async"
    elif case.method != "GET" and case.path_parameters and (phase != "stateful" or "If-Match" not in case.headers):
        tag = _get(address, _read_at(case))[1]
        if tag:
            case.headers["If-Match"] = tag


def _named(address: str, path: str) -> dict[str, str]:
    """Variable parts of a path, as they may really be."""
    if "{job}" in path:
        jobs = _get(address, "/jobs?limit=1")[0]["jobs"]
        return {"job": jobs[0]["jobID"]} if jobs else {}
    if path == "/collections/places/items/{code}":
        return {"code": _new_place(address)}
    if "{code}" in path:
        items = path.partition("/{code}")[0].replace("/responders", "/collections/responders/items")
        found = _get(address, items + "?limit=1")[0]["features"]
        return {"code": str(found[0]["id"])} if found else {}
    named = {"plan": "main", "process": "draw"}
    return {name: value for name, value in named.items() if "{" + name + "}" in path}


def _fill(address: str, case: Case) -> None:
    """Parts of a body that no description of shapes can say."""
    body, path = case.body, case.operation.path
    if not isinstance(body, dict):
        return
    if path.startswith("/collections/places"):
        _feature(address, case, body)
    elif path.endswith("/edits"):
        body["edits"] = _rename(address, _read_at(case), f"Name {len(str(body))}")
    elif path.endswith("/undo"):
        tag = _get(address, _read_at(case))[1]
        _send(address, f"{_read_at(case)}/edits", {"edits": _rename(address, _read_at(case), "Undone")}, tag)
    elif path.endswith("/merge"):
        body |= {"theirs": "main", "base": "main@1"}
    elif path.endswith(("/publish", "/restore")):
        body["version"] = 1
    elif path == "/plans":
        body |= {"id": f"draft-{len(_get(address, '/plans')[0]['plans'])}", "from": "main"}


def _feature(address: str, case: Case, body: dict[str, Any]) -> None:
    code = case.path_parameters.get("code")
    if case.method != "PATCH" or "geometry" in body:
        ring = _grid(address)["geometry"]["coordinates"][0]
        body["geometry"] = {"type": "Point", "coordinates": ring[0]}
    properties = body.get("properties")
    if case.method == "PATCH":
        body["properties"] = {"name": "School"}
    elif code is not None:
        body |= {"id": code, "properties": {**(properties or {}), "code": code}}
    else:
        count = _get(address, "/collections/places/items?limit=1")[0]["numberMatched"]
        body |= {"id": None, "properties": {**(properties or {}), "code": f"place-{count}-{len(str(body))}"}}


def _rename(address: str, plan: str, name: str) -> list[dict[str, Any]]:
    grids = _get(address, f"{plan}/collections/grids/items?limit=1")[0].get("features") or [{"id": "g0"}]
    return [{"op": "rename", "grid": grids[0]["id"], "name": name}]


def _new_place(address: str) -> str:
    count = _get(address, "/collections/places/items?limit=1")[0]["numberMatched"]
    spot = {"type": "Point", "coordinates": _grid(address)["geometry"]["coordinates"][0][0]}
    code = f"new-{count}"
    _send(address, "/collections/places/items", {"type": "Feature", "geometry": spot, "properties": {"code": code}})
    return code


def _send(address: str, path: str, body: dict[str, Any], tag: str = "") -> None:
    headers = {"Content-Type": "application/json"} | ({"If-Match": tag} if tag else {})
    with suppress(HTTPError), urlopen(Request(address + path, json.dumps(body).encode(), headers), timeout=20):
        pass


def _grid(address: str) -> dict[str, Any]:
    """A grid of the published plan."""
    grid: dict[str, Any] = _get(address, "/collections/grids/items?limit=1")[0]["features"][0]
    return grid


def _read_at(case: Case) -> str:
    """Where the state is read that a change begins with."""
    path = case.operation.path
    if path.startswith("/plans/{plan}"):
        return f"/plans/{quote(str(case.path_parameters.get('plan', '')), safe='')}"
    return case.formatted_path


def _get(address: str, path: str) -> tuple[Any, str]:
    """A document and its ETag; nothing where there is nothing."""
    try:
        with urlopen(address + path, timeout=20) as reply:
            return json.load(reply), reply.headers.get("ETag", "")
    except HTTPError:
        return {}, ""
