"""Personal columns are known by their headers and by their cells; others are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from gridgeo.core.model import texts
from gridgeo.io.privacy import is_personal

CELLS = texts(["x"])


@pytest.mark.parametrize(
    "header",
    ["身份证号", "户主姓名", "手机号码", "联系电话", "phone", "Mobile_No", "id_card", "resident_name", "e-mail"],
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


def test_numbers_of_phones():
    """A number column full of mobile numbers is personal; one of counts is not."""
    assert is_personal("ref", np.array([13812345678, 15912345678]))
    assert not is_personal("ref", np.array([13812, 15912, 13812345678]))
