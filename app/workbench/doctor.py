"""What an office PC must have, checked one by one: for `pianqu doctor`."""

from __future__ import annotations

import ctypes
import locale
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from analysis.policy import DEFAULT_POLICY
from app.workbench.base_map import read_base_map
from geo.errors import UsageError

Verdict = Literal["ok", "warning", "fault"]

MIN_PYTHON = (3, 11)
MIN_MEMORY_BYTES, GOOD_MEMORY_BYTES = 4 * 2**30, 8 * 2**30
"""A district of some hundred units, and a city of some thousand, by measurement with the browser beside."""
MIN_DISK_BYTES = 2 * 2**30
MIN_CHROMIUM = 100
_BROWSERS = ("msedge", "chrome", "google-chrome", "chromium", "chromium-browser", "360se", "firefox")
_WINDOWS_BROWSERS = (
    r"Microsoft\Edge\Application\msedge.exe",
    r"Google\Chrome\Application\chrome.exe",
    r"Mozilla Firefox\firefox.exe",
)


@dataclass(frozen=True)
class Check:
    """One thing looked at.

    Parameters
    ----------
    name
        Short and stable: "python", "memory", "disk", "port", "browser", "write", "locale", "front_end", "policy",
        "base_map".
    verdict
        "fault" = it does not work so; "warning" = it works with a limit.
    zh, en
        What was found and, where it is no "ok", what to do.
    """

    name: str
    verdict: Verdict
    zh: str
    en: str


def examine(folder: Path, port: int) -> tuple[Check, ...]:
    """Look at everything a workbench needs; nothing is changed.

    Parameters
    ----------
    folder
        Where data and plans are to be kept.
    port
        Of the workbench.
    """
    return (
        _check_python(),
        _check_memory(_memory_bytes()),
        _check_disk(folder),
        _check_rights(folder),
        _check_port(port),
        _check_browser(find_browser()),
        _check_locale(locale.getpreferredencoding(do_setlocale=False)),
        _check_front_end(),
        _check_policy(DEFAULT_POLICY),
        _check_base_map(os.environ),
    )


def _check_python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < MIN_PYTHON:
        return Check("python", "fault", f"Python {found}, 需要 3.11 或更新", f"Python {found}; 3.11 or newer is needed")
    return Check("python", "ok", f"Python {found}", f"Python {found}")


def _check_memory(size: int | None) -> Check:
    if size is None:
        return Check("memory", "warning", "查不到内存大小, 至少要 4 GB", "Memory unknown; 4 GB are needed")
    gib = f"{size / 2**30:.1f} GiB"
    if size < MIN_MEMORY_BYTES:
        return Check("memory", "fault", f"内存 {gib}, 至少要 4 GiB", f"Memory {gib}; at least 4 GiB are needed")
    if size < GOOD_MEMORY_BYTES:
        return Check(
            "memory",
            "warning",
            f"内存 {gib}, 够一个区用; 全市建议 8 GiB",
            f"Memory {gib}, enough for a district; 8 GiB are better for a city",
        )
    return Check("memory", "ok", f"内存 {gib}", f"Memory {gib}")


def _memory_bytes() -> int | None:
    if sys.platform == "win32":
        size = ctypes.c_ulonglong(0)
        done = ctypes.windll.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(size))
        return int(size.value) * 1024 if done else None
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


def _check_disk(folder: Path) -> Check:
    there = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
    free = shutil.disk_usage(there).free
    gib = f"{free / 2**30:.1f} GiB"
    if free < MIN_DISK_BYTES:
        return Check(
            "disk", "fault", f"“{there}”只剩 {gib}, 请留出 2 GiB", f"'{there}' has {gib} left; 2 GiB are needed"
        )
    return Check("disk", "ok", f"磁盘剩余 {gib}", f"{gib} of disk left")


def _check_rights(folder: Path) -> Check:
    there = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            return Check("write", "ok", f"“{there}”可以写入", f"'{there}' can be written")
    except OSError as error:
        return Check(
            "write",
            "fault",
            f"“{there}”不能写入({error.strerror}); 请换一个自己的文件夹。",
            f"'{there}' cannot be written ({error.strerror}); choose a folder of your own.",
        )


def _check_port(port: int) -> Check:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return Check(
                "port",
                "warning",
                f"端口 {port} 已被占用(可能工作台已打开); 可换: pianqu serve --port {port + 1}",
                f"Port {port} is taken (perhaps the workbench runs already); try: pianqu serve --port {port + 1}",
            )
    return Check("port", "ok", f"端口 {port} 可用", f"Port {port} is free")


