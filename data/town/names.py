"""Names, all invented or so common that every county town has them."""

from __future__ import annotations

from collections.abc import Iterator

STREETS = [
    "民主路",
    "和平路",
    "胜利路",
    "团结路",
    "光明路",
    "青年路",
    "文化路",
    "公园路",
    "朝阳路",
    "兴业路",
    "惠民路",
    "育才路",
    "康复路",
    "府前路",
    "书院路",
    "学府路",
    "槐荫路",
    "桂花路",
    "梧桐路",
    "莲塘路",
    "龙泉路",
    "凤凰路",
    "平安路",
    "长春路",
    "紫薇路",
    "站前街",
    "东升路",
    "春晖路",
    "迎宾路",
    "体育路",
    "广场路",
    "金河路",
    "银杏路",
    "香樟路",
    "丹桂路",
    "翠屏路",
    "望江路",
    "观澜路",
    "新民路",
    "富民路",
    "友谊路",
    "前进路",
    "建国路",
    "振兴路",
    "永安路",
    "临江路",
    "玉泉路",
    "清溪路",
    "云台路",
    "秀水路",
    "华光路",
    "仁爱路",
    "礼让路",
    "信义路",
    "智远路",
    "明德路",
    "弘毅路",
    "思源路",
    "景行路",
    "致和路",
    "博学路",
    "求真路",
    "勤政路",
    "崇文路",
    "尚武路",
    "双桥路",
    "三元路",
    "四维路",
    "五福路",
    "六和路",
    "七星路",
    "八一路",
    "九龙路",
    "十里路",
]
LANE_HEADS = [
    "盐仓",
    "铁匠",
    "石板",
    "染坊",
    "粮行",
    "北门",
    "柳树",
    "水门",
    "竹器",
    "豆腐",
    "花园",
    "井头",
    "书院",
    "槐树",
    "马家",
    "陈家",
    "何家",
    "打铁",
    "绣花",
    "糖坊",
    "米市",
    "鱼市",
    "油坊",
    "皮匠",
    "钟鼓",
    "塔下",
    "桥头",
    "上河",
    "下河",
    "后街",
]
LANE_TAILS = ("巷", "里", "弄")
ESTATE_HEADS = [
    "书香",
    "锦绣",
    "阳光",
    "金桂",
    "翠湖",
    "滨江",
    "盛世",
    "丽景",
    "东方",
    "幸福",
    "御景",
    "水岸",
    "紫荆",
    "玉兰",
    "龙腾",
    "凤鸣",
    "世纪",
    "星河",
    "碧水",
    "金色",
    "城市",
    "学府",
    "温馨",
    "春江",
    "临溪",
    "天鹅",
    "绿洲",
    "银河",
    "华庭",
    "明珠",
    "富景",
    "康乐",
    "福星",
    "瑞景",
    "雅居",
    "景泰",
    "怡和",
    "静安",
    "嘉和",
    "汇丰",
    "松月",
    "香榭",
    "桃源",
    "兰亭",
    "梅园",
    "竹韵",
    "松涛",
    "枫林",
    "云水",
    "听涛",
]
ESTATE_TAILS = {"walkup": ("小区", "花园", "新村", "家园"), "tower": ("名城", "华府", "苑", "御园", "公馆")}
OFFICES = [
    "粮食局",
    "纺织厂",
    "农机厂",
    "供销社",
    "水利局",
    "邮电局",
    "教育局",
    "机械厂",
    "化肥厂",
    "建筑公司",
    "百货公司",
    "医药公司",
]


def street_names() -> Iterator[str]:
    """Names for streets, without end."""
    yield from STREETS
    yield from (name[:-1] + "街" for name in STREETS if name.endswith("路"))
    number = 1
    while True:
        yield f"规划{number}路"
        number += 1


def lane_names() -> Iterator[str]:
    """Names for lanes, without end."""
    for tail in LANE_TAILS:
        for head in LANE_HEADS:
            yield head + tail
    number = 1
    while True:
        yield f"新{number}巷"
        number += 1


def estate_names() -> Iterator[tuple[str, str]]:
    """Names for walled compounds without end, as pairs (for walk-ups, for towers); the first hundred differ."""
    number = 0
    while True:
        turn, at = divmod(number, len(ESTATE_HEADS))
        phase = "" if turn < 2 else f"{turn}期"
        walkup = ESTATE_HEADS[at] + ESTATE_TAILS["walkup"][number % 4] + phase
        tower = ESTATE_HEADS[at] + ESTATE_TAILS["tower"][(number + turn) % 5] + phase
        if number % 5 == 3 and number // 5 < len(OFFICES):
            walkup = OFFICES[number // 5] + "家属院"
        yield walkup, tower
        number += 1
