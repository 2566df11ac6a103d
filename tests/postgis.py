"""A PostgreSQL server with PostGIS for tests: Debian's programs, a folder of its own, loopback, a free port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path

import pytest

USER = "gridgeo"


def programs() -> Path | None:
    """Folder of the newest PostgreSQL that has PostGIS, None when there is none."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        version = folder.parent.name
        if Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists():
            return folder
    return None


def why_not() -> str:
    """Reason why no server can be started here, "" when one can."""
    if programs() is None:
        return "no PostgreSQL with PostGIS: apt-get install postgresql postgis"
    if os.geteuid() == 0 and (shutil.which("runuser") is None or _postgres() is None):
        return "PostgreSQL does not run as root, and there is no user postgres"
    return ""


def _postgres() -> tuple[int, int] | None:
    import pwd

    try:
        found = pwd.getpwnam("postgres")
    except KeyError:
        return None
    return found.pw_uid, found.pw_gid


class Server:
    """One server; `url()` names a schema of its own in it."""

    def __init__(self) -> None:
        reason = why_not()
        if reason:
            pytest.skip(reason)
        self.bin = programs()
        self.folder = Path(tempfile.mkdtemp(prefix="gridgeo-pg-"))
        if os.geteuid() == 0:
            os.chown(self.folder, *_postgres())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        data = ("-D", str(self.folder / "data"))
        self._run("initdb", *data, "-U", USER, "--auth=trust", "--locale=C.UTF-8", "--no-sync")
        with (self.folder / "data" / "postgresql.conf").open("a") as conf:
            conf.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = ''\n")
            conf.write("max_connections = 40\nshared_buffers = 64MB\n")
        self.start()
        self.sql("CREATE EXTENSION postgis")

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-l", str(self.folder / "log"), "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop; "immediate" is a crash."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", mode, "-w", "stop")

    def close(self) -> None:
        """Stop and remove everything."""
        self.stop("immediate")
        shutil.rmtree(self.folder)

    def address(self) -> str:
        """Address of the database."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"

    def url(self) -> str:
        """Address of a project nobody else uses."""
        return f"{self.address()}?schema=town_{uuid.uuid4().hex[:12]}"

    def sql(self, text: str, *values: object) -> list[tuple]:
        """Run one statement as the owner of everything."""
        import psycopg

        with psycopg.connect(self.address(), autocommit=True) as db:
            cursor = db.execute(text, values or None)
            return cursor.fetchall() if cursor.description else []

    def cut(self) -> int:
        """End every other connection, as an administrator does; gives their number."""
        ended = self.sql(
            "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity"  # waits until each is gone
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return len(ended)

    def _run(self, program: str, *words: str) -> None:
        command = [str(self.bin / program), *words]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode(errors='replace')}")
