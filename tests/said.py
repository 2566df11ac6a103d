"""Every English sentence that errors and faults of the source are raised with, read from the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

MESSAGE_AT = {"Fault": (3, 4), "add": (2, 3), "_fault": (2, 3), "rows": (3, 4)}
"""Where calls that note a fault take its message and its hint; errors take the message first."""
FOR_PROGRAMMERS = {"AttributeError", "ArithmeticError", "RuntimeError"}


def sentences(trees: Iterable[tuple[Path, ast.Module]]) -> dict[str, str]:
    """Each message and hint of parsed modules, its facts as {}, with a place it is said at."""
    found: dict[str, str] = {}
    for path, tree in trees:
        names = _assigned(tree)
        scopes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for scope in [tree, *scopes]:
            known = names if scope is tree else names | _assigned(scope)
            for call in ast.walk(scope):
                if isinstance(call, ast.Call):
                    for said in _said(call):
                        for text in _texts(said, known):
                            if any(letter.isalpha() for letter in text.replace("{}", "")):
                                found.setdefault(text, f"{path.name}:{call.lineno}")
    return found


def _said(call: ast.Call) -> Iterator[ast.expr]:
    """The expressions of a call that are read by people, where it makes an error or notes a fault."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name in FOR_PROGRAMMERS or not (
        name.endswith(("Error", "Lost")) or name in {*MESSAGE_AT, "RequestFault", "fault"}
    ):
        return
    if name in MESSAGE_AT:
        if name != "Fault" and not (call.args and isinstance(call.args[0], ast.Constant)) and name != "rows":
            return
        yield from call.args[slice(*(MESSAGE_AT[name][0], MESSAGE_AT[name][1] + 1))]
    else:
        yield from call.args[:1]
    yield from (keyword.value for keyword in call.keywords if keyword.arg in ("hint", "message"))


def _assigned(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """What each plain name of a module or function is set to."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def _texts(node: ast.expr, known: dict[str, list[ast.expr]], depth: int = 0) -> list[str]:
    """The templates an expression may be, as far as the source shows it; else one fact."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [a + b for a, b in product(_texts(node.left, known, depth), _texts(node.right, known, depth))]
    if isinstance(node, ast.IfExp):
        return _texts(node.body, known, depth) + _texts(node.orelse, known, depth)
    if isinstance(node, ast.Lambda):
        return _texts(node.body, known, depth)
    if isinstance(node, ast.Name) and depth < 2:
        return [text for value in known.get(node.id, []) for text in _texts(value, known, depth + 1)] or ["{}"]
    return ["{}"]
