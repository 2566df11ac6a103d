"""Words that layers and fields go by, in Chinese (both scripts) and English, and how two spellings are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_BRACKETED = re.compile(r"[(\[【<].*?[)\]】>]")
_FILLER = re.compile(r"[\s_\-.:·/]+")

ROLE_WORDS: Mapping[str, tuple[str, ...]] = {
    "boundary": ("边界", "邊界", "辖区", "轄區", "范围", "範圍", "outline", "border", "extent", "limit", "辖区边界"),
    "communities": ("社区", "社區", "村居", "村里", "行政村", "居委会", "community", "subzones", "subzone", "villages"),
    "atoms": (
        "基本单元",
        "基本單元",
        "街坊",
        "atom",
        "blocks",
        "oa",
        "outputareas",
        "bsa",
        "censusblocks",
        "最小统计区",
    ),
    "buildings": ("楼栋", "樓棟", "建筑", "建築", "建筑物", "建築物", "房屋", "楼幢", "building", "footprints"),
    "compounds": ("小区", "小區", "住宅区", "院落", "楼盘", "compound", "estates", "residential"),
    "streets": ("道路", "路网", "路網", "道路中心线", "street", "roads", "road", "edges", "ways", "centerlines"),
    "barriers": ("河流", "水系", "铁路", "鐵路", "围墙", "圍牆", "barrier", "rivers", "railways", "railway", "water"),
    "exclusive": ("专属网格", "專屬網格", "专属", "专属区"),
    "places": ("场所", "場所", "重点场所", "兴趣点", "place", "pois", "poi", "facilities"),
    "stations": ("网格站", "網格站", "驿站", "警务室", "服务站", "station"),
    "emergency_units": ("最小应急单元", "应急单元", "應急單元", "emergencyunit", "units"),
    "responders": ("应急力量", "應急力量", "网格员", "網格員", "responder"),
}
"""Other names of each role, written as `plain` gives them."""

FIELD_WORDS: Mapping[str, tuple[str, ...]] = {
    "code": (
        *("codebase", "cptvid", "subzonec", "geoid", "编码", "編碼", "代码", "代碼", "编号", "編號", "网格编码"),
        *(
            "网格编号",
            "楼栋编码",
            "楼栋编号",
            "小区编码",
            "小区代码",
            "社区编码",
            "社区代码",
            "统一编码",
            "osmid",
            "id",
        ),
    ),
    "name": (
        *("name", "名称", "名稱", "vname", "subzonen", "rdcddesc", "小区名称", "小區名稱", "小区名", "社区名称"),
        *("社區名稱", "道路名称", "道路名稱", "路名", "网格名称", "楼栋名称", "场所名称", "单位名称"),
    ),
    "subdistrict": ("街道", "乡镇", "鄉鎮", "街道名称", "所属街道", "所屬街道", "街镇", "镇街", "街道乡镇"),
    "county": ("区县", "區縣", "区", "區", "县", "縣", "tname", "所属区县", "行政区"),
    "households": (
        *("户数", "戶數", "总户数", "總戶數", "住户数", "住戶數", "常住户数", "户籍户数", "居民户数", "户", "戶"),
        *("householdcount", "householdsnumber", "numhouseholds", "hh", "dwellings", "住宅户数", "实有户数"),
    ),
    "population": ("人口", "人口数", "人口數", "总人口", "總人口", "常住人口"),
    "use": ("用途", "建筑用途", "房屋用途", "使用性质", "building", "buildinguse", "detail", "kind"),
    "floors": (
        "层数",
        "層數",
        "楼层",
        "樓層",
        "楼层数",
        "总层数",
        "levels",
        "maxfloorlvl",
        "buildinglevels",
        "storeys",
    ),
    "height_m": ("height", "高度", "楼高", "樓高", "建筑高度", "建築高度"),
    "bridge": ("isbridge", "桥梁", "橋梁"),
    "tunnel": ("istunnel", "隧道"),
    "class": ("highway", "fclass", "kinddetail", "roadclass", "道路等级", "道路等級", "等级", "等級", "道路类型"),
    "kind": ("类型", "類型", "类别", "類別", "种类", "網格類型", "网格类型"),
    "width_m": ("width", "宽度", "寬度", "路宽"),
    "slope": ("incline", "坡度"),
    "climb_m": ("climb", "爬升", "高差"),
    "community": ("社区", "社區", "所属社区", "所屬社區", "村居", "所属村居", "居委会"),
    "compound": ("小区", "小區", "所属小区", "所屬小區", "小区名称", "小区名", "院落", "楼盘"),
    "need": ("所需人数", "需要人数"),
    "capacity": ("可承担数", "承担数"),
    "on_duty": ("在岗", "值班", "在崗"),
    "can_lead": ("可任点长", "点长"),
    "opens": ("开始时间", "开门时间", "营业开始"),
    "closes": ("结束时间", "关门时间", "营业结束"),
    "visits_per_day": ("每日走访次数", "走访次数"),
    "events_per_day": ("日均事件数", "每日事件数"),
    "round": ("班次", "轮次"),
    "grid": ("网格", "網格", "所属网格"),
}
"""Fields taken for a column of a role, in order, written as `plain` gives them."""


def plain(name: str) -> str:
    """A name as it is compared: one width, small letters, without spaces, marks between words and bracketed units.

    >>> plain("户 数（户）"), plain("RD_CD_DESC"), plain("ＩＤ"), plain("building:levels")
    ('户数', 'rdcddesc', 'id', 'buildinglevels')
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    return _FILLER.sub("", _BRACKETED.sub("", text)) or _FILLER.sub("", text)


def role_of(layer: str) -> str:
    """The role a layer's name means, "" when none or several.

    >>> role_of("buildings"), role_of("小区"), role_of("Roads"), role_of("layer 1")
    ('buildings', 'compounds', 'streets', '')
    """
    word = plain(layer)
    found = [role for role, words in ROLE_WORDS.items() if word in (plain(role), *words)]
    return found[0] if len(found) == 1 else ""


def fields_for(column: str, fields: Mapping[str, object]) -> list[str]:
    """Fields of a layer that may fill a column of a role, the likeliest first.

    >>> fields_for("households", {"户数(户)": 0, "Households": 0, "备注": 0})
    ['Households', '户数(户)']
    """
    by_word: dict[str, list[str]] = {}
    for field in fields:
        by_word.setdefault(plain(field), []).append(field)
    words = (plain(column), *FIELD_WORDS.get(column, ()))
    exact = [column] if column in fields else []
    return list(dict.fromkeys(exact + [field for word in words for field in by_word.get(word, [])]))
