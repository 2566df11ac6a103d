"""Where an answer leads: OpenAPI links from what was made or read to what can be done with it next.

A program that follows them comes from a draft to its edits, from a job to its answer and its end, and from a feature
with its ETag to its change, without being told a single id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

_TAG = {"header.If-Match": "$response.header.ETag"}
_MAKING_VERSIONS = ("post_begin", "post_edit", "post_undo", "post_restore", "post_merge")
_CHANGES = ("put_replace_", "patch_update_", "delete_delete_")


def leads(ids: Iterable[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """Links by operation and status, each by name, among operations of these ids only.

    >>> made = leads(["post_begin", "get_plan"])
    >>> made["post_begin"]["201"]["get_plan"]
    {'operationId': 'get_plan', 'parameters': {'path.plan': '$response.body#/id'}}
    """
    known, out = list(dict.fromkeys(ids)), dict[str, dict[str, dict[str, Any]]]()
    for source, status, target, link in _all(known):
        if source in known and target in known:
            out.setdefault(source, {}).setdefault(status, {})[target] = {"operationId": target, **link}
    return out


Lead = tuple[str, str, str, dict[str, Any]]
"""An operation and its status, the operation that may follow, and what it is given."""


def _all(ids: list[str]) -> Iterator[Lead]:
    yield from _plans()
    yield from _jobs(ids)
    for id in ids:
        if id.startswith("get_items_"):
            yield from _features(id.removeprefix("get_items_"))


def _plans() -> Iterator[Lead]:
    for source in _MAKING_VERSIONS:
        yield from _versions(source, "201")
    yield from _versions("get_plan", "200")
    yield "get_plans", "200", "get_plan", {"parameters": {"path.plan": "$response.body#/plans/0/id"}}
    yield "post_execute_draw", "200", "get_plan", {"parameters": {"path.plan": "$response.body#/plan"}}


def _versions(source: str, status: str) -> Iterator[Lead]:
    plan = {"path.plan": "$response.body#/id"}
    if source != "get_plan":
        yield source, status, "get_plan", {"parameters": plan}
    for reading in ("get_labels", "get_diff"):
        yield source, status, reading, {"parameters": plan}
    for writing in ("post_edit", "post_undo", "post_merge"):
        yield source, status, writing, {"parameters": plan | _TAG}
    version = {"requestBody": {"version": "$response.body#/version"}}
    yield source, status, "post_publish", {"parameters": plan} | version
    yield source, status, "post_restore", {"parameters": plan | _TAG} | version


def _jobs(ids: list[str]) -> Iterator[Lead]:
    sources = [(id, "201", "$response.body#/jobID") for id in ids if id.startswith("post_execute_")]
    sources += [("get_jobs", "200", "$response.body#/jobs/0/jobID"), ("get_job", "200", "$response.body#/jobID")]
    for source, status, job in sources:
        for target in ("get_job", "get_results", "delete_dismiss"):
            if target != source:
                yield source, status, target, {"parameters": {"path.job": job}}


def _features(name: str) -> Iterator[Lead]:
    one, code = f"get_item_{name}", {"path.code": "$response.body#/id"}
    yield f"get_items_{name}", "200", one, {"parameters": {"path.code": "$response.body#/features/0/id"}}
    yield f"post_create_{name}", "201", one, {"parameters": code}
    for change in _CHANGES:
        for source, status in ((one, "200"), (f"post_create_{name}", "201"), (f"patch_update_{name}", "200")):
            if source != change + name:
                yield source, status, change + name, {"parameters": code | _TAG}
