"""Sentences of the notices the readers and the import report: (English, Chinese)."""

from __future__ import annotations

SOURCES: dict[str, tuple[str, str]] = {
    "boundary-areas": (
        "The extract holds these administrative areas; --area NAME takes one of them as the boundary: {areas}",
        "数据中有以下行政区，可用 --area 名称 选一个作边界：{areas}",
    ),
    "boundary-derived": (
        "No boundary was given: the hull of streets and buildings is taken ({area_m2} m²)",
        "未给边界，取道路与建筑外包（{area_m2} 平方米）",
    ),
    "boundary-from-layers": (
        "No boundary was given; it was taken from {source}.",
        "未给出辖区边界，已由 {source} 得出。",
    ),
    "boundary-from-osm": (
        "The boundary is {where} (administrative level {level})",
        "边界取 {where}（行政级别 {level}）",
    ),
    "cells-in-error": (
        "{where}: {cells} cells hold an error of a formula and were taken as blank.",
        "{where}：{cells} 个单元格为公式错误，按空白处理。",
    ),
    "codes-made": (
        "Codes were made for {rows} rows of {where}.",
        "{where} 有 {rows} 行没有编码，已自动编码。",
    ),
    "columns-left-out": (
        "Columns of {where} do not fit their role and were left out: {columns}.",
        "{where} 的字段不合要求，未采用：{columns}。",
    ),
    "communities-from-osm": (
        "The communities are the {areas} administrative areas of level {level}",
        "社区取 {level} 级行政区，共 {areas} 个",
    ),
    "count-missed": (
        "{asked} grids were asked for; {grids} were drawn",
        "要求 {asked} 个网格，实际划分 {grids} 个",
    ),
    "counts-homeless": (
        "{areas} of {where} count {households} households, but no building to put them in stands there",
        "{where} 中有 {areas} 个区域共 {households} 户，但区内没有楼栋可分摊",
    ),
    "counts-shared": (
        "The counts of {areas} {where}, {households} households, were shared among their buildings by floor area; each share is an estimate",
        "{where} 中 {areas} 个区域的 {households} 户已按建筑面积分摊到楼栋，每栋为估算",
    ),
    "crs-missing": (
        "{where} names no coordinate system: say which with --crs EPSG:n.",
        "{where} 没有坐标系：请用 --crs EPSG:n 指定。",
    ),
    "datum-shifted": (
        "Coordinates were brought from {datum} to WGS 84.",
        "坐标已由 {datum} 改正到 WGS 84。",
    ),
    "duplicate-code": (
        "{layer}: code {where} occurs {times} times.",
        "{layer} 中编码 {where} 出现 {times} 次。",
    ),
    "fields-guessed": (
        "Fields of {where} were matched by name: {fields}.",
        "{where} 的字段按名称自动对应：{fields}。",
    ),
    "floors-assumed": (
        "{buildings} buildings do not tell their floors; {floors} assumed, {households} households",
        "{buildings} 栋楼无层数，按 {floors} 层估算，共 {households} 户",
    ),
    "formulas-unsaved": (
        "{where}: {cells} formulas have no saved value and were taken as blank; open and save the file in Excel.",
        "{where}：{cells} 个公式没有保存结果，按空白处理；请用 Excel 打开并保存。",
    ),
    "layers-unused": (
        "{where}: no role for {layers}: nothing was taken from there. Say what it is with --role ROLE=LAYER, or --roster ROLE=LAYER.",
        "{where}：{layers} 未承担任何角色，其内容未采用。请用 --role 角色=图层 或 --roster 角色=图层 说明。",
    ),
    "header-merged": (
        "{where}: the header has {rows} rows; the lowest names were taken.",
        "{where}：表头有 {rows} 行，取最下一级名称。",
    ),
    "households-estimated": (
        "{households} households in {atoms} atoms are estimates; columns low and high of each atom say how far they may be off",
        "{atoms} 个基本单元的 {households} 户为估算，各单元的 low、high 两列为可能范围",
    ),
    "households-from-population": (
        "{where}: {persons} persons were taken as {households} households of {each} persons; these are estimates",
        "{where}：{persons} 人按每户 {each} 人折算为 {households} 户，为估算",
    ),
    "layer-row-doubled": (
        "{where}, row {row}: “{key}” occurs several times; its row of the roster was not joined.",
        "{where} 第 {row} 行：“{key}” 重复，花名册对应行未关联。",
    ),
    "layer-row-unmatched": (
        "{where}, row {row}: the roster has no “{key}”.",
        "{where} 第 {row} 行：花名册中没有“{key}”。",
    ),
    "links-not-followed": (
        "{where}: {links} links to other files were not followed.",
        "{where}：{links} 个指向其他文件的链接未读取。",
    ),
    "merged-filled": (
        "{where}: {ranges} merged ranges were filled with their text.",
        "{where}：{ranges} 处合并单元格已按其内容填充。",
    ),
    "map-metres": (
        "{where} stretches the land here: lengths are {times} times those on the ground; areas and widths are those of the map",
        "{where} 在此处有变形：长度为实地的 {times} 倍；面积与宽度按图上量取",
    ),
    "metres-not-true": (
        "Metres of {where} are none here: lengths are {times} times those on the ground, so it was not kept.",
        "{where} 的米在此处不是实地的米：长度为实地的 {times} 倍，因此未沿用。",
    ),
    "more-rows": (
        "{where}: and {rows} more rows ({kind}).",
        "{where}：另有 {rows} 行（{kind}）。",
    ),
    "osm-broken-objects": (
        "{objects} objects of {where} could not be built",
        "{where} 有 {objects} 个对象无法构建",
    ),
    "other-shapes-left-out": (
        "{rows} rows of {where} have shapes it cannot have and were left out.",
        "{where} 有 {rows} 行图形类型不符，未采用。",
    ),
    "personal-cells-emptied": (
        "{where}: {cells} cells of {columns} that hold personal data were emptied.",
        "{where}：{columns} 中有 {cells} 个单元格含个人信息，已清空。",
    ),
    "personal-data-dropped": (
        "Columns of {where} that hold personal data were not read: {columns}.",
        "{where} 中含个人信息的字段未读入：{columns}。",
    ),
    "projected": (
        "{source} was projected to {target}.",
        "坐标已由 {source} 投影到 {target}。",
    ),
    "rings-as-areas": (
        "{rows} closed lines of {where} were taken as areas.",
        "{where} 有 {rows} 条闭合线，按面处理。",
    ),
    "role-by-fields": (
        "{where} is taken as {role}, by its fields; if it is something else, say so with --role.",
        "按字段将 {where} 作为 {role}；如为其他图层请用 --role 指定。",
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
    "roster-joined": (
        "{rows} of {of} rows of {where} were joined to {role} by {key}: {columns}.",
        "{where} 共 {of} 行，其中 {rows} 行按 {key} 关联到 {role}：{columns}。",
    ),
    "roster-row-doubled": (
        "{where}, row {row}: “{key}” occurs several times in the roster and was not joined.",
        "{where} 第 {row} 行：“{key}” 在花名册中重复，未关联。",
    ),
    "roster-row-nowhere": (
        "{where}, row {row}: no code or name, and nothing near its place.",
        "{where} 第 {row} 行：没有编码或名称，所在位置附近也没有对象。",
    ),
    "roster-row-unmatched": (
        "{where}, row {row}: nothing is called “{key}”.",
        "{where} 第 {row} 行：找不到“{key}”。",
    ),
    "rows-dropped": (
        "{rows} rows of {where} without usable geometry were left out.",
        "{where} 有 {rows} 行没有可用图形，未采用。",
    ),
    "text-decoded": (
        "{where} is not UTF-8 and was read as {encoding}, e.g. “{sample}”; if that is wrong, give --encoding.",
        "{where} 不是 UTF-8，已按 {encoding} 读取，例如“{sample}”；如有误请用 --encoding 指定。",
    ),
    "texts-cleaned": (
        "{where}: {texts} texts held hidden, control or direction characters, or odd spaces; these were taken out.",
        "{where}：{texts} 处文字含不可见字符、控制字符、方向字符或异常空格，已去除。",
    ),
    "units-dropped": (
        "{where}: {rows} values of {column} have a unit behind the number, which was left out.",
        "{where}：{column} 有 {rows} 处数字后带单位，已略去单位。",
    ),
    "titles-left-out": (
        "{where}: {rows} title rows above the header were left out.",
        "{where}：表头上方 {rows} 行标题未读入。",
    ),
}
