"""Processes forked from one that has imported the program already: a second or two less for each."""

import multiprocessing
import os

FORKS = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
FORKS.set_forkserver_preload(["app.web.main", "app.cli.main"])
