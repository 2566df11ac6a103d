"""The job desk of one server process: what is asked for at once, and what waits its turn."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gridgeo.core.model import Stage
from gridgeo.errors import BackendError, GridgeoError
from gridgeo.ports import Store
from gridgeo.web.computing.book import OPEN, Job, JobBook
from gridgeo.web.computing.hand import Hand
from gridgeo.web.computing.place import Place
from gridgeo.web.computing.verbs import Done, World
from gridgeo.words import told

STEP = 5
"""Percent between two entries of progress."""
WAIT_S = 0.5
"""How long a dismissal waits for the best so far."""
LOOK_S = 0.1

_log = logging.getLogger("gridgeo.jobs")


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be computed: the verb, its inputs, the world at the moment it starts, and what becomes of it.

    `guest` orders, of keys that may not change plans, come after others and have a share of the jobs only. `keep`
    stores an answer and gives the document to show; it is told whether the work was cut short, and the transaction to
    store it in, None to open its own.
    """

    verb: str
    inputs: Any
    world: Callable[[], World]
    keep: Callable[[Done, bool, Store | None], dict[str, Any]]
    seconds: float
    by: str = ""
    guest: bool = False


class JobDesk:
    """Runs orders one at a time in a computing process.

    Parameters
    ----------
    book
        Where jobs are entered.
    hand
        The computing process.
    most
        Most jobs waiting and running.
    """

    def __init__(self, book: JobBook, hand: Hand, *, most: int) -> None:
        self.book = book
        self._hand = hand
        self._most = most
        self._waiting: deque[tuple[str, Order]] = deque()
        self._dismissed: set[str] = set()
        self._place = Place()
        self._change = threading.Condition()
        self._runner: threading.Thread | None = None
        self._closing = False

    def now(self, order: Order) -> dict[str, Any]:
        """Compute while the asker waits; who finds a guest at work waits for that too.

        Raises
        ------
        BusyError
            Another computation runs.
        GridgeoError
            What the verb raises.
        """
        with self._place.taken(guest=order.guest, wait_s=order.seconds):
            done = self._compute(order, lambda: not self._closing, lambda stage, share: None)
            return order.keep(done, False, None)

    def later(self, order: Order) -> Job:
        """Enter an order as a job.

        Raises
        ------
        FullError
            As many as are allowed wait or run.
        """
        job = self.book.accept(uuid.uuid4().hex, order.verb, order.by, self._most, guest=order.guest)
        with self._change:
            self._waiting.append((job.id, order))
            if self._runner is None or not self._runner.is_alive():
                self._runner = threading.Thread(target=self._run, name="jobs", daemon=True)
                self._runner.start()
            self._change.notify_all()
        return job

    def dismiss(self, id: str) -> Job:
        """End a job, whoever computes it; the best so far is kept where there is one.

        Answers within a second: a job that takes longer to hand over its best does so afterwards.

        Raises
        ------
        JobError
            There is no such job.
        """
        job = self.book.job(id)
        if job.state not in OPEN:
            if job.state != "dismissed":
                self.book.write(id, "dismissed", message=f"it was {job.state}")
            return self.book.job(id)
        self.book.write(id, "dismiss")
        with self._change:
            self._dismissed.add(id)
            self._change.notify_all()
            end = time.monotonic() + WAIT_S
            while self.book.job(id).state in OPEN and (left := end - time.monotonic()) > 0:
                self._change.wait(min(left, LOOK_S))  # another process of the service may compute it
        return self.book.job(id)

    def close(self) -> None:
        """End what runs; jobs not done say so to whoever asks for them."""
        self._closing = True
        self._hand.close()
        with self._change:
            waiting, self._waiting = [id for id, _ in self._waiting], deque()
        for id in waiting:
            self.book.write(id, "failed", message="the service was stopped; send it again")

    def _compute(self, order: Order, wanted: Callable[[], bool], progress: Callable[[str, float], None]) -> Done:
        return self._hand.run(
            order.verb, order.world(), order.inputs, seconds=order.seconds, wanted=wanted, progress=progress
        )

    def _run(self) -> None:
        """The runner: one job after the other until none waits."""
        while True:
            with self._change:
                if not self._waiting:
                    self._runner = None
                    return
                id, order = self._waiting.popleft()
            with self._place.taken(guest=False, wait_s=None):
                self._do(id, order)
            with self._change:
                self._dismissed.discard(id)
                self._change.notify_all()

    def _do(self, id: str, order: Order) -> None:
        """One job to its end; where even that cannot be entered, it is told when the store can be reached again."""
        try:
            if self._unwanted(id):
                self.book.write(id, "dismissed", message="before it began")
            else:
                self._job(id, order)
        except BackendError as error:
            _log.error("job %s ended and could not be entered: %s", id, error)

    def _job(self, id: str, order: Order) -> None:
        """Compute one job, and enter how it ended."""
        try:
            self.book.write(id, "running")
            done = self._compute(order, lambda: not self._unwanted(id), _Steps(self.book, id))
            cut = self._unwanted(id)
            self.book.conclude(id, "dismissed" if cut else "successful", lambda store: order.keep(done, cut, store))
        except GridgeoError as error:
            if self._unwanted(id):
                self.book.write(id, "dismissed", message=str(error))
            else:
                self.book.write(id, "failed", message=str(error), code=error.code)
        except Exception as error:
            incident = uuid.uuid4().hex
            _log.error("job %s failed: id=%s", id, incident, exc_info=error)
            self.book.write(id, "failed", message=f"the server failed; its log has the cause under {incident}")

    def _unwanted(self, id: str) -> bool:
        """Whether a job was dismissed, here or by another process of the service."""
        return self._closing or id in self._dismissed or self.book.job(id).asked


class _Steps:
    """Progress into the book, in steps of some percent of one stage."""

    def __init__(self, book: JobBook, id: str) -> None:
        self._book = book
        self._id = id
        self._last = ("", 0)

    def __call__(self, stage: str, share: float) -> None:
        """Enter the progress where it is news."""
        step = int(share * 100) // STEP * STEP
        if (stage, step) > self._last or stage != self._last[0]:
            self._last = (stage, step)
            self._book.write(
                self._id,
                "progress",
                percent=min(step, 99),
                message=f"{stage}: {told(stage.done)}" if isinstance(stage, Stage) else stage,
            )
