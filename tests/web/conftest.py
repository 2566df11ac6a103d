from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from werkzeug.routing import Map

from gridgeo.core.model import EmergencyUnits, Places, Responders, texts
from gridgeo.settings import Settings
from gridgeo.store import MemoryStore
from gridgeo.web.app import create_app
from gridgeo.web.computing import Hand
from gridgeo.web.globe import Globe
from gridgeo.web.lean import LeanFlask
from tests.instances import CRS, ORIGIN, lattice, plan_of

NOW = "2026-11-21T09:00:00Z"


def town():
    """A lattice of 6 x 6 blocks of 100 households with two emergency units, four responders and a school."""
    territory = lattice(6, 6, 100, community=[0] * 24 + [1] * 12)
    units = EmergencyUnits(
        code=texts(["u0", "u1"]),
        name=texts(["商场", "Station"]),
        kind=texts(["mall", "station"]),
        xy=ORIGIN + np.array([[100.0, 100.0], [500.0, 500.0]]),
        need=np.array([1, 1]),
        max_walk_s=np.array([0, 0]),
    )
    responders = Responders(
        code=texts(["r0", "r1", "r2", "r3"]),
        xy=ORIGIN + np.array([[0.0, 100.0], [200.0, 100.0], [500.0, 400.0], [600.0, 500.0]]),
        capacity=np.ones(4, np.int64),
        can_lead=np.array([True, False, True, False]),
        on_duty=np.array([True, True, True, True]),
    )
    places = Places(
        code=texts(["p0"]),
        name=texts(["School"]),
        kind=texts(["school"]),
        xy=ORIGIN + np.array([[300.0, 300.0]]),
        service_s=np.array([300]),
        opens=np.array([0]),
        closes=np.array([86_400]),
        visits_per_day=np.array([1.0]),
    )
    return replace(territory, emergency_units=units, responders=responders, places=places)


def nine_grids(territory):
    """Nine square grids of 2 x 2 blocks, g0 in the south-west corner, counted row by row."""
    row, col = np.divmod(np.arange(36), 6)
    return plan_of(territory, row // 2 * 3 + col // 2)


class OneMap(Map):
    """The addresses of an application: compiling them is nearly all it costs to make one, so all tests share them."""

    def add(self, rulefactory):
        """Compile a rule that no application added before."""
        key = rulefactory.rule, rulefactory.endpoint, frozenset(rulefactory.methods)
        if key not in vars(self).setdefault("known", set()):
            self.known.add(key)
            super().add(rulefactory)


@pytest.fixture(scope="session", autouse=True)
def addresses():
    """Applications of one process have one map of addresses."""
    one = OneMap()
    LeanFlask.url_map_class = staticmethod(lambda host_matching: one)
    yield one
    del LeanFlask.url_map_class


@pytest.fixture
def store():
    territory = town()
    kept = MemoryStore(territory)
    kept.save_plan(nine_grids(territory), id="main", created=NOW)
    kept.publish("main", 1)
    return kept


@pytest.fixture(scope="session")
def hand():
    """One computing process for all tests: it takes a second to start."""
    computing = Hand(4096)
    yield computing
    computing.close()


@pytest.fixture
def app(store, hand):
    return create_app(Settings(max_items=100, max_points=50, max_body=100_000, max_seconds=5), store, hand)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def lonlat():
    """Longitude and latitude of a point given in metres from the corner of the town."""
    globe = Globe(CRS)
    return lambda x, y: globe.point(ORIGIN[0] + x, ORIGIN[1] + y)
