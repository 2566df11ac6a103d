"""What would name or reach a resident is dropped at the door: gridgeo keeps counts only.

Columns go by their header, or when many of their cells hold identity numbers, phones or the names of people; a single
such cell of another column, a remark or the name of a place, is emptied.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Notice, Table, texts

MOSTLY = 0.1
"""A column with more than this share of personal cells is dropped whole; with fewer only those cells are emptied."""
HALF = 0.5
"""The same for columns named for places: these are dropped last."""
BARE = 0.9
"""Numbers of 11 digits, and identity numbers, are taken for such only where so many of a column look so."""
FEWEST_NAMES = 3
"""So few names of two or three characters may be anything."""

SPREAD = 5
"""Years of birth in a column of numbers that look like identity numbers, but for digits lost to a spreadsheet."""

_CHINESE = (
    *("身份证", "身分證", "证件号", "公民身份", "护照", "手机", "电话", "電話", "联系方式", "联系人", "微信", "邮箱"),
    *("姓名", "户主", "戶主", "业主", "業主", "居民名", "房主", "承租人", "租户名", "产权人", "负责人"),
    *("出生日期", "出生年月"),
)
_ENGLISH = re.compile(
    r"(?:^|[\W_])(?:phone|telephone|tel|mobile|cell ?phone|e?mail|wechat|id_?card(?:_?no)?|id_?number|national_?id|"
    r"passport|ssn|residents?_?names?|person_?name|owner_?name|householder|head_of_household|contact(?:_?person)?|"
    r"surname|given_?name|first_?name|last_?name|full_?name|date_?of_?birth|birth_?date|birthday|dob)(?:$|[\W_\d])",
    re.IGNORECASE,
)
_WORD_EDGE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ID_NUMBER = re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)")
_OLD_ID = re.compile(r"(?<!\d)[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)")
_ID_SAID = re.compile(r"身份证|身分證|证件|id ?card|passport|护照", re.IGNORECASE)
_MOBILE = re.compile(r"(?<![0-9A-Za-z_/.#-])(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?![0-9A-Za-z_])")
_LANDLINE = re.compile(r"(?<![0-9A-Za-z_/.#-])(?:0\d{2,3}[ -]\d{7,8}|\(0\d{2,3}\) ?\d{7,8})(?![0-9A-Za-z_])")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,32})+")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    "陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧葉蘇魏呂盧鍾譚陸龍"
)
_PERSON = re.compile(f"(?:欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|[{_SURNAMES}])[\u4e00-\u9fff]{{1,2}}")
_PLACE_ENDS = frozenset(
    "村里园苑路街巷区城庄楼府庭湾坊桥寺屯营店堡沟山河江湖港镇乡社院厂站场组栋幢号岭坪坝塘井门口弄胡洞屋居家寨墩岗"
    "園區莊樓灣橋營鎮鄉"
)
_PLACES = re.compile(
    r"名称|名稱|小区|小區|社区|社區|街道|道路|地名|地址|村名|(?:^|[\W_])(?:place|site|street|road)?_?name$"
)
_WEIGHT = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def is_id_number(text: str) -> bool:
    """Whether a text of 18 characters is a resident identity number, by its check digit (GB 11643).

    >>> is_id_number("11010519491231002X"), is_id_number("110105194912310021")
    (True, False)
    """
    if not (len(text) == 18 and text[:17].isdigit()):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHT, strict=True))
    return _CHECK[total % 11] == text[17].upper()


def is_personal(name: str, values: NDArray[Any]) -> bool:
    """Whether a column holds personal data, by its header or by what many of its cells look like.

    >>> is_personal("户主姓名", np.array([], object)), is_personal("floors", np.array([3, 4]))
    (True, False)
    """
    if any(word in name for word in _CHINESE) or _ENGLISH.search(_WORD_EDGE.sub("_", name)):
        return True
    cells = _written(values)
    filled = sum(1 for cell in cells if cell)
    of_places = bool(_PLACES.search(name.lower()))
    found = personal_cells(cells)
    return len(found) > (HALF if of_places else MOSTLY) * filled or (not of_places and _are_names(cells))


def _written(values: NDArray[Any]) -> list[str]:
    """Cells as text; numbers only where they are long enough to be somebody's."""
    if values.dtype.kind == "O":
        return [value if isinstance(value, str) else "" for value in values.tolist()]
    if values.dtype.kind in "iuf" and len(values):
        long = np.isfinite(values) & (np.abs(values) >= 1e10)
        if long.any():
            return [
                str(int(value)) if fits else "-" for value, fits in zip(values.tolist(), long.tolist(), strict=True)
            ]
    return []


