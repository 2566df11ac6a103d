from __future__ import annotations

from dataclasses import replace

from gridgeo.core.model import Territory
from gridgeo.settings import Settings
from gridgeo.store import MemoryStore
from gridgeo.web import warm
from gridgeo.web.app import create_app
from tests.web.conftest import town


def test_what_is_slow_at_first_is_worked_out(app):
    """After warming, the proof, the desk and the grids are there before anybody asks."""
    site = app.extensions["gridgeo"]
    assert not site.state().proven
    thread = warm.start(site)
    thread.join(60)
    assert site.state().proven and "desk" in vars(site.state()) and "grids" in site.state()._features


def test_nothing_to_work_out_is_no_failure():
    """A territory without plan, responders and units warms in peace."""
    land: Territory = town()
    empty = replace(land, responders=land.responders.take([]), emergency_units=land.emergency_units.take([]))
    app = create_app(Settings(), MemoryStore(empty))
    thread = warm.start(app.extensions["gridgeo"])
    thread.join(60)
    assert not thread.is_alive()
    assert app.test_client().get("/collections").status_code == 200
