"""Edits by hand: a log of commands on a plan, each checked where it touches, undone and done again at will."""

from gridgeo.core.edit.codec import edit_from, edit_to, edits_from
from gridgeo.core.edit.commands import Edit, FixRest, Lock, Merge, Move, NewGrid, Rename, Split, Unlock
from gridgeo.core.edit.desk import EditDesk, GridEdit, Outcome, Step, apply_all, replay
from gridgeo.core.edit.history import History, history_from, history_text, taken_back
from gridgeo.core.edit.merge import Conflict, Merged, diff, merge_plans
from gridgeo.core.edit.redraw import EditParams
from gridgeo.core.edit.sheet import Record

__all__ = [
    "Conflict",
    "Edit",
    "EditDesk",
    "EditParams",
    "FixRest",
    "GridEdit",
    "History",
    "Lock",
    "Merge",
    "Merged",
    "Move",
    "NewGrid",
    "Outcome",
    "Record",
    "Rename",
    "Split",
    "Step",
    "Unlock",
    "apply_all",
    "diff",
    "edit_from",
    "edit_to",
    "edits_from",
    "history_from",
    "history_text",
    "merge_plans",
    "replay",
    "taken_back",
]
