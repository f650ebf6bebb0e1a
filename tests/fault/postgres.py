# SPDX-License-Identifier: EUPL-1.2
"""A PostgreSQL server of the rig's own, that may be killed.

In a temporary directory, reached through a unix socket only. PostgreSQL refuses to run as root:
then it runs as the user postgres.
"""

import glob
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

SECONDS = 60


def find_programs():
    """The newest server's directory of programs, or None."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    return str(Path(found[-1]).parent) if found else None


class Postgres:
    def __init__(self, programs):
        self.programs = programs
        self.base = tempfile.mkdtemp(prefix="chappe-fault-pg-")
        self.data = self.base + "/data"
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(self.base, "postgres")
        os.chmod(self.base, 0o711)
        self.run("initdb", "-D", self.data, "-U", "chappe", "-A", "trust", "-E", "UTF8",
                 "--locale=C.UTF-8")
        self.start()

    def run(self, program, *words, check=True):
        return subprocess.run([*self.user, f"{self.programs}/{program}", *words], cwd=self.base,
                              check=check, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=SECONDS).returncode

    def start(self):
        """After a kill the old server's children hold its memory for a moment: tried again."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self.base}"
        deadline = time.monotonic() + SECONDS
        while self.run("pg_ctl", "start", "-D", self.data, "-s", "-w", "-l", self.base + "/log",
                       "-o", options, check=False):
            if time.monotonic() > deadline:
                raise AssertionError(Path(self.base, "log").read_text()[-2000:])

    def kill(self):
        """kill -9 of the server; its children end when they see it."""
        pid = int(Path(self.data, "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

    def database(self, name):
        """The URI of a new database."""
        self.run("createdb", "-h", self.base, "-U", "chappe", name)
        return f"postgresql:///{name}?host={self.base}&user=chappe"

    def close(self):
        if os.path.exists(self.base):
            self.run("pg_ctl", "stop", "-D", self.data, "-m", "immediate", "-s", check=False)
        shutil.rmtree(self.base, ignore_errors=True)
