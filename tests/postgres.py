"""A PostgreSQL of our own, reached by a private socket, for tests and for whoever kills it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path


def find_tools():
    """The folder of its programs; None where it is not installed."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return programs[-1].parent if programs else None


class PostgreSQL:
    """A server with its data in a temporary folder; started at once."""

    def __init__(self):
        self.tools = find_tools()
        self.place = Path(tempfile.mkdtemp(prefix="pg-"))
        self._who = {"user": "postgres", "cwd": "/"} if os.geteuid() == 0 else {}
        if self._who:
            shutil.chown(self.place, "postgres", "postgres")
        self.data = self.place / "data"
        options = ("-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-U", "pianqu")
        self._run("initdb", "-D", self.data, *options)
        self.start()

    @property
    def url(self):
        return f"postgresql://pianqu@/postgres?host={self.place}"

    def start(self):
        """Start it; after a kill what it had begun is undone or done first."""
        options = f"-k {self.place} -c listen_addresses="
        self._run("pg_ctl", "-D", self.data, "-o", options, "-l", self.place / "log", "-w", "start")

    def kill(self):
        """End it at once with all its processes, as a power cut does."""
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        with_parent = subprocess.run(["ps", "-o", "pid=", "--ppid", str(first)], capture_output=True, text=True)
        for pid in (first, *map(int, with_parent.stdout.split())):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        while Path(f"/proc/{first}").exists():
            time.sleep(0.01)

    def remove(self):
        """End it and remove its data."""
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.place)

    def _run(self, program, *arguments):
        command = [self.tools / program, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._who)
        assert done.returncode == 0, done.stderr + done.stdout
