"""Sentences of what a drawing cannot do, why, and the ways out: (English, Chinese)."""

from __future__ import annotations

WAYS: dict[str, tuple[str, str]] = {
    "area-fits-nowhere": (
        "Area {where} ({households} households) fits into no grid of {low} to {high}: alone too few, with the smallest neighbor inside ({beside}) too many",
        "基本单元 {where}（{households} 户）无法并入 {low} 至 {high} 户的网格：单独过小，与内部最小邻居（{beside} 户）合并又超限",
    ),
    "pocket-behind-area": (
        "Area {where} ({households} households) shuts off {beside} households: alone too few for a grid of {low} to {high}, together too many",
        "基本单元 {where}（{households} 户）隔断了其后的 {beside} 户：单独不足 {low} 户，合并又超过 {high} 户",
    ),
    "lock-kept": (
        "Grid {where} ({households} households) is locked in the plan in force: it stays as it is",
        "网格 {where}（{households} 户）在现行方案中已锁定，保持不变",
    ),
    "way-out-certain": ("known to do", "已核实"),
    "way-out-arithmetic": ("by arithmetic", "按算术可行"),
    "way-out-join": (
        "  {case}: join community {where} (shared border {border_m} m, {households} households drawn anew) ({sure})",
        "  {case}：与社区 {where} 合并（共同边界 {border_m} 米，重划 {households} 户）（{sure}）",
    ),
    "way-out-open": (
        "  {case}: let compound {where} ({households} households) be divided ({sure})",
        "  {case}：允许拆分小区 {where}（{households} 户）（{sure}）",
    ),
    "way-out-divide": (
        "  {case}: give the parts of {where}, {households} households in one piece ({sure})",
        "  {case}：补充 {where} 的细分数据，其 {households} 户为一整块（{sure}）",
    ),
    "way-out-count": (
        "  ask for {low} to {high} grids ({sure})",
        "  网格数改为 {low} 至 {high} 个（{sure}）",
    ),
    "way-out-count-band": (
        "  for {count} grids a size band of {low} to {high} would do ({sure})",
        "  若要 {count} 个网格，规模改为 {low} 至 {high} 户即可（{sure}）",
    ),
    "way-out-band": (
        "  {case}: a size band of {low} to {high} would do ({sure})",
        "  {case}：规模改为 {low} 至 {high} 户即可（{sure}）",
    ),
    "way-out-lock": (
        "  {case}: unlock grid {where}, {households} households ({sure})",
        "  {case}：解锁网格 {where}，{households} 户（{sure}）",
    ),
    "way-out-bridge": (
        "  {case}: let grids reach over the bridge to {where}, {households} households ({sure})",
        "  {case}：允许网格跨桥至 {where}，{households} 户（{sure}）",
    ),
}
