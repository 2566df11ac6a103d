"""Personal columns are known by their headers and by their cells; others are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from gridgeo.core.model import Table, texts
from gridgeo.io.privacy import is_personal, without_personal

CELLS = texts(["x"])


@pytest.mark.parametrize(
    "header",
    [
        "身份证号",
        "户主姓名",
        "手机号码",
        "联系电话",
        "phone",
        "Mobile_No",
        "id_card",
        "resident_name",
        "e-mail",
        "ownerName",
        "dateOfBirth",
    ],
)
def test_headers_of_residents(header):
    """Headers in Chinese and English that name residents or reach them are personal."""
    assert is_personal(header, CELLS)


@pytest.mark.parametrize("header", ["name", "code", "households", "telecom", "名称", "户数", "automobile", "hotel"])
def test_headers_of_places(header):
    """Headers of places and counts are not."""
    assert not is_personal(header, CELLS)


@pytest.mark.parametrize(
    "cells",
    [["", "11010519491231002X"], ["note: 11010519491231002x."], ["Li 13812345678"], ["13812345678", "15912345678"]],
)
def test_cells_of_residents(cells):
    """Identity numbers with a true check digit and mobile numbers give a column away."""
    assert is_personal("remark", texts(cells))


@pytest.mark.parametrize(
    "cells",
    [
        ["110105194912310021"],
        ["110101001001001", "110101001001002"],
        ["way/13812345678x1", "node/99"],
        ["13812345678"] + [str(n) for n in range(10_000_000_000, 10_000_000_050)],
    ],
)
def test_codes_are_not_residents(cells):
    """Long codes without a true check digit, and ids that only sometimes look like phones, are kept."""
    assert not is_personal("ref", texts(cells))


@pytest.mark.parametrize(
    "cells",
    [
        ["王伟", "李娜", "张敏丽", "欧阳修文"],
        ["北门 010-88886666"],
        ["联系 138-1234-5678"],
        ["a.b@example.org"],
        ["老身份证 110105491231002"],
        [f"11010519{year}0101{n:03}0" for n, year in enumerate(range(40, 60))],
    ],
)
def test_other_traces_of_residents(cells):
    """Names of people, phones with lines between, mail, old identity numbers and such that lost their last digit."""
    assert is_personal("备注", texts(cells))


@pytest.mark.parametrize("header", ["小区名称", "name", "社区", "remark"])
def test_names_of_places_are_kept(header):
    """Villages and estates that begin with surnames are no people, whatever the header."""
    assert not is_personal(header, texts(["李村", "王家湾", "张江高科苑", "金桂园", "高庄"]))


def test_a_single_cell_is_emptied():
    """One phone among many remarks costs that remark, not the column; the notice counts it."""
    cells = [f"楼 {n}" for n in range(30)] + ["找李华 13812345678"]
    table, notices = without_personal("buildings", Table(columns={"name": texts(cells)}))
    assert table.columns["name"].tolist() == [*cells[:30], ""]
    assert [dict(notice.facts) for notice in notices] == [{"columns": "name", "cells": 1}]


def test_numbers_of_phones():
    """A number column full of mobile numbers is personal; one of counts is not."""
    assert is_personal("ref", np.array([13812345678, 15912345678]))
    assert not is_personal("ref", np.array([13812, 15912, 13812345678]))
