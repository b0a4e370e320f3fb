"""Servers of the workbench in processes of their own, forked from one that has imported it already."""

import os
import socket
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.forks import FORKS

START_S = 600


class Server:
    """A server on a free port, which stays the same when it is killed and started again."""

    def __init__(self, folder, plan, **options):
        self.folder, self.plan, self.options = folder, plan, options
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self):
        """Start it and wait until it answers."""
        with tempfile.NamedTemporaryFile("w", suffix=".log", delete=False) as log:
            self.log = Path(log.name)
        environment = dict(os.environ)  # as it is now: the forked process has the one of its parent
        arguments = (str(self.log), environment, self.folder, self.plan, self.port, self.options)
        self.process = FORKS.Process(target=_serve, args=arguments)
        self.process.start()
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            assert self.process.is_alive(), self.log.read_text(encoding="utf-8")
            try:
                urllib.request.urlopen(f"{self.address}/_favicon.ico", timeout=2).close()
            except OSError:
                time.sleep(0.05)
            else:
                return self
        raise AssertionError("the server did not start within ten minutes")

    def end(self):
        """Ask it to end, and wait until it did."""
        self.process.terminate()
        self._is_gone()

    def kill(self):
        """End it at once, as a power cut does."""
        self.process.kill()
        self._is_gone()

    def _is_gone(self):
        self.process.join(60)  # on a busy machine a city takes its time to end
        assert not self.process.is_alive(), "the server did not end within a minute"
        self.log.unlink(missing_ok=True)


def _serve(log, environment, folder, plan, port, options):
    os.environ.clear()
    os.environ.update(environment)
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, 2)
    from app.desks.plans import run_manager
    from app.maps import buildings
    from app.planning import child
    from app.web.main import serve

    buildings.MOST_AS_GEOJSON = options.pop("most_as_geojson", buildings.MOST_AS_GEOJSON)
    run_manager.SECONDS = options.pop("seconds", run_manager.SECONDS)
    if options.pop("slow", False):
        child.MODULE = "tests.app.slow_planning"
    serve(folder, plan, port=port, **options)
