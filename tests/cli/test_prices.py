"""Prices from the command line."""

import pytest

from gridgeo.cli.prices import names, with_prices
from gridgeo.core.partition import PlanParams
from gridgeo.errors import InputError


def test_every_named_price_can_be_set():
    """Each name the hint lists is taken, and changes the parameters."""
    known = names(PlanParams())
    assert len(known) > 5
    for name in known:
        assert with_prices(PlanParams(), (f"{name}=7",)) != PlanParams()


@pytest.mark.parametrize(
    "text", ["walking", "walking=far", "border=1", "border.sea=1", "=", "walking=-1", "work.visit=nan"]
)
def test_what_is_no_price_is_refused(text):
    """Unknown names, missing or bad numbers are input errors."""
    with pytest.raises(InputError):
        with_prices(PlanParams(), (text,))
