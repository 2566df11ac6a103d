"""Long work beside the server: verbs computed in a process of their own, and the book of jobs."""

from gridgeo.web.computing.book import Job, JobBook
from gridgeo.web.computing.desk import JobDesk, Order
from gridgeo.web.computing.hand import Hand
from gridgeo.web.computing.verbs import Done, World

__all__ = ["Done", "Hand", "Job", "JobBook", "JobDesk", "Order", "World"]
