"""Random numbers as a value: a stream is one counter in an array, so that equal seeds give equal plans anywhere.

The generator is splitmix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195).
"""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.compiled import inner

Stream = NDArray[np.uint64]

STEP = np.uint64(0x9E3779B97F4A7C15)
MULTIPLY_1 = np.uint64(0xBF58476D1CE4E5B9)
MULTIPLY_2 = np.uint64(0x94D049BB133111EB)
S27, S30, S31, S11 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(11)


@inner
def scramble(value: Any) -> Any:
    """Mix a 64-bit number so that near inputs give unlike outputs."""
    z = np.uint64(value)
    z = (z ^ (z >> S30)) * MULTIPLY_1
    z = (z ^ (z >> S27)) * MULTIPLY_2
    return z ^ (z >> S31)


@inner
def uniform(stream: Stream) -> float:
    """Next number of the stream, uniform in [0, 1)."""
    stream[0] += STEP
    return (scramble(stream[0]) >> S11) * (1.0 / 9007199254740992.0)


@inner
def below(stream: Stream, n: int) -> int:
    """Next whole number of the stream, uniform in 0..n-1."""
    return int(uniform(stream) * n)


def stream_of(rng_seed: int, *words: str) -> Stream:
    """Stream that depends on the seed and on names, never on the order of work.

    >>> bool(stream_of(1, "a")[0] == stream_of(1, "a")[0]), bool(stream_of(1, "a")[0] == stream_of(1, "b")[0])
    (True, False)
    """
    from hashlib import sha256

    text = "\n".join([str(rng_seed), *words]).encode()
    return np.frombuffer(sha256(text).digest()[:8], dtype="<u8").astype(np.uint64)
