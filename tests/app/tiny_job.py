"""A job that does what its request says: end well, go on until asked to stop, take memory, crash."""

import os
import sys
import time
from pathlib import Path

from app.jobs.folder import JobFolder

if __name__ == "__main__":
    job = JobFolder(Path(sys.argv[1]))
    what = job.request()["what"]
    job.write("progress.json", {"begun": time.monotonic()})
    if what == "crash":
        os.abort()
    held = bytearray(400_000_000) if what == "memory" else b""
    for at in range(0, len(held), 4096):
        held[at] = 1
    while what != "well" and not (what == "stops" and job.is_stop_asked()):
        time.sleep(0.02)
    job.write("result.json", {"well": True})
