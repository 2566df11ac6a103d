from __future__ import annotations

import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridgeo.audit import BOOK, AuditLog, verify
from gridgeo.errors import BackendError, InputError
from gridgeo.store import MemoryStore
from tests.instances import lattice

NOON = "2026-11-21T12:00:00Z"
SIX = 6


def log_of(count: int) -> tuple[MemoryStore, AuditLog]:
    store = MemoryStore(lattice(1, 1))
    log = AuditLog(store)
    for n in range(count):
        log.write(when=NOON, who="local", what="publish", where=f"main@{n}", outcome="200", request=f"r{n}")
    return store, log


def kinds(texts) -> set[str]:
    return {notice.kind for notice in verify(texts)}


def test_entries_come_back():
    """What was written is read again, in order, with its links."""
    _, log = log_of(3)
    entries = log.read()
    assert [entry.where for entry in entries] == ["main@0", "main@1", "main@2"]
    assert [entry.previous for entry in entries[1:]] == [entry.digest for entry in entries[:-1]]
    assert log.read(2) == entries[2:] and log.head == entries[-1].digest


def test_untouched_log_verifies():
    """A log nobody touched has no breaks; neither has one that is empty."""
    assert log_of(SIX)[1].verify() == () and log_of(0)[1].verify() == ()


@given(place=st.integers(0, SIX - 1), field=st.sampled_from(["who", "what", "where", "when", "outcome", "request"]))
def test_edited_entry_is_found(place, field):
    """Any field edited in any entry is found, and the entry is named."""
    texts = list(log_of(SIX)[0].entries(BOOK))
    told = json.loads(texts[place])
    texts[place] = json.dumps(told | {field: told[field] + "1"}, sort_keys=True, separators=(",", ":"))
    found = verify(texts)
    assert [(notice.kind, notice.facts["entry"]) for notice in found] == [("audit-edited", place + 1)]


@given(place=st.integers(0, SIX - 2))
def test_entry_edited_with_its_hash_is_found(place):
    """An entry edited together with its own hash breaks the link of the next one."""
    store, _ = log_of(place)
    forged = AuditLog(store).write(when=NOON, who="local", what="nothing")
    texts = list(log_of(SIX)[0].entries(BOOK))
    texts[place] = store.entries(BOOK)[-1]
    assert forged.position == place + 1 and kinds(texts) == {"audit-edited"}


@given(place=st.integers(0, SIX - 2))
def test_removed_entry_is_found(place):
    """Any entry removed before the last is found."""
    texts = list(log_of(SIX)[0].entries(BOOK))
    del texts[place]
    assert kinds(texts) == {"audit-missing"}


@given(places=st.tuples(st.integers(0, SIX - 1), st.integers(0, SIX - 1)).filter(lambda p: p[0] != p[1]))
def test_reordered_entries_are_found(places):
    """Any two entries changed about are found."""
    texts = list(log_of(SIX)[0].entries(BOOK))
    a, b = places
    texts[a], texts[b] = texts[b], texts[a]
    assert "audit-order" in kinds(texts)


def test_doubled_entry_is_found():
    """An entry written twice is found."""
    texts = list(log_of(SIX)[0].entries(BOOK))
    assert kinds([*texts[:3], *texts[2:]]) == {"audit-order"}


def test_cut_end_shows_against_a_noted_head():
    """A log cut off at the end holds the noted head no more; one that only grew still does."""
    store, log = log_of(SIX)
    head = log.head
    log.write(when=NOON, who="local", what="publish")
    assert log.verify(head=head) == ()
    assert {notice.kind for notice in verify(store.entries(BOOK)[:4], head=head)} == {"audit-cut"}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"position": "1"}', "1", "[" * 5000])
def test_what_is_no_entry_is_found(text):
    """Text that is no entry is told, not raised."""
    texts = list(log_of(2)[0].entries(BOOK))
    assert kinds([texts[0], text, texts[1]]) >= {"audit-edited"}


def test_reading_an_edited_log_is_told():
    """A log with an entry that cannot be read is a backend error with a hint."""
    store, log = log_of(1)
    store.append(BOOK, "nonsense")
    with pytest.raises(BackendError):
        log.read()


@pytest.mark.parametrize("gone", [1, 3])
def test_what_was_found_whole_is_not_read_again(gone):
    """Only what was written since is verified; an end that was cut off or rewritten has all of it verified again."""
    store, log = log_of(SIX)
    asked = []
    plain, store.entries = store.entries, lambda book, since=0, *more: asked.append(since) or plain(book, since, *more)
    assert log.verify_on() == log.verify_on() == ()
    log.write(when=NOON, who="local", what="publish")
    asked.clear()
    assert log.verify_on() == () and asked == [SIX - 1]
    book = store._books[BOOK]
    book.append(book[-1])
    assert [(notice.kind, notice.facts["entry"]) for notice in log.verify_on()] == [("audit-order", SIX + 2)]
    assert log.verify_on() != ()
    del book[-1 - gone :]
    assert {notice.kind for notice in log.verify_on()} == {"audit-cut"}


def test_breaks_at_every_place_are_found_on_the_way():
    """An entry edited after the last good end is found under its own number, whatever came before."""
    for place in range(2, SIX):
        store, log = log_of(2)
        assert log.verify_on() == ()
        for n in range(2, SIX):
            log.write(when=NOON, who="local", what="edit", where=f"main@{n}")
        book = store._books[BOOK]
        book[place] = book[place].replace("edit", "undo")
        found = log.verify_on()
        assert found == log.verify() and [notice.facts["entry"] for notice in found] == [place + 1]


def test_a_page_is_no_more_than_asked():
    """Reading stops after the entries asked for."""
    _, log = log_of(SIX)
    assert [entry.position for entry in log.read(2, 3)] == [3, 4, 5]


def test_time_must_be_one():
    """An entry without a time is refused."""
    with pytest.raises(InputError):
        log_of(0)[1].write(when="", who="local", what="publish")


def test_writers_share_one_chain():
    """Several logs over one store, in several threads, write one unbroken chain."""
    store, _ = log_of(0)

    def write():
        log = AuditLog(store)
        for n in range(20):
            log.write(when=NOON, who="local", what="edit", where=str(n))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.entries(BOOK)) == 80 and verify(store.entries(BOOK)) == ()
