from __future__ import annotations

import hashlib

import pytest

from gridgeo.errors import InputError, NotFoundError
from gridgeo.keys import BOOK, Key, KeyRing, Refusal, Role
from gridgeo.store import MemoryStore
from tests.instances import lattice

NOON = "2026-11-21T12:00:00Z"


@pytest.fixture
def store():
    return MemoryStore(lattice(1, 1))


@pytest.fixture
def ring(store):
    return KeyRing(store)


def test_secret_is_256_bits_and_kept_as_hash(store, ring):
    """The text holds 256 random bits; the store holds its SHA-256 and nothing of the text."""
    _, text = ring.add(Role.VIEWER, when=NOON)
    assert len(text.split("_", 3)[3]) == 43  # 32 bytes in base64
    kept = "".join(store.entries(BOOK))
    assert hashlib.sha256(text.encode()).hexdigest() in kept
    assert text.split("_", 3)[3] not in kept


def test_key_opens(ring):
    """A key shown again is known with its role and label."""
    key, text = ring.add(Role.PATROL, when=NOON, label="car 7")
    found = ring.examine(text, when=NOON)
    assert (found.id, found.role, found.label) == (key.id, Role.PATROL, "car 7")


def test_keys_differ(ring):
    """No two keys are alike, in id or text."""
    made = [ring.add(Role.VIEWER, when=NOON) for _ in range(50)]
    assert len({key.id for key, _ in made}) == len({text for _, text in made}) == 50


@pytest.mark.parametrize("wrong", ["", "x", "gg_a_b_c", "gg___", "村", "\udc80", "a_b_c_d_e"])
def test_wrong_texts_are_unknown_or_foreign(ring, wrong):
    """Whatever is shown instead of a key opens nothing and raises nothing."""
    ring.add(Role.ADMIN, when=NOON)
    assert ring.examine(wrong, when=NOON) in (Refusal.UNKNOWN, Refusal.FOREIGN)


def test_every_letter_counts(ring):
    """A key with one letter changed opens nothing."""
    _, text = ring.add(Role.ADMIN, when=NOON)
    for place in range(len(text)):
        wrong = text[:place] + ("a" if text[place] != "a" else "b") + text[place + 1 :]
        assert ring.examine(wrong, when=NOON) in (Refusal.UNKNOWN, Refusal.FOREIGN)


def test_key_of_another_project_is_foreign(ring):
    """A key made for another project opens nothing here, and is told as such."""
    _, text = KeyRing(MemoryStore(lattice(1, 1))).add(Role.ADMIN, when=NOON)
    assert ring.examine(text, when=NOON) is Refusal.FOREIGN


def test_expiry(ring):
    """A key opens until the moment it expires."""
    _, text = ring.add(Role.VIEWER, when=NOON, expires="2026-11-22T12:00:00Z")
    assert isinstance(ring.examine(text, when="2026-11-22T11:59:59Z"), Key)
    assert ring.examine(text, when="2026-11-22T12:00:00Z") is Refusal.EXPIRED


def test_expiry_lies_ahead(ring):
    """A key that would never open is refused, and one whose expiry is no time."""
    for wrong in (NOON, "2026-11-20", "soon"):
        with pytest.raises(InputError):
            ring.add(Role.VIEWER, when=NOON, expires=wrong)
    assert ring.keys() == ()


def test_revoked_key_is_refused_everywhere(store, ring):
    """A key revoked through one ring is refused by every ring of the store at once; the moment stays."""
    key, text = ring.add(Role.PLANNER, when=NOON)
    other = KeyRing(store)
    assert other.examine(text, when=NOON).id == key.id
    assert ring.revoke(key.id, when=NOON).revoked == NOON
    assert other.examine(text, when=NOON) is Refusal.REVOKED
    assert other.revoke(key.id, when="2026-11-22T12:00:00Z").revoked == NOON


def test_unknown_key_cannot_be_revoked(ring):
    """Revoking what does not exist is told."""
    with pytest.raises(NotFoundError):
        ring.revoke("0badc0de", when=NOON)


def test_use_is_noted_once_a_day(store, ring):
    """The last day of use is kept, at most one entry a day; a clock set back notes nothing."""
    key, text = ring.add(Role.VIEWER, when=NOON)
    assert key.last_used == ""
    for moment in ("21T12:00:00", "21T12:00:01", "21T23:59:59", "22T00:00:00", "22T18:00:00", "21T19:00:00"):
        ring.examine(text, when=f"2026-11-{moment}Z")
    assert len(store.entries(BOOK)) == 3
    assert KeyRing(store).key(key.id).last_used == "2026-11-22T00:00:00Z"


def test_a_refused_use_is_not_noted(store, ring):
    """A wrong secret leaves no trace of use."""
    _, text = ring.add(Role.VIEWER, when=NOON)
    ring.examine(text + "x", when=NOON)
    assert len(store.entries(BOOK)) == 1


def test_roles_are_ordered():
    """Each role may do what the ones before it may."""
    assert Role.VIEWER < Role.PATROL < Role.PLANNER < Role.ADMIN
