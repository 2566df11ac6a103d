"""Network addresses: which are this machine's own."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address


@lru_cache(maxsize=1024)  # asked on every request, mostly of few addresses
def local(address: str) -> bool:
    """Whether an address is this machine's own; a socket file has none.

    >>> local("127.0.0.1"), local("::1"), local("192.0.2.7"), local("")
    (True, True, False, True)
    """
    try:
        return not address or ip_address(address).is_loopback
    except ValueError:
        return False
