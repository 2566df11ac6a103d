"""The fault of a request, as whoever reads one tells it: a value, known without Flask."""

from __future__ import annotations

from gridgeo.errors import InputError


class RequestFault(InputError):
    """A part of a request that cannot be used.

    Parameters
    ----------
    message
        What is wrong with it.
    pointer
        JSON pointer into the body, as a fragment: "#/inputs/households/0".
    parameter
        Name of the query parameter.
    """

    code = "request"

    def __init__(self, message: str, *, pointer: str = "", parameter: str = "", hint: str = "") -> None:
        super().__init__(message, where=pointer or parameter, hint=hint)
        self.part = {"pointer": pointer} if pointer else {"parameter": parameter}
