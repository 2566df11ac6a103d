"""QR sheets, read as a phone reads them."""

from __future__ import annotations

from dataclasses import replace

from gridgeo.handover.qr import LONGEST, qr_matrix
from gridgeo.handover.qrsheet import qr_sheets
from tests.handover.conftest import codes, pages, words


def many(entries, count):
    """Entries of so many grids."""
    return [replace(entries[0], code=f"c{k}", address=f"https://town.example/map#grid=c{k}") for k in range(count)]


def test_every_code_can_be_read(entries, face):
    """Each grid has one card, twelve a sheet, and a phone reads its address from it."""
    found = pages(qr_sheets(many(entries, 14), face, name="Town"))
    assert [codes(page) for page in found] == [
        {f"https://town.example/map#grid=c{k}" for k in range(12)},
        {f"https://town.example/map#grid=c{k}" for k in (12, 13)},
    ]


def test_cards_speak_both_languages(entries, face):
    """A card says what to do in Chinese and in English, whatever language was asked for."""
    told = words(pages(qr_sheets(entries, face, name="Town"))[0])
    assert "扫码查看本网格地图" in told and "Scan to see this grid on the map" in told and "g3" in told


def test_same_grids_same_bytes(entries, face):
    """No day or hour is kept in the file."""
    assert qr_sheets(entries, face, name="Town") == qr_sheets(entries, face, name="Town")


def test_stopped_sheets_are_none(entries, face):
    """Nothing is made of sheets that are not finished."""
    assert qr_sheets(entries, face, name="Town", stop=lambda: True) is None


def test_a_code_is_square_and_cannot_be_changed():
    """A code is shared by book and sheet, so nobody may write into it."""
    dark = qr_matrix("http://town.example/")
    assert dark.shape[0] == dark.shape[1] and not dark.flags.writeable


def test_a_code_repairs_a_seventh():
    """No code is of a level that repairs less, however long its address."""
    import segno

    for length in (20, 100, LONGEST):
        text = "http://town.example/".ljust(length, "x")
        strong = segno.make(text, error="m", micro=False, boost_error=True)
        assert strong.error in "MQH" and len(qr_matrix(text)) == len(strong.matrix)
