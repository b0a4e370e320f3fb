"""Child processes that read files from outside, with limits of time, memory, size and GDAL drivers."""

from __future__ import annotations

import atexit
import json
import logging
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from geo.errors import PlanningError, UnreadableFileError, UsageError
from geo.messages import Sentence, join_names, load_catalogue
from geo.sandbox.python_child import child_environment, module_command

say = load_catalogue(__file__)

logger = logging.getLogger(__name__)

DRIVERS = ("ESRI Shapefile", "GeoJSON", "GPKG", "OpenFileGDB", "FlatGeobuf", "LIBKML", "KML", "DXF", "OSM")
"""The only GDAL drivers there are in the child."""

_OTHER_DRIVERS = (
    "MEM",
    "Memory",
    "PCIDSK",
    "PDS4",
    "VICAR",
    "PDF",
    "MBTiles",
    "EEDA",
    "OGCAPI",
    "GDALG",
    "VRT",
    "OGR_VRT",
    "MapInfo File",
    "LVBAG",
    "S57",
    "DGN",
    "CSV",
    "GML",
    "GMLAS",
    "GPX",
    "GeoJSONSeq",
    "ESRIJSON",
    "TopoJSON",
    "OGR_GMT",
    "SQLite",
    "WAsP",
    "GeoRSS",
    "VFK",
    "PGDUMP",
    "GPSBabel",
    "OGR_PDS",
    "WFS",
    "OAPIF",
    "EDIGEO",
    "Idrisi",
    "ODS",
    "XLSX",
    "XLS",
    "Elasticsearch",
    "Carto",
    "AmigoCloud",
    "SXF",
    "Selafin",
    "JML",
    "PLSCENES",
    "CSW",
    "VDV",
    "MVT",
    "NGW",
    "MapML",
    "GTFS",
    "PMTiles",
    "JSONFG",
    "MiraMonVector",
    "ADBC",
    "AVCBin",
    "AVCE00",
    "AIVector",
    "HTTP",
    "Parquet",
    "Arrow",
    "PostgreSQL",
    "MySQL",
    "MSSQLSpatial",
    "ODBC",
    "PGeo",
    "OCI",
    "HANA",
    "MongoDBv3",
    "netCDF",
    "HDF5",
    "XODR",
    "CAD",
    "DWG",
    "NAS",
    "Interlis 1",
    "Interlis 2",
    "SOSI",
    "TIGER",
    "UK .NTF",
    "SVG",
    "LIBPOSTGRESQL",
    "WMS",
    "WMTS",
    "WCS",
    "STACIT",
    "STACTA",
)

_GDAL = {
    "GDAL_DRIVER_PATH": "disable",  # no plug-ins
    "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",  # companions are looked up by name, folders not listed
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_NUM_THREADS": "1",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_PROXY": "127.0.0.1:9",  # should anything try after all, it gets nowhere
    "GDAL_HTTPS_PROXY": "127.0.0.1:9",
    "GDAL_HTTP_MAX_RETRY": "0",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
    "DXF_CLOSED_LINE_AS_POLYGON": "YES",
    "OGR_GEOJSON_MAX_OBJ_SIZE": "200",
}
_KEPT_ENVIRONMENT = (
    "PATH",
    "SYSTEMROOT",
    "WINDIR",
    "LANG",
    "LC_ALL",
    "TZ",
    "PROJ_DATA",
    "PROJ_LIB",
    "GDAL_DATA",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "CONDA_PREFIX",
    "VIRTUAL_ENV",
)
"""What the child sees of the environment: no key, no address, no name of a user."""

FORKS = sys.platform.startswith("linux")
"""Whether a child forks for each file. On Windows and macOS a child reads one file: about a second
for each, and of the limits only those of time and size hold there."""

_IDLE = 1
"""Children kept for the next file; each holds about 150 MB."""