def personal_cells(cells: Sequence[str]) -> list[int]:
    """Rows whose text holds an identity number, a phone number or a mail address.

    Cells that are nothing but digits count only where nearly the whole column looks so: codes are long as well.

    >>> personal_cells(["北门", "王先生 138 1234 5678", "11010519491231002X", "110101001001001"])
    [1, 2]
    """
    said, bare = [], []
    filled = sum(1 for cell in cells if cell)
    for row, cell in enumerate(cells):
        if len(cell) < 6 or not _may_be(cell):
            continue
        if cell.isdigit():
            bare.append(row)
        elif _says(cell):
            said.append(row)
    of_id = [row for row in bare if _ID_NUMBER.fullmatch(cells[row])]
    true_id = [row for row in of_id if is_id_number(cells[row])]
    phones = [row for row in bare if _MOBILE.fullmatch(cells[row])]
    out = said
    born = {cells[row][6:10] for row in of_id}
    spread = len(of_id) >= BARE * filled and len(born) >= SPREAD
    if spread or len(true_id) > HALF * len(of_id):  # one in eleven codes has the right check digit by chance
        out = out + of_id
    if phones and len(phones) >= BARE * filled:
        out = out + phones
    return sorted(out)


def _may_be(cell: str) -> bool:
    """Whether a text holds enough digits for a number of somebody, or an at sign; quick, for most texts do not."""
    return "@" in cell or sum(map(str.isdigit, cell)) >= 10


def _says(cell: str) -> bool:
    """Whether a text that is more than digits tells a number or address of somebody."""
    if any(_is_dated(found) for found in _ID_NUMBER.findall(cell)):
        return True
    if _ID_SAID.search(cell) and _OLD_ID.search(cell):
        return True
    tests: tuple[Callable[[str], Any], ...] = (_MOBILE.search, _LANDLINE.search, _MAIL.search)
    return any(test(cell) for test in tests)


def _is_dated(text: str) -> bool:
    """Whether digits 7 to 14 are a day of the last hundred years or so."""
    try:
        return date(int(text[6:10]), int(text[10:12]), int(text[12:14])) <= date(2040, 1, 1)
    except ValueError:
        return False


def _are_names(cells: Sequence[str]) -> bool:
    """Whether a column holds names of people: nearly all two to four characters, beginning with a common surname.

    Names of villages and estates begin with surnames too, but end in words for places, or are longer.
    """
    filled = [cell for cell in cells if cell]
    if len(filled) < FEWEST_NAMES or len(set(filled)) < len(filled) / 2:
        return False
    people = sum(bool(_PERSON.fullmatch(c)) and c[-1] not in _PLACE_ENDS for c in filled)
    return people >= BARE * len(filled)


def without_personal(layer: str, table: Table) -> tuple[Table, tuple[Notice, ...]]:
    """The table without its personal columns and cells, and notices naming the columns."""
    kept: dict[str, NDArray[Any]] = {}
    dropped: list[str] = []
    emptied: dict[str, int] = {}
    for name, values in table.columns.items():
        if is_personal(name, values):
            dropped.append(name)
            continue
        rows = personal_cells(_written(values)) if values.dtype.kind == "O" else []
        kept[name] = _emptied(values, rows) if rows else values
        if rows:
            emptied[name] = len(rows)
    notices = []
    if dropped:
        notices.append(Notice(kind="personal-data-dropped", where=layer, facts={"columns": ", ".join(dropped)}))
    if emptied:
        facts: dict[str, str | int | float] = {"columns": ", ".join(emptied), "cells": sum(emptied.values())}
        notices.append(Notice(kind="personal-cells-emptied", where=layer, facts=facts))
    return (Table(columns=kept, geometry=table.geometry) if notices else table), tuple(notices)


def _emptied(values: NDArray[Any], rows: Sequence[int]) -> NDArray[Any]:
    out = texts(values)
    out[list(rows)] = ""
    return out
