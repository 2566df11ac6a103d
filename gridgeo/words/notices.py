"""Sentences of the notices the core and the readers report: (English, Chinese)."""

from __future__ import annotations

NOTICES: dict[str, tuple[str, str]] = {
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
    "borders-disagree": (
        "{atoms} of {of} atoms straddle a community line ({area_m2} m²; {halved} nearly halved); the largest overlap decides",
        "{of} 个基本单元中 {atoms} 个跨社区线（{area_m2} 平方米，{halved} 个近半），按最大重叠归属",
    ),
    "boundary-areas": (
        "The extract holds these administrative areas; --area NAME takes one of them as the boundary: {areas}",
        "数据中有以下行政区，可用 --area 名称 选一个作边界：{areas}",
    ),
    "boundary-derived": (
        "No boundary was given: the hull of streets and buildings is taken ({area_m2} m²)",
        "未给边界，取道路与建筑外包（{area_m2} 平方米）",
    ),
    "boundary-drawn": (
        "Grid {where} has no street nearby; its walk is drawn along its boundary",
        "网格 {where} 附近没有道路，沿边界绘制巡查路线",
    ),
    "boundary-from-layers": (
        "No boundary was given; it was taken from {source}.",
        "未给出辖区边界，已由 {source} 得出。",
    ),
    "boundary-from-osm": (
        "The boundary is {where} (administrative level {level})",
        "边界取 {where}（行政级别 {level}）",
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
    "codes-made": (
        "Codes were made for {rows} rows of {where}.",
        "{where} 有 {rows} 行没有编码，已自动编码。",
    ),
    "columns-left-out": (
        "Columns of {where} do not fit their role and were left out: {columns}.",
        "{where} 的字段不合要求，未采用：{columns}。",
    ),
    "communities-overlap": (
        "Communities overlap by {area_m2} m²; the first keeps it",
        "社区重叠 {area_m2} 平方米，归先列者",
    ),
    "counts-homeless": (
        "{areas} of {where} count {households} households, but no building to put them in stands there",
        "{where} 中有 {areas} 个区域共 {households} 户，但区内没有楼栋可分摊",
    ),
    "counts-shared": (
        "The counts of {areas} {where}, {households} households, were shared among their buildings by floor area; each share is an estimate",
        "{where} 中 {areas} 个区域的 {households} 户已按建筑面积分摊到楼栋，每栋为估算",
    ),
    "communities-from-osm": (
        "The communities are the {areas} administrative areas of level {level}",
        "社区取 {level} 级行政区，共 {areas} 个",
    ),
    "community-in-pieces": (
        "{name} ({where}, {households} households) lies in {pieces} pieces: an enclave",
        "{name}（{where}，{households} 户）分为 {pieces} 片，有飞地",
    ),
    "community-total-differs": (
        "{name} ({where}) counts {told} households itself; its atoms hold {households} (difference {more})",
        "{name}（{where}）自报 {told} 户，基本单元合计 {households} 户（相差 {more}）",
    ),
    "community-unfit": (
        "{name} ({where}): {households} households; no whole number of grids of {low} to {high} fits",
        "{name}（{where}）：{households} 户，分不成整数个 {low} 至 {high} 户的网格",
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
    "count-missed": (
        "{asked} grids were asked for; {grids} were drawn",
        "要求 {asked} 个网格，实际划分 {grids} 个",
    ),
    "cut-off": (
        "Grid {where}: {households} households, cut off from the others",
        "网格 {where}：{households} 户，与周边隔断",
    ),
    "datum-shifted": (
        "Coordinates were brought from {datum} to WGS 84.",
        "坐标已由 {datum} 改正到 WGS 84。",
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
    "drill-overdue": (
        "Unit {where}: drill overdue by {days} days (last {last}).",
        "单元 {where} 演练逾期 {days} 天（上次 {last}）。",
    ),
    "duplicate-code": (
        "{layer}: code {where} occurs {times} times.",
        "{layer} 中编码 {where} 出现 {times} 次。",
    ),
    "empty-land-joined": (
        "{area_m2} m² without households of {where} go with {partner}",
        "{where} 有 {area_m2} 平方米无户土地划归 {partner}",
    ),
    "large-empty-land": (
        "Grid {where} ({households} households, {grid_ha} ha) holds {area_ha} ha without households in one piece; it could be exclusive land (draw --carve-empty)",
        "网格 {where}（{households} 户，{grid_ha} 公顷）内有连片无户土地 {area_ha} 公顷，可划为专属网格（draw --carve-empty）",
    ),
    "empty-land-needed": (
        "{area_ha} ha without households around {where} stay as they are: inhabited land hangs together by them",
        "{where} 一带 {area_ha} 公顷无户土地未划出：有户土地须经由其相连",
    ),
    "equipment-missing": (
        "Unit {where} lacks {missing} × {item}.",
        "单元 {where} 缺 {item} {missing} 件。",
    ),
    "fields-guessed": (
        "Fields of {where} were matched by name: {fields}.",
        "{where} 的字段按名称自动对应：{fields}。",
    ),
    "file-edited": (
        "{where} was changed since gridgeo wrote it; the territory was built anew.",
        "{where} 写出后被修改过，辖区已重新生成。",
    ),
    "floors-assumed": (
        "{buildings} buildings do not tell their floors; {floors} assumed, {households} households",
        "{buildings} 栋楼无层数，按 {floors} 层估算，共 {households} 户",
    ),
    "gates-shut": (
        "{gates} gates are closed to the public: streets end there",
        "{gates} 个大门不对公众开放，道路在此断开",
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
    "grid-walked-from-nearby": (
        "Grid {where} has no street of its own; it is walked on {streets} street(s) {distance_m} m away",
        "网格 {where} 内没有道路，改走相距 {distance_m} 米的 {streets} 段道路",
    ),
    "grid-without-streets": (
        "Grid {where} has no walkable street",
        "网格 {where} 没有可步行道路",
    ),
    "grids-without-station": (
        "{grids} grids have no station; each of their walks starts at another place on it: {codes}",
        "{grids} 个网格没有网格站，每次从路线上不同位置出发：{codes}",
    ),
    "homes-off-network": (
        "{number} homes ({households} households) are over {limit_m} m from any street.",
        "{number} 处住宅（{households} 户）距道路超过 {limit_m} 米。",
    ),
    "homes-on-water": (
        "{buildings} homes on water count for the nearest bank: {where}",
        "{buildings} 栋住宅落在水面，计入最近岸边：{where}",
    ),
    "households-from-population": (
        "{where}: {persons} persons were taken as {households} households of {each} persons; these are estimates",
        "{where}：{persons} 人按每户 {each} 人折算为 {households} 户，为估算",
    ),
    "households-estimated": (
        "{households} households in {atoms} atoms are estimates; columns low and high of each atom say how far they may be off",
        "{atoms} 个基本单元的 {households} 户为估算，各单元的 low、high 两列为可能范围",
    ),
    "land-cut-off": (
        "{households} households around {where} ({atoms} atoms) have no way to the rest",
        "{where} 一带 {households} 户（{atoms} 个基本单元）与其余部分无通路",
    ),
    "land-without-community": (
        "{atoms} atoms ({area_m2} m², {households} households) lie in no community; the nearest is taken",
        "{atoms} 个基本单元（{area_m2} 平方米、{households} 户）不在任何社区，归最近社区",
    ),
    "never-drilled": (
        "Unit {where} has never drilled.",
        "单元 {where} 从未演练。",
    ),
    "no-emergency-units": (
        "There are no emergency units.",
        "没有最小应急单元。",
    ),
    "no-lead": (
        "None of the {responders} responders on duty may lead.",
        "在岗的 {responders} 名应急力量中无人可任点长。",
    ),
    "no-plan-found": (
        "Grid {where}: {households} households; no plan within {low} to {high} was found here",
        "网格 {where}：{households} 户；未找到符合 {low} 至 {high} 户的方案",
    ),
    "no-plan-proven": (
        "Grid {where}: {households} households; proven that no plan keeps {low} to {high} here",
        "网格 {where}：{households} 户；已证明此处没有符合 {low} 至 {high} 户的方案",
    ),
    "no-responders": (
        "No responder is on duty.",
        "没有在岗应急力量。",
    ),
    "no-service": (
        "There is no service point to walk from.",
        "没有可出发的服务点。",
    ),
    "no-streets": (
        "There are no streets: walks are straight lines times {detour}.",
        "没有道路数据，步行距离按直线乘以 {detour} 估算。",
    ),
    "no-walkable-streets": (
        "No street is open to walkers",
        "没有可步行道路",
    ),
    "osm-broken-objects": (
        "{objects} objects of {where} could not be built",
        "{where} 有 {objects} 个对象无法构建",
    ),
    "outlines-simplified": (
        "{rows} outlines of {where} cross themselves; their hulls were taken.",
        "{where} 有 {rows} 个自相交轮廓，已改用外包凸形。",
    ),
    "over-size-atom": (
        "Grid {where}: one atom alone holds {largest} households (limit {high}); it cannot be divided with this data; {beside} more go with it",
        "网格 {where}：单个基本单元有 {largest} 户，超过 {high} 户，现有数据无法再分；另附 {beside} 户",
    ),
    "patrol-failed": (
        "No walk for grid {where}: {error}",
        "网格 {where} 未能规划路线：{error}",
    ),
    "personal-data-dropped": (
        "Columns of {where} that hold personal data were not read: {columns}.",
        "{where} 中含个人信息的字段未读入：{columns}。",
    ),
    "places-off-network": (
        "{number} places are over {limit_m} m from any street.",
        "{number} 个场所距道路超过 {limit_m} 米。",
    ),
    "places-without-visits": (
        "{places} places want no visits and are left out",
        "{places} 个场所无需走访，未列入",
    ),
    "plan-rests-on-estimates": (
        "This plan rests on estimates: {households} households of {grids} grids; {in_band} of these are in the band by estimate, {sure} surely (a grid is off by ±{spread} households four times in five, more if homes here are larger or smaller than usual)",
        "本方案依据估算：{grids} 个网格的 {households} 户为估算，其中 {in_band} 个按估算在规模内，有把握的 {sure} 个（单个网格八成把握误差 ±{spread} 户；若本地户均面积异于常值，误差更大）",
    ),
    "plan-missing": (
        "Unit {where} has no plan.",
        "单元 {where} 没有预案。",
    ),
    "no-window-solver": (
        "Opening hours were kept by simple insertion; install gridgeo[windows] (PyVRP) for shorter walks",
        "开放时间仅用简单插入法满足；安装 gridgeo[windows]（PyVRP）可得更短路线",
    ),
    "pocket-joined": (
        "{households} households around {where} are shut in; a way over the {border} is assumed",
        "{where} 一带 {households} 户被隔断，假定可跨 {border} 通行",
    ),
    "pocket-shut": (
        "{households} households around {where} have no way to other land ({atoms} atoms)",
        "{where} 一带 {households} 户与其他陆地无通路（{atoms} 个单元）",
    ),
    "projected": (
        "{source} was projected to {target}.",
        "坐标已由 {source} 投影到 {target}。",
    ),
    "responder-cut-off": (
        "Responder {where} stands on {streets} street(s) not joined to the main network.",
        "应急力量 {where} 所在的 {streets} 段道路与主路网不连通。",
    ),
    "responder-off-network": (
        "Responder {where} is {distance_m} m from any street (limit {limit_m} m).",
        "应急力量 {where} 距最近道路 {distance_m} 米（上限 {limit_m} 米）。",
    ),
    "rows-dropped": (
        "{rows} rows of {where} without usable geometry were left out.",
        "{where} 有 {rows} 行没有可用图形，未采用。",
    ),
    "station-far-from-streets": (
        "Station {station} of grid {where} is {distance_m} m from the nearest street",
        "网格 {where} 的网格站 {station} 距最近道路 {distance_m} 米",
    ),
    "streets-disconnected": (
        "The streets fall into {components} pieces; {length_m} m are cut off from the main one",
        "道路分为 {components} 片，{length_m} 米与主路网不连通",
    ),
    "tens-below-band": (
        "Grid {where}: {units} group(s), {households} households in all, have fewer than {fewest}.",
        "网格 {where} 有 {units} 个联户单元（共 {households} 户）不足 {fewest} 户。",
    ),
    "too-few-walks": (
        "Grid {where} would need {wanted} walks; {walks} are planned",
        "网格 {where} 需要 {wanted} 次步行，只安排了 {walks} 次",
    ),
    "uncovered-land": (
        "{area_m2} m² no atom covered became {atoms} empty atoms",
        "{area_m2} 平方米未覆盖土地成为 {atoms} 个空单元",
    ),
    "unit-cut-off": (
        "Unit {where} stands on {streets} street(s) not joined to the main network.",
        "单元 {where} 所在的 {streets} 段道路与主路网不连通。",
    ),
    "unit-off-network": (
        "Unit {where} is {distance_m} m from any street (limit {limit_m} m).",
        "单元 {where} 距最近道路 {distance_m} 米（上限 {limit_m} 米）。",
    ),
    "walk-too-long": (
        "Grid {where}: the longest walk takes {longest_minutes} minutes, more than {minutes}",
        "网格 {where} 最长一次步行需 {longest_minutes} 分钟，超过 {minutes} 分钟",
    ),
    "crs-missing": (
        "{where} names no coordinate system: say which with --crs EPSG:n.",
        "{where} 没有坐标系：请用 --crs EPSG:n 指定。",
    ),
    "role-guessed": (
        "{where} is taken as {role}, by its name.",
        "按名称将 {where} 作为 {role}。",
    ),
    "role-taken": (
        "{where} looks like {role}, but an earlier layer has that role.",
        "{where} 似为 {role}，但已有其他图层承担该角色。",
    ),
    "role-unknown": (
        "What {where} is cannot be told from its name; it may be {roles}: say so with --role.",
        "无法从名称判断 {where} 是什么，可作为 {roles}：请用 --role 指定。",
    ),
    "cells-in-error": (
        "{where}: {cells} cells hold an error of a formula and were taken as blank.",
        "{where}：{cells} 个单元格为公式错误，按空白处理。",
    ),
    "formulas-unsaved": (
        "{where}: {cells} formulas have no saved value and were taken as blank; open and save the file in Excel.",
        "{where}：{cells} 个公式没有保存结果，按空白处理；请用 Excel 打开并保存。",
    ),
    "header-merged": (
        "{where}: the header has {rows} rows; the lowest names were taken.",
        "{where}：表头有 {rows} 行，取最下一级名称。",
    ),
    "links-not-followed": (
        "{where}: {links} links to other files were not followed.",
        "{where}：{links} 个指向其他文件的链接未读取。",
    ),
    "merged-filled": (
        "{where}: {ranges} merged ranges were filled with their text.",
        "{where}：{ranges} 处合并单元格已按其内容填充。",
    ),
    "personal-cells-emptied": (
        "{where}: {cells} cells of {columns} that hold personal data were emptied.",
        "{where}：{columns} 中有 {cells} 个单元格含个人信息，已清空。",
    ),
    "text-decoded": (
        "{where} is not UTF-8 and was read as {encoding}, e.g. “{sample}”; if that is wrong, give --encoding.",
        "{where} 不是 UTF-8，已按 {encoding} 读取，例如“{sample}”；如有误请用 --encoding 指定。",
    ),
    "texts-cleaned": (
        "{where}: {texts} texts held hidden, control or direction characters, or odd spaces; these were taken out.",
        "{where}：{texts} 处文字含不可见字符、控制字符、方向字符或异常空格，已去除。",
    ),
    "titles-left-out": (
        "{where}: {rows} title rows above the header were left out.",
        "{where}：表头上方 {rows} 行标题未读入。",
    ),
    "layer-row-doubled": (
        "{where}, row {row}: “{key}” occurs several times; its row of the roster was not joined.",
        "{where} 第 {row} 行：“{key}” 重复，花名册对应行未关联。",
    ),
    "layer-row-unmatched": (
        "{where}, row {row}: the roster has no “{key}”.",
        "{where} 第 {row} 行：花名册中没有“{key}”。",
    ),
    "more-rows": (
        "{where}: and {rows} more rows ({kind}).",
        "{where}：另有 {rows} 行（{kind}）。",
    ),
    "other-shapes-left-out": (
        "{rows} rows of {where} have shapes it cannot have and were left out.",
        "{where} 有 {rows} 行图形类型不符，未采用。",
    ),
    "rings-as-areas": (
        "{rows} closed lines of {where} were taken as areas.",
        "{where} 有 {rows} 条闭合线，按面处理。",
    ),
    "roster-joined": (
        "{rows} of {of} rows of {where} were joined to {role} by {key}: {columns}.",
        "{where} 共 {of} 行，其中 {rows} 行按 {key} 关联到 {role}：{columns}。",
    ),
    "roster-row-doubled": (
        "{where}, row {row}: “{key}” occurs several times in the roster and was not joined.",
        "{where} 第 {row} 行：“{key}” 在花名册中重复，未关联。",
    ),
    "roster-row-unmatched": (
        "{where}, row {row}: nothing is called “{key}”.",
        "{where} 第 {row} 行：找不到“{key}”。",
    ),
}
