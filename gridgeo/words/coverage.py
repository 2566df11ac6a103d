"""Sentences of proofs, repairs and comparisons: (English, Chinese)."""

from __future__ import annotations

COVERAGE: dict[str, tuple[str, str]] = {
    "left": ("why it is left", "留待原因"),
    "point": ("longitude, latitude", "经纬度"),
    "parent": ("parent", "上级"),
    "table-left": ("Left to you", "留待人工处理"),
    "table-nesting": ("Nesting", "逐级嵌套"),
    "table-unnested": ("Parents not tiled exactly", "未被逐点铺满的上级"),
    "nesting-exact": ("{level}: tiled exactly", "{level}：逐点铺满"),
    "nesting-count": ("{exact} of {parents}", "{exact} / {parents}"),
    "nesting-orphans": ("{count} polygon(s) belong to no {level}: {codes}", "{count} 个图形不属于任何{level}：{codes}"),
    "allowed-findings": ("{count} finding(s) are allowed and set aside.", "{count} 个问题已列为允许，未计入。"),
    "recheck-same": ("The certificate holds for this file.", "证书与本文件一致。"),
    "recheck-differs": ("The certificate does not hold: {differs}.", "证书与本文件不符：{differs}。"),
    "recheck-grids": ("Grids that differ: {codes}", "不符的网格：{codes}"),
    "more-proposals": (
        "… and {count} more proposals, in the file and in --json.",
        "……另有 {count} 条建议，见输出文件与 --json。",
    ),
    "edges-aligned": ("{count} edge(s) given the same vertices on both sides.", "已使 {count} 处边界两侧顶点一致。"),
    # why a finding is left
    "left-needs-drop-duplicates": (
        "same ground twice: drop the later with --drop-duplicates",
        "同一地块重复：用 --drop-duplicates 删除后者",
    ),
    "left-needs-fill-missing": (
        "as large as a grid: give it away with --fill-missing, or draw a grid",
        "面积相当于一个网格：用 --fill-missing 并入邻格，或另划网格",
    ),
    "left-needs-move-parts": ("give the part to the neighbor with --move-parts", "用 --move-parts 将飞地划给邻格"),
    "left-needs-align": (
        "the cover is complete; --align makes the vertices match",
        "覆盖已完整；用 --align 使顶点一致",
    ),
    "left-locked": ("the grids that would change are locked", "需调整的网格已锁定"),
    "left-no-neighbor": ("no grid shares a border with it", "没有网格与其相邻"),
    "left-would-empty": ("an edit would take most of a grid", "修改会取走网格的大部分"),
    "left-would-spoil": ("an edit would leave a broken outline", "修改会使图形无效"),
    "left-would-tear": ("an edit would tear a grid apart", "修改会使网格断开"),
    "left-out-of-band": ("no neighbor can take the households", "邻格都容不下这些户数"),
    "left-beside-duplicate": ("beside a duplicate: settle that first", "与重复网格相邻：先处理重复网格"),
    "left-invalid-ring": ("draw the ring again: nothing is made valid here", "请重绘该图形：本工具不擅自改图"),
    "left-rule-of-grids": (
        "a matter of drawing, not of repair: redraw or move atoms",
        "属划分问题而非修复：请重划或调整单元",
    ),
    "left-cannot-align": ("the vertices cannot be made to match", "顶点无法对齐"),
    "left-not-reached": ("the time limit came first", "已到时限，未处理"),
}
