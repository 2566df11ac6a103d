"""Chinese of what errors say: the English sentence of the source is the key, {} stands for its facts in order."""

from __future__ import annotations

from gridgeo.words.chinese.core import CORE
from gridgeo.words.chinese.files import FILES
from gridgeo.words.chinese.foreign import FOREIGN
from gridgeo.words.chinese.terminal import TERMINAL
from gridgeo.words.chinese.web import WEB

CHINESE: dict[str, str] = CORE | FILES | TERMINAL | WEB | FOREIGN
