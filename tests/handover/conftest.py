"""A lattice town with names that try to be formulas, markup and other scripts, its plan, and a pen for tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import zxingcpp

from gridgeo.core.bounds import bounds_of
from gridgeo.core.model import Places, Stations, texts
from gridgeo.handover.register import register
from gridgeo.handover.typeface import signs_of, typeface
from gridgeo.io.read import Project
from tests.core.dispatch.cases import units_at
from tests.instances import ORIGIN, lattice, plan_of

ADDRESS = "https://town.example/map#grid={code}"
EVIL = '=HYPERLINK("http://evil","x")'


def town():
    """Sixteen blocks in two communities, four compounds, named streets, a station, a unit and a place."""
    blocks = np.arange(16)
    land = lattice(
        4, 4, 100 + blocks, community=(blocks % 4 >= 2).astype(np.int32), compound=(blocks // 4).astype(np.int32)
    )
    rows = land.streets
    ends = rows.line_geometry
    north = np.array([line.coords[0][0] == line.coords[1][0] for line in ends])
    corner = [(np.array(line.coords[0]) - ORIGIN) // 100 for line in ends]
    named = [f"东{x:.0f}街" if up else f"R&D <{y:.0f}> Road" for (x, y), up in zip(corner, north.tolist(), strict=True)]
    streets = replace(rows, name=texts(named))
    xy = ORIGIN + np.array([[150.0, 150.0]])
    one = np.ones(1, np.int64)
    return replace(
        land,
        name="示例 Town",
        streets=streets,
        compounds=replace(land.compounds, name=texts([EVIL, "@SUM(1)", "-1+1", "阳光花园"])),
        stations=Stations(code=texts(["st"]), xy=xy, grid=texts(["g0"])),
        emergency_units=units_at([[50, 50]], need=2),
        places=Places(
            code=texts(["p"]), name=texts(["药店"]), kind=texts(["shop"]), xy=xy + 20, service_s=one, opens=0 * one,
            closes=86_400 * one, visits_per_day=1.0 * one,
        ),
    )  # fmt: skip


@pytest.fixture(scope="session")
def plan():
    """Four grids of four blocks; the first is named like a formula."""
    blocks = np.arange(16)
    made = plan_of(town(), (blocks // 8) * 2 + (blocks % 4 >= 2))
    grids = replace(made.grids, name=texts([EVIL, "Grid 1", "", "网格四"]), community=np.array([0, 1, 0, 1], np.int32))
    return replace(made, grids=grids)


@pytest.fixture(scope="session")
def entries(plan):
    """The register of the plan."""
    return register(plan, bounds_of(plan), address=ADDRESS, predecessors={"g1": ("old", "older")})


@pytest.fixture(scope="session")
def face(plan, entries):
    """A typeface with all that pages about the plan print."""
    return typeface(signs_of(plan, entries))


@pytest.fixture
def project(plan):
    """The plan as it is read from a file."""
    return Project(territory=plan.territory, plan=plan)


def pages(data: bytes):
    """Pages of a PDF."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    return [document[number] for number in range(len(document))]


def words(page) -> str:
    """What a page says."""
    return page.get_textpage().get_text_bounded()


def codes(page) -> set[str]:
    """What the QR codes of a page say to a phone, at 150 dots an inch."""
    image = page.render(scale=150 / 72).to_pil()
    return {found.text for found in zxingcpp.read_barcodes(image)}