@dataclass(frozen=True)
class ReadLimits:
    """What one file may cost while it is read.

    Parameters
    ----------
    file_mb
        Size of the file itself; of all its parts for a folder.
    memory_mb
        Memory the child may take beyond what it holds before it opens the file (Linux).
    cpu_s, wall_s
        Seconds of computing (not on Windows), seconds by the clock.
    written_mb
        Size of any one file the child writes (not on Windows).
    archive_members, archive_mb, archive_ratio
        Of a zip: number of files, unpacked size of all, unpacked over packed size.

    Examples
    --------
    >>> ReadLimits().archive_members
    200
    """

    file_mb: int = 1000
    memory_mb: int = 4000
    cpu_s: int = 600
    wall_s: int = 900
    written_mb: int = 2000
    archive_members: int = 200
    archive_mb: int = 500
    archive_ratio: int = 100

    @classmethod
    def from_settings(cls, settings: Mapping[str, str], base: ReadLimits | None = None) -> ReadLimits:
        """The limits named in settings such as ``PIANQU_READ_MEMORY_MB=2000``, the others of `base`.

        Parameters
        ----------
        settings
            Texts by name of the setting.
        base
            The limits where nothing is set; None = the defaults.

        Raises
        ------
        UsageError
            If a value is not a positive whole number.

        Examples
        --------
        >>> ReadLimits.from_settings({"PIANQU_READ_WALL_S": "60"}).wall_s
        60
        """
        given: dict[str, int] = {}
        for field in fields(cls):
            key = f"PIANQU_READ_{field.name.upper()}"
            text = settings.get(key)
            if text is None:
                continue
            if not text.isdecimal() or int(text) == 0:
                raise UsageError(*say("limit.setting", key=key, text=text))
            given[field.name] = int(text)
        return replace(base or cls(), **given)


UPLOAD_LIMITS = ReadLimits(file_mb=100, memory_mb=1500, cpu_s=120, wall_s=180)
"""For files that come through the page."""


@contextmanager
def run_task(task: str, path: Path, *, limits: ReadLimits, **arguments: Any) -> Iterator[dict[str, Any]]:
    """Have a file read by a child process; its results stand in a folder while the block runs.

    Parameters
    ----------
    task
        Name of a task of `geo.worker.main`.
    path
        The file, or the folder of a file geodatabase.
    limits
        What it may cost.
    arguments
        Of the task; plain values.

    Yields
    ------
    What the task answered, with "folder": the Path its files are in. The folder is removed at the
    end of the block.

    Raises
    ------
    UnreadableFileError
        If the file is missing or too large, or the child died or ran out of a limit.
    PlanningError
        Whatever the task raised.
    """
    _check_size(path, limits)
    folder = Path(tempfile.mkdtemp(prefix="pianqu-"))
    try:
        request = {
            "task": task,
            "path": str(path.resolve()),
            "name": path.name,
            "folder": str(folder),
            "arguments": arguments,
            "limits": asdict(limits),
        }
        ended = _send_request(request, limits)
        if ended == "closed":  # a waiting child that somebody ended: a new one will answer
            ended = _send_request(request, limits)
        if ended != "done":
            logger.warning("the child reading %s ended: %s", path.name, ended)
            raise _child_failure(path.name, ended, limits)
        answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
        if "error" in answer:
            raise _task_error(path.name, answer["error"], limits)
        yield {**answer, "folder": folder}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _send_request(request: Mapping[str, Any], limits: ReadLimits) -> str:
    child = _acquire_child()
    ended = child.request(request, limits.wall_s + 10)
    _release_child(child)
    return ended


def _check_size(path: Path, limits: ReadLimits) -> None:
    if not path.exists():
        raise UnreadableFileError(*say("file.missing", path=path))
    parts = path.rglob("*") if path.is_dir() else [path]
    size_mb = sum(p.stat().st_size for p in parts if p.is_file()) / 1e6
    if size_mb > limits.file_mb:
        raise UnreadableFileError(*say("file.too_large", name=path.name, size_mb=size_mb, file_mb=limits.file_mb))


def _child_failure(file: str, ended: str, limits: ReadLimits) -> UnreadableFileError:
    """The sentence for a child that gave no answer."""
    if ended == "time":
        zh, en = say("child.time", wall_s=limits.wall_s)
    elif ended == "cpu":
        zh, en = say("child.cpu", cpu_s=limits.cpu_s)
    elif ended == "memory":
        zh, en = say("child.memory", memory_mb=limits.memory_mb)
    else:
        zh, en = say("child.died", ended=ended)
    return UnreadableFileError(*say("child.failed", file=file, what=Sentence(zh, en)))


