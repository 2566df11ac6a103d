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
    "store-damaged": ("The file is damaged: {message}", "文件已损坏：{message}"),
    "store-format": (
        "The store has format {format}; the next time it is opened for writing it becomes {now}",
        "存储格式为 {format}，下次以写入方式打开时升级为 {now}",
    ),
    "store-atoms": (
        "The atoms do not cover the boundary exactly once: see gridgeo check --layer atoms",
        "基本单元未恰好覆盖边界一次：请用 gridgeo check --layer atoms 查看",
    ),
    "store-other-atoms": (
        "The atoms are not those the kept plans divide: another program changed them",
        "基本单元与所存方案不一致：被其他程序改动",
    ),
    "store-cover": (
        "The polygons of the layer {where} have {findings} faults of coverage: see gridgeo check",
        "图层 {where} 的图形有 {findings} 处覆盖问题：请用 gridgeo check 查看",
    ),
    "store-version": ("Version {where} cannot be read: {message}", "版本 {where} 无法读出：{message}"),
    "store-digest": (
        "Version {where} is not what it was kept as: its hash differs",
        "版本 {where} 与保存时不同：摘要不符",
    ),
    "store-gap": (
        "Version {where} follows version {before}: versions between are missing",
        "版本 {where} 之前是第 {before} 版，中间有缺",
    ),
    "store-mirror": (
        "{atoms} atoms carry another grid than in the published plan",
        "{atoms} 个基本单元所标网格与已发布方案不同",
    ),
    "store-grids": (
        "The layer grids is not that of the published plan",
        "图层 grids 与已发布方案不同",
    ),
    "store-journal": (
        "Journal {where} has holes: {entries} entries, the last is number {last}",
        "日志 {where} 有缺：共 {entries} 条，末条编号 {last}",
    ),
    "fsck-sound": (
        "Sound: {versions} versions of plans and {entries} journal entries read again, the cover proved.",
        "完好：已重读 {versions} 个方案版本、{entries} 条日志，并证明全覆盖。",
    ),
    "fsck-findings": ("{count} findings in {path}", "{path} 有 {count} 处问题"),
    "fsck-head": (
        "Audit log ends with {head}: noted elsewhere, it proves later that nothing was cut off (--head).",
        "审计日志末条摘要为 {head}：另处记下，日后可用 --head 证明未被截断。",
    ),
    "backup-done": (
        "Backed up to {path}: {versions} versions, {entries} journal entries, content {digest}",
        "已备份到 {path}：{versions} 个版本，{entries} 条日志，内容摘要 {digest}",
    ),
    "copy-done": (
        "Copied to {path}: {versions} versions, content {digest}, equal on both sides",
        "已复制到 {path}：{versions} 个版本，内容摘要 {digest}，两边相同",
    ),
    "key-none": ("There is no key: only this machine may serve the project", "没有密钥：只能在本机提供服务"),
    "key-made": (
        "Key {id} ({role}) for {path}. It is shown this once; give it to whoever needs it:",
        "{path} 的密钥 {id}（{role}）。仅显示这一次，请交给使用者：",
    ),
    "key-revoked": ("Key {id} opens nothing from now on", "密钥 {id} 即刻失效"),
    "table-keys": ("Keys", "密钥"),
    "key-id": ("id", "编号"),
    "key-role": ("role", "角色"),
    "key-label": ("for", "用途"),
    "key-created": ("made", "创建"),
    "key-expires": ("expires", "到期"),
    "key-state": ("state", "状态"),
    "key-last-used": ("last used", "最近使用"),
    "key-is-valid": ("valid", "有效"),
    "key-is-expired": ("expired", "已过期"),
    "key-is-revoked": ("revoked", "已吊销"),
}
