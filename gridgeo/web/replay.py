"""Answers given once: a request repeated under the same key gets the bytes of the first answer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256

from gridgeo.web.problems import RequestFault

KEPT = 10_000
LONGEST_KEY = 200


class Replay:
    """The last answers by key, the oldest let go first.

    One key, one answer: whoever comes with a key whose answer is being worked out waits for it.

    Parameters
    ----------
    kept
        Most answers kept.

    Examples
    --------
    >>> replay = Replay()
    >>> replay.once("k", b"where", lambda: b"first"), replay.once("k", b"where", lambda: b"second")
    ((b'first', False), (b'first', True))
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._answers: OrderedDict[str, tuple[bytes, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def once(self, key: str, request: bytes, answer: Callable[[], bytes]) -> tuple[bytes, bool]:
        """The answer of a key, and whether it was given before; errors are not kept.

        Raises
        ------
        RequestFault
            The key was used for another request.
        """
        digest = sha256(request).digest()
        with self._lock:
            known = self._answers.get(key)
            if known is None:
                known = self._answers[key] = digest, answer()
                if len(self._answers) > self._kept:
                    self._answers.popitem(last=False)
                return known[1], False
        if known[0] != digest:
            hint = "send a new key with a new alarm"
            raise RequestFault(
                "this Idempotency-Key was used for another request", parameter="Idempotency-Key", hint=hint
            )
        return known[1], True


def check_key(key: str) -> None:
    """Refuse keys that are too long or hold other than visible ASCII.

    Raises
    ------
    RequestFault
        The key cannot be used.
    """
    if len(key) > LONGEST_KEY or not all("!" <= letter <= "~" for letter in key):
        what = f"an Idempotency-Key is 1 to {LONGEST_KEY} visible ASCII characters"
        raise RequestFault(what, parameter="Idempotency-Key")