def _task_error(file: str, error: Mapping[str, str], limits: ReadLimits) -> PlanningError:
    """The error the task raised, of a class of `geo.errors`."""
    import geo.errors

    if error["class"] == "MemoryError":
        return _child_failure(file, "memory", limits)
    known = getattr(geo.errors, error["class"], None)
    if isinstance(known, type) and issubclass(known, PlanningError):
        return known(error["zh"], error["en"])
    logger.error("reading %s failed unexpectedly: %s", file, error["en"])
    return _child_failure(file, error["class"], limits)


# --- the children -------------------------------------------------------------------------------


class _Child:
    """A process that has its imports done and reads one file after the other.

    On Linux it forks for each file: what a file does to the process that reads it ends there.
    Elsewhere a child reads one file only.
    """

    def __init__(self, skipped: tuple[str, ...]) -> None:
        kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        self.owner = os.getpid()
        self.drivers: tuple[str, ...] = ()
        self.process = subprocess.Popen(
            module_command("geo.worker.main", *(() if FORKS else ("once",))),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            cwd=tempfile.gettempdir(),
            start_new_session=os.name != "nt",
            env={
                **child_environment(kept),
                **_GDAL,
                "GDAL_SKIP": ",".join(skipped),
                "PYTHONDONTWRITEBYTECODE": "1",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "NUMBA_DISABLE_JIT": "1",
            },
        )
        self.is_closed = False
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)
        self.is_closed = True
        self.lines.put("")

    def receive(self, seconds: float) -> dict[str, Any] | None:
        """The next line; None where the process is gone or says nothing for so long."""
        try:
            line = self.lines.get(timeout=seconds)
            return json.loads(line) if line else None
        except (queue.Empty, ValueError):
            return None

    def request(self, request: Mapping[str, Any], seconds: float) -> str:
        """Send a request; "done", or what went wrong instead.

        Parameters
        ----------
        request
            Task, path, arguments and limits; plain values.
        seconds
            How long to wait for the answer.
        """
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        except (OSError, ValueError):
            self.end()
            return "closed"
        answer = self.receive(seconds)
        if answer is None:
            is_gone = self.is_closed
            self.end()
            if not is_gone:
                return "time"
            return "closed" if FORKS else f"exit {self.process.returncode}"
        return str(answer.get("ended"))

    def is_ready(self) -> bool:
        """Whether it has told its drivers, and has none but ours; waits until it has."""
        if not self.drivers:
            message = self.receive(60)
            self.drivers = tuple(message["drivers"]) if message is not None else ()
        return bool(self.drivers) and set(self.drivers) <= set(DRIVERS)

    @property
    def is_usable(self) -> bool:
        return self.owner == os.getpid() and self.process.poll() is None

    def end(self) -> None:
        """End the process with all it started."""
        if self.owner != os.getpid() or self.process.poll() is not None:
            return
        try:
            if os.name == "nt":
                self.process.kill()
            else:
                os.killpg(self.process.pid, signal.SIGKILL)
        except OSError:
            logger.debug("child %d was gone already", self.process.pid)
        self.process.wait()


_idle: list[_Child] = []
_lock = threading.Lock()


def warm_up() -> None:
    """Start a child now, so that it has its imports done when the first file comes."""
    with _lock:
        if not any(child.is_usable for child in _idle):
            _idle.append(_Child(_OTHER_DRIVERS))


def _acquire_child() -> _Child:
    """A child that is ready: one that waits, else a new one."""
    while True:
        with _lock:
            waiting = _idle.pop() if _idle else None
        if waiting is None:
            return _start_child()
        if waiting.is_usable and waiting.is_ready():
            return waiting
        waiting.end()


def _start_child() -> _Child:
    """A new child without any GDAL driver beyond `DRIVERS`."""
    skipped: tuple[str, ...] = _OTHER_DRIVERS
    for _ in range(2):
        child = _Child(skipped)
        if child.is_ready():
            return child
        child.end()
        if not child.drivers:
            raise UnreadableFileError(*say("child.not_started"))
        skipped = (*skipped, *sorted(set(child.drivers) - set(DRIVERS)))
    extra = sorted(set(child.drivers) - set(DRIVERS))
    raise UnreadableFileError(*say("child.drivers", extra=join_names(extra)))


def _release_child(child: _Child) -> None:
    with _lock:
        if child.is_usable and FORKS and len(_idle) < _IDLE:
            _idle.append(child)
            return
    child.end()


@atexit.register
def end_children() -> None:
    """End all waiting children; the next file starts a new one."""
    with _lock:
        while _idle:
            _idle.pop().end()
