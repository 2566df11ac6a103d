"""Sentences of the notices on the ground, on drawing it and on edits: (English, Chinese)."""

from __future__ import annotations

PLANS: dict[str, tuple[str, str]] = {
    "atoms-above-band": (
        "{atoms} atoms hold more than {high} households each, up to {largest}; this data cannot divide them: {where}",
        "{atoms} 个基本单元各超过 {high} 户，最多 {largest} 户，现有数据无法再分：{where}",
    ),
    "atoms-fitted": (
        "{atoms} atoms were fitted to the boundary, {area_m2} m² changed: {where}",
        "{atoms} 个基本单元已按边界修整，变动 {area_m2} 平方米：{where}",
    ),
    "atoms-null": (
        "{atoms} atoms have no household count; drawn as 0: {where}",
        "{atoms} 个基本单元缺户数，按 0 户划分：{where}",
    ),
    "atoms-outside": (
        "{atoms} atoms lie outside the boundary and are left out: {where}",
        "{atoms} 个基本单元在边界外，已略去：{where}",
    ),
    "exclusive-snapped": (
        "Exclusive area {where} follows whole atoms: {drawn_m2} m² were drawn, {kept_m2} m² are kept ({lost_m2} m² lost, {gained_m2} m² gained)",
        "专属区 {where} 按整个基本单元取：原绘 {drawn_m2} 平方米，实取 {kept_m2} 平方米（少 {lost_m2}、多 {gained_m2} 平方米）",
    ),
    "borders-disagree": (
        "{atoms} of {of} atoms straddle a community line ({area_m2} m²; {halved} nearly halved); the largest overlap decides",
        "{of} 个基本单元中 {atoms} 个跨社区线（{area_m2} 平方米，{halved} 个近半），按最大重叠归属",
    ),
    "buildings-at-one-point": (
        "{buildings} buildings lie on {points} points and cannot be parted; {households} households: {where}",
        "{buildings} 栋楼重叠在 {points} 个点上，无法拆分，共 {households} 户：{where}",
    ),
    "buildings-null": (
        "{buildings} buildings have no count; drawn as 0: {where}",
        "{buildings} 栋楼缺户数，按 0 户划分：{where}",
    ),
    "buildings-outside": (
        "{buildings} buildings, {households} households, lie outside the boundary: {where}",
        "{buildings} 栋楼（{households} 户）在辖区外：{where}",
    ),
    "communities-overlap": (
        "Communities overlap by {area_m2} m²; the first keeps it",
        "社区重叠 {area_m2} 平方米，归先列者",
    ),
    "community-in-pieces": (
        "{name} ({where}, {households} households) lies in {pieces} pieces: an enclave",
        "{name}（{where}，{households} 户）分为 {pieces} 片，有飞地",
    ),
    "community-joined-arithmetic": (
        "{name} ({where}, {households} households) was joined with {partner} ({partner_households}): no number of grids fits its total",
        "{name}（{where}，{households} 户）与 {partner}（{partner_households} 户）合并：其总户数凑不成整数个网格",
    ),
    "community-joined-proof": (
        "{name} ({where}, {households} households) was joined with {partner} ({partner_households}): proven that no plan exists inside it",
        "{name}（{where}，{households} 户）与 {partner}（{partner_households} 户）合并：已证明内部没有合格方案",
    ),
    "community-joined-search": (
        "{name} ({where}, {households} households) was joined with {partner} ({partner_households}): no plan was found inside it",
        "{name}（{where}，{households} 户）与 {partner}（{partner_households} 户）合并：在内部未找到合格方案",
    ),
    "community-total-differs": (
        "{name} ({where}) counts {told} households itself; its atoms hold {households} (difference {more})",
        "{name}（{where}）自报 {told} 户，基本单元合计 {households} 户（相差 {more}）",
    ),
    "community-unfit": (
        "{name} ({where}): {households} households; no whole number of grids of {low} to {high} fits",
        "{name}（{where}）：{households} 户，分不成整数个 {low} 至 {high} 户的网格",
    ),
    "community-unknown": (
        "{codes} community codes are in no layer: {where}",
        "{codes} 个社区编码不存在：{where}",
    ),
    "component-unfit": (
        "Grid {where}: {households} households; no whole number of grids of {low} to {high} fits this connected piece",
        "网格 {where}：{households} 户；该连通片区分不成整数个 {low} 至 {high} 户的网格",
    ),
    "compound-opened": (
        "Compound {name} ({where}) holds {households} households, more than {most}: it was opened to its buildings",
        "小区 {name}（{where}）有 {households} 户，超过 {most} 户，已按楼栋拆分",
    ),
    "edit-compound-split": (
        "Compound {name} ({where}, {households} households) now lies in several grids: {grids}",
        "小区 {name}（{where}，{households} 户）现分属多个网格：{grids}",
    ),
    "edit-out-of-band": (
        "Grid {where}: {households} households after the edit ({before} before); the band is {low} to {high}",
        "网格 {where}：调整后 {households} 户（原 {before} 户），规模要求 {low} 至 {high} 户",
    ),
    "edit-two-communities": (
        "Grid {where} ({households} households) now lies in several communities: {communities}",
        "网格 {where}（{households} 户）现跨多个社区：{communities}",
    ),
    "empty-land-joined": (
        "{area_m2} m² without households of {where} go with {partner}",
        "{where} 有 {area_m2} 平方米无户土地划归 {partner}",
    ),
    "empty-land-needed": (
        "{area_ha} ha without households around {where} stay as they are: inhabited land hangs together by them",
        "{where} 一带 {area_ha} 公顷无户土地未划出：有户土地须经由其相连",
    ),
    "file-edited": (
        "{where} was changed since gridgeo wrote it; the territory was built anew.",
        "{where} 写出后被修改过，辖区已重新生成。",
    ),
    "grid-ended": (
        "Grid {where} has ended; its code is not given again",
        "网格 {where} 已撤销，编码不再使用",
    ),
    "grid-locked": (
        "Grid {where}: {households} households; locked, so it stays outside {low} to {high}",
        "网格 {where}：{households} 户；已锁定，保持在 {low} 至 {high} 户之外",
    ),
    "grid-not-planned": (
        "Grid {where} was not reached before the end",
        "网格 {where} 在结束前未能规划",
    ),
    "homes-on-water": (
        "{buildings} homes on water count for the nearest bank: {where}",
        "{buildings} 栋住宅落在水面，计入最近岸边：{where}",
    ),
    "land-cut-off": (
        "{households} households around {where} ({atoms} atoms) have no way to the rest",
        "{where} 一带 {households} 户（{atoms} 个基本单元）与其余部分无通路",
    ),
    "land-without-community": (
        "{atoms} atoms ({area_m2} m², {households} households) lie in no community; the nearest is taken",
        "{atoms} 个基本单元（{area_m2} 平方米、{households} 户）不在任何社区，归最近社区",
    ),
    "large-empty-land": (
        "Grid {where} ({households} households, {grid_ha} ha) holds {area_ha} ha without households in one piece; it could be exclusive land (draw --carve-empty)",
        "网格 {where}（{households} 户，{grid_ha} 公顷）内有连片无户土地 {area_ha} 公顷，可划为专属网格（draw --carve-empty）",
    ),
    "no-households": (
        "Grid {where}: there are no households in this territory: check where they are counted",
        "网格 {where}：本辖区没有任何户数，请检查户数字段和位置",
    ),
    "no-plan-found": (
        "Grid {where}: {households} households; no plan within {low} to {high} was found here",
        "网格 {where}：{households} 户；未找到符合 {low} 至 {high} 户的方案",
    ),
    "no-plan-proven": (
        "Grid {where}: {households} households; proven that no plan keeps {low} to {high} here",
        "网格 {where}：{households} 户；已证明此处没有符合 {low} 至 {high} 户的方案",
    ),
    "outlines-simplified": (
        "{rows} outlines of {where} cross themselves; their hulls were taken.",
        "{where} 有 {rows} 个自相交轮廓，已改用外包凸形。",
    ),
    "over-size-atom": (
        "Grid {where}: one atom alone holds {largest} households (limit {high}); it cannot be divided with this data; {beside} more go with it",
        "网格 {where}：单个基本单元有 {largest} 户，超过 {high} 户，现有数据无法再分；另附 {beside} 户",
    ),
    "plan-missing": (
        "Unit {where} has no plan.",
        "单元 {where} 没有预案。",
    ),
    "plan-rests-on-estimates": (
        "This plan rests on estimates: {households} households of {grids} grids; {in_band} of these are in the band by estimate, {sure} surely (a grid is off by ±{spread} households four times in five, more if homes here are larger or smaller than usual)",
        "本方案依据估算：{grids} 个网格的 {households} 户为估算，其中 {in_band} 个按估算在规模内，有把握的 {sure} 个（单个网格八成把握误差 ±{spread} 户；若本地户均面积异于常值，误差更大）",
    ),
    "pocket-joined": (
        "{households} households around {where} are shut in; a way over the {border} is assumed",
        "{where} 一带 {households} 户被隔断，假定可跨 {border} 通行",
    ),
    "pocket-shut": (
        "{households} households around {where} have no way to other land ({atoms} atoms)",
        "{where} 一带 {households} 户与其他陆地无通路（{atoms} 个单元）",
    ),
    "tens-stopped": (
        "{grids} grid(s) were not reached before the end; their households are in no group.",
        "结束前尚有 {grids} 个网格未处理，其住户未编入任何联户单元。",
    ),
    "tens-below-band": (
        "Grid {where}: {units} group(s), {households} households in all, have fewer than {fewest}.",
        "网格 {where} 有 {units} 个联户单元（共 {households} 户）不足 {fewest} 户。",
    ),
    "uncovered-land": (
        "{area_m2} m² no atom covered became {atoms} empty atoms",
        "{area_m2} 平方米未覆盖土地成为 {atoms} 个空单元",
    ),
    "zone-drawn": (
        "{where}: {grids} grids, at most {gap_percent}% from the best",
        "{where}：{grids} 个网格，距最优至多 {gap_percent}%",
    ),
    "zone-proven": ("{where}: {grids} grids, proven best", "{where}：{grids} 个网格，已证最优"),
}
