from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridgeo.web.body import read_json
from gridgeo.web.faults import RequestFault

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(plain)
def test_reads_what_json_writes(value):
    """Every value the standard library writes as strict JSON comes back equal."""
    assert read_json(json.dumps(value).encode(), max_depth=64) == value


@pytest.mark.parametrize(
    ("body", "at"),
    [
        (b'{"a": NaN}', "#/a"),
        (b'{"a": [1, -Infinity]}', "#/a/1"),
        (b'{"a": {"b/c": 1e999}}', "#/a/b~1c"),
        (b'{"a": 1, "a": 2}', "#/a"),
        (b'{"x": [{"k": 1, "k": 1}]}', "#/x/0/k"),
        (b'{"a": "\\ud800"}', "#/a"),
        (b'{"a": 123456789012345678901234567890}', "#/a"),
        (b"\xff\xfe{}", "#"),
        (b"", "#"),
        (b"{", "#"),
        (b"[" * 100_000, "#"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "#"),
    ],
)
def test_refuses_with_a_pointer(body, at):
    """What two readers could take differently is refused, and the pointer leads to it."""
    with pytest.raises(RequestFault) as caught:
        read_json(body, max_depth=32)
    assert caught.value.part == {"pointer": at}


def test_brackets_in_text_do_not_nest():
    """Brackets inside strings are text, however many there are."""
    body = json.dumps({"a": '[{"' * 100}).encode()
    assert read_json(body, max_depth=4)["a"] == '[{"' * 100


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body):
    """No bytes make the reader fail in any other way than a fault with a pointer."""
    try:
        read_json(body, max_depth=8)
    except RequestFault as fault:
        assert fault.part["pointer"].startswith("#")
