"""Sentences of the notices on walks, and on emergency units and their responders: (English, Chinese)."""

from __future__ import annotations

ROUNDS: dict[str, tuple[str, str]] = {
    "boundary-drawn": (
        "Grid {where} has no street nearby; its walk is drawn along its boundary",
        "网格 {where} 附近没有道路，沿边界绘制巡查路线",
    ),
    "cut-off": (
        "Grid {where}: {households} households, cut off from the others",
        "网格 {where}：{households} 户，与周边隔断",
    ),
    "drill-overdue": (
        "Unit {where}: drill overdue by {days} days (last {last}).",
        "单元 {where} 演练逾期 {days} 天（上次 {last}）。",
    ),
    "equipment-missing": (
        "Unit {where} lacks {missing} × {item}.",
        "单元 {where} 缺 {item} {missing} 件。",
    ),
    "gates-shut": (
        "{gates} gates are closed to the public: streets end there",
        "{gates} 个大门不对公众开放，道路在此断开",
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
    "never-drilled": (
        "Unit {where} has never drilled.",
        "单元 {where} 从未演练。",
    ),
    "impossible-limit": (
        "Unit {where} may be walked to for {max_walk_s} s, which nobody can: the rings count instead.",
        "单元 {where} 的步行时限为 {max_walk_s} 秒，无法做到，改用各圈时限。",
    ),
    "zero-capacity": (
        "{responders} responder(s) have capacity 0 or none told and count as {per_person} (--per-person): {codes}",
        "{responders} 名应急力量的可承担数为 0 或未填，按每人 {per_person} 个（--per-person）计：{codes}",
    ),
    "no-emergency-units": (
        "There are no emergency units.",
        "没有最小应急单元。",
    ),
    "no-lead": (
        "None of the {responders} responders on duty may lead.",
        "在岗的 {responders} 名应急力量中无人可任点长。",
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
    "no-window-solver": (
        "Opening hours were kept by simple insertion; install gridgeo[windows] (PyVRP) for shorter walks",
        "开放时间仅用简单插入法满足；安装 gridgeo[windows]（PyVRP）可得更短路线",
    ),
    "patrol-broken": (
        "No walk for grid {where}: gridgeo itself failed ({error})",
        "网格 {where} 未能规划路线：gridgeo 内部出错（{error}）",
    ),
    "patrol-failed": (
        "No walk for grid {where}: {error}",
        "网格 {where} 未能规划路线：{error}",
    ),
    "own-values": (
        "{rows} of {of} {where} name their own {column}, which stands above {option}.",
        "{where} 共 {of} 行，其中 {rows} 行自带 {column}，优先于 {option}。",
    ),
    "places-off-network": (
        "{number} places are over {limit_m} m from any street.",
        "{number} 个场所距道路超过 {limit_m} 米。",
    ),
    "places-without-visits": (
        "{places} places want no visits and are left out",
        "{places} 个场所无需走访，未列入",
    ),
    "responder-cut-off": (
        "Responder {where} stands on {streets} street(s) not joined to the main network.",
        "应急力量 {where} 所在的 {streets} 段道路与主路网不连通。",
    ),
    "responder-off-network": (
        "Responder {where} is {distance_m} m from any street (limit {limit_m} m).",
        "应急力量 {where} 距最近道路 {distance_m} 米（上限 {limit_m} 米）。",
    ),
    "slopes-too-steep": (
        "{streets} street(s) are steeper than 100 % (up to {percent} %); they count as stairs",
        "{streets} 条道路坡度超过 100%（最大 {percent}%），按台阶计算",
    ),
    "station-far-from-streets": (
        "Station {station} of grid {where} is {distance_m} m from the nearest street",
        "网格 {where} 的网格站 {station} 距最近道路 {distance_m} 米",
    ),
    "streets-disconnected": (
        "The streets fall into {components} pieces; {length_m} m are cut off from the main one",
        "道路分为 {components} 片，{length_m} 米与主路网不连通",
    ),
    "too-few-walks": (
        "Grid {where} would need {wanted} walks; {walks} are planned",
        "网格 {where} 需要 {wanted} 次步行，只安排了 {walks} 次",
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
    "walks-beyond-a-shift": (
        "{grids} grid(s) have walks of more than {hours} hours, up to {longest_hours} ({codes}); "
        "--minutes parts them, --officers shares them out",
        "{grids} 个网格的单次步行超过 {hours} 小时，最长 {longest_hours} 小时（{codes}）；可用 --minutes 分次或 --officers 分工",
    ),
}
