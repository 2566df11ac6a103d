"""Sentences of what a check of a store finds, and of keys and copies: (English, Chinese)."""

from __future__ import annotations

STORE: dict[str, tuple[str, str]] = {
    "audit-edited": ("Entry {entry} of the audit log was edited", "审计日志第 {entry} 条被改动"),
    "audit-missing": (
        "{missing} entries of the audit log are missing before entry {entry}",
        "审计日志第 {entry} 条之前缺 {missing} 条",
    ),
    "audit-order": (
        "Entry {entry} of the audit log stands in the wrong place: it is number {position}",
        "审计日志第 {entry} 条位置不对：应为第 {position} 条",
    ),
    "audit-cut": (
        "None of the {entries} entries of the audit log has the noted hash {head}: the end was cut off or written anew",
        "审计日志的 {entries} 条中没有所记的摘要 {head}：末尾被截或整本被重写",
    ),
}
