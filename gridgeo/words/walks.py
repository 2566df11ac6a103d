"""Sentences of walks, their turns and what they miss: (English, Chinese)."""

from __future__ import annotations

WALKS: dict[str, tuple[str, str]] = {
    "walk-name": ("Grid {grid}, round {round}", "网格 {grid} 第 {round} 轮"),
    "walk-text": ("{length_m} m, about {minutes} min", "{length_m} 米，约 {minutes} 分钟"),
    "turn-start": ("Start: {street}, {length_m} m", "出发：{street}，{length_m} 米"),
    "turn-straight": ("Straight on: {street}, {length_m} m", "直行：{street}，{length_m} 米"),
    "turn-left": ("Left: {street}, {length_m} m", "左转：{street}，{length_m} 米"),
    "turn-right": ("Right: {street}, {length_m} m", "右转：{street}，{length_m} 米"),
    "turn-back": ("Turn back: {street}, {length_m} m", "折返：{street}，{length_m} 米"),
    "turn-arrive": ("Arrived", "到达"),
    "turn-call": ("{time} call at {place}", "{time} 走访：{place}"),
    "unnamed-path": ("unnamed path", "无名小路"),
    "walk-drawn": ("Walk along the boundary", "沿边界巡查"),
    "walk-number": ("no.", "序号"),
    "walk-at": ("at m", "里程 米"),
    "walk-do": ("what to do", "动作"),
    "walk-summary": (
        "Day {day}, round {round}, officer {officer}: {length_m} m, about {minutes} min",
        "第 {day} 天第 {round} 轮，网格员 {officer}：{length_m} 米，约 {minutes} 分钟",
    ),
    "walk-proof": ("proven shortest", "已证最短"),
    "walk-bound": ("at most {percent} % above the shortest possible", "最多比最短路线长 {percent} %"),
    "walks-title": ("Walks of grid {grid}", "网格 {grid} 巡查路线"),
    "change-minutes": ("walks {minutes} minutes longer would serve it", "每次延长 {minutes} 分钟即可走访"),
    "change-closes": ("served if it closed {minutes} minutes later", "若推迟 {minutes} 分钟关门即可走访"),
    "change-start": (
        "served if the walk began {minutes} minutes later (earlier if negative)",
        "若出发时间推迟 {minutes} 分钟（负数为提前）即可走访",
    ),
    "change-walk": ("a walk of its own would serve it", "需另加一次巡查"),
    "missed": (
        "Grid {where}: {place} is missed {times} time(s), {reason}: {change}",
        "网格 {where}：{place} 有 {times} 次未走访（{reason}）：{change}",
    ),
    "reason-window": ("closed when a walk comes by", "到达时未开放"),
    "reason-distance": ("too far away", "距离过远"),
    "reason-time-budget": ("no time left", "时间不足"),
    "reason-too-few-walks": ("walks pass too rarely", "路线经过次数不足"),
    "reason-round": ("no walk in the round asked for", "没有所要求的班次"),
    "reason-cut-off": ("no way leads there", "道路不通"),
    "table-missed": ("Places missed", "未走访场所"),
    "reason": ("reason", "原因"),
    "remedy": ("what would help", "补救办法"),
    "times": ("times", "次数"),
    "spread": ("spread of arrival times (chance: 0.29)", "到达时间离散度（随机为 0.29）"),
}