def find_browser() -> Path | None:
    """A browser of this machine, by the places where browsers lie; None where none is found."""
    on_path = next((path for path in map(shutil.which, _BROWSERS) if path), None)
    if on_path:
        return Path(on_path)
    folders = [os.environ[name] for name in ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData") if name in os.environ]
    places = (Path(folder) / where for folder in folders for where in _WINDOWS_BROWSERS)
    return next((place for place in places if place.is_file()), None)


def _check_browser(path: Path | None) -> Check:
    if path is None:
        return Check(
            "browser",
            "warning",
            "没有找到浏览器; 请用 Edge、Chrome 或其他 Chromium 100 以上的浏览器打开。",
            "No browser found; open the page with Edge, Chrome or another Chromium of version 100 or newer.",
        )
    version = _browser_version(path)
    if version is None:
        return Check("browser", "ok", f"浏览器 {path.name}(版本未知)", f"Browser {path.name} (version unknown)")
    if version < MIN_CHROMIUM:
        return Check(
            "browser",
            "fault",
            f"浏览器 {path.name} 是 {version} 版, 地图需要 {MIN_CHROMIUM} 以上; 请升级, 或用简图 /?lite=1。",
            f"Browser {path.name} is version {version}; the map needs {MIN_CHROMIUM}: update it, or use /?lite=1.",
        )
    return Check("browser", "ok", f"浏览器 {path.name} {version}", f"Browser {path.name} {version}")


def _browser_version(path: Path) -> int | None:
    """First number of a browser's version: the folder beside it on Windows (where asking would open a window)."""
    if sys.platform == "win32":
        numbers = [int(entry.name.split(".")[0]) for entry in _version_folders(path.parent)]
        return max(numbers, default=None)
    try:
        found = subprocess.run([path, "--version"], capture_output=True, timeout=20, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    number = re.search(rb"(\d+)\.\d+", found)
    return int(number[1]) if number else None


def _version_folders(folder: Path) -> Iterator[Path]:
    return (entry for entry in folder.iterdir() if entry.is_dir() and re.fullmatch(r"\d+(\.\d+){3}", entry.name))


def _check_locale(encoding: str) -> Check:
    return Check("locale", "ok", f"系统编码 {encoding}(文件按 UTF-8 读写)", f"Locale {encoding} (files are UTF-8)")


def _check_front_end() -> Check:
    map_script = resources.files("app").joinpath("assets", "vendor", "maplibre", "maplibre-gl.mjs")
    if map_script.is_file():
        return Check("front_end", "ok", "前端部件齐全", "Front-end parts are there")
    return Check("front_end", "fault", "缺少前端部件; 请运行 make setup", "Front-end parts are missing; run make setup")


def _check_policy(path: Path) -> Check:
    if path.is_file():
        return Check("policy", "ok", f"政策文件 {path.name}", f"Policy {path.name}")
    return Check(
        "policy", "fault", f"缺少政策文件“{path}”; 请重新安装", f"The policy '{path}' is missing; install again"
    )


def _check_base_map(settings: Mapping[str, str]) -> Check:
    """What the settings of the base map say; nobody is asked whether a key is valid."""
    try:
        base = read_base_map(settings)
    except UsageError as error:
        return Check("base_map", "fault", error.zh, error.en)
    except OSError as error:
        file = settings.get("PIANQU_BASEMAP", "")
        return Check(
            "base_map", "fault", f"底图“{file}”打不开({error.strerror})", f"'{file}' cannot be opened: {error}"
        )
    if base is None:
        return Check("base_map", "ok", "没有设底图(不联网)", "No base map is set (nothing is asked of the network)")
    if base.path is None:
        return Check(
            "base_map",
            "ok",
            f"底图: 天地图, 密钥已设, 审图号 {base.approval}; 密钥是否有效须联网, 这里不查",
            f"Base map: 天地图, a key is set, approval {base.approval}; whether the key is valid is not asked here",
        )
    what = f"{base.mimetype}, {base.least_zoom}–{base.most_zoom}"
    verdict: Verdict = "ok" if base.approval else "warning"
    lacks = ("", "") if base.approval else ("; 没有审图号, 只能内部使用", "; no approval number, internal use only")
    return Check(
        "base_map", verdict, f"底图 {base.path.name}: {what}{lacks[0]}", f"Base map {base.path.name}: {what}{lacks[1]}"
    )
