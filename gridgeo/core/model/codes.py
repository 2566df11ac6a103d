"""Code schemes: how a grid's code is made of its community's and a serial number."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from gridgeo.errors import InfeasibleError, InputError


class CodeScheme(Protocol):
    """How codes of grids are made; any object with these two methods will do."""

    def code(self, community: str, serial: int) -> str:
        """Code of the grid of a serial number from 1 in a community ("" for none).

        Raises
        ------
        InputError
            The community's code does not fit the scheme.
        InfeasibleError
            The scheme has no such serial number.
        """
        ...

    def community(self, code: str) -> str:
        """Community a code was made for, "" when it is not of this scheme."""
        ...


@dataclass(frozen=True)
class Serial:
    """Community code, then a serial number of fixed width.

    Parameters
    ----------
    name
        What the scheme is called.
    prefix
        Digits of the community's code, 0 for any code: a code of 12 digits then takes the serial as it is, others
        after a dash, and grids of no community are coded G and the serial.
    digits
        Digits of the serial number; a scheme for any community lets it grow longer.
    middle
        Text between the two.

    Examples
    --------
    >>> [Serial().code(community, 7) for community in ("110101001001", "A1", "")]
    ['110101001001007', 'A1-007', 'G007']
    >>> scheme_of("20").code("110101001001", 7)
    '11010100100100000007'
    """

    name: str = "default"
    prefix: int = 0
    digits: int = 3
    middle: str = ""

    def code(self, community: str, serial: int) -> str:
        """See `CodeScheme`."""
        number = f"{serial:0{self.digits}d}"
        if self.prefix:
            if len(number) > self.digits:
                raise InfeasibleError(
                    f"community {community} has more grids than {self.digits} digits count", where=community,
                    hint="choose a scheme with a longer serial", proof={"serial": serial, "digits": self.digits},
                )  # fmt: skip
            if not re.fullmatch(rf"[0-9]{{{self.prefix}}}", community):
                raise InputError(
                    f"code scheme {self.name} needs community codes of {self.prefix} digits, not {community!r}",
                    where="codes", hint="choose the default scheme, or correct the codes",
                )  # fmt: skip
            return f"{community}{self.middle}{number}"
        if not community:
            return f"G{number}"
        joint = self.middle or ("" if re.fullmatch(r"[0-9]{12}", community) else "-")
        return f"{community}{joint}{number}"

    def community(self, code: str) -> str:
        """See `CodeScheme`."""
        found = re.fullmatch(rf"(.*?){re.escape(self.middle)}-?([0-9]{{{self.digits},}})", code)
        if found is None or (self.prefix and not re.fullmatch(rf"[0-9]{{{self.prefix}}}", found[1])):
            return ""
        return "" if found[1] == "G" and not self.prefix else found[1]


SCHEMES: dict[str, CodeScheme] = {
    "default": Serial(),
    "15": Serial("15", 12, 3),
    "20": Serial("20", 12, 8),
}
"""Schemes by name. 15: county 6, subdistrict 3, community 3, grid 3. 20: the same community code, then 8 digits."""


def scheme_of(text: str) -> CodeScheme:
    """The scheme of a name, or a pattern such as "{community}-{serial:04}" or "{community:12}{serial:03}".

    Raises
    ------
    InputError
        It is neither.

    Examples
    --------
    >>> scheme_of("{community}W{serial:02}").code("A1", 7)
    'A1W07'
    """
    if text in SCHEMES:
        return SCHEMES[text]
    found = re.fullmatch(r"\{community(?::([0-9]+))?\}([^{}0-9]*)\{serial:0([1-9])\}", text)
    if found is None:
        raise InputError(
            f"code scheme is {text!r}", where="codes",
            hint=f"one of {', '.join(SCHEMES)}, or a pattern like {{community}}-{{serial:03}}",
        )  # fmt: skip
    return Serial(text, int(found[1] or 0), int(found[3]), found[2])


def next_code(scheme: CodeScheme, community: str, used: Collection[str]) -> str:
    """First code of a community that was never used.

    >>> next_code(scheme_of("default"), "A1", {"A1-001", "A1-003"})
    'A1-002'
    """
    return next(code for serial in count(1) if (code := scheme.code(community, serial)) not in used)
