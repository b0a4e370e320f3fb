"""One archive a platform that runs without installation and without internet: `make bundle`.

Inside: Python (where a relocatable one is at hand), the packages at the versions of the runtime lock, the front end,
the fictional city with a plan, the guides, and a script that starts the workbench. Nothing is installed on the PC, no
administrator is needed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PYTHON_VERSION = "3.11"


@dataclass(frozen=True)
class Platform:
    """A kind of PC.

    Parameters
    ----------
    uv
        Its name for uv's resolver; the glibc is the oldest that the wheels ask for.
    suffix
        Of compiled modules.
    official
        Pattern of the file with a relocatable Python that may be laid beside.
    start
        Scripts that go to the top of the archive.
    """

    uv: str
    suffix: str
    official: str
    start: tuple[str, ...]


PLATFORMS = {
    "linux-x86_64": Platform(
        "x86_64-manylinux_2_28", ".so", "cpython-3.11.*-x86_64-unknown-linux-gnu-install_only.tar.gz", ("start.sh",)
    ),
    "linux-aarch64": Platform(
        "aarch64-manylinux_2_28", ".so", "cpython-3.11.*-aarch64-unknown-linux-gnu-install_only.tar.gz", ("start.sh",)
    ),
    "windows-x86_64": Platform("x86_64-pc-windows-msvc", ".pyd", "python-3.11.*-embed-amd64.zip", ("启动.bat",)),
}
NATIVE = f"linux-{sysconfig.get_platform().rpartition('-')[2]}"
_GLIBC = re.compile(r"^(linux-vdso|ld-linux|lib(c|m|dl|pthread|rt|resolv|util|nsl|crypt)\.so)")
"""Libraries that every Linux has: those of glibc are never carried along."""
_NEEDED = ("analysis/policies/baotou.toml", "app/assets/vendor/maplibre/maplibre-gl.mjs", "app/cli/__main__.py")
_SPARED = ("test", "idlelib", "tkinter", "turtledemo", "lib2to3", "ensurepip", "site-packages", "__pycache__")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the archives asked for; their sizes are printed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--platform", choices=[*PLATFORMS, "all"], default=NATIVE)
    parser.add_argument(
        "--python", type=Path, metavar="FOLDER", default=ROOT / "dist", help="where official archives lie"
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", default=ROOT / "dist")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    for name in PLATFORMS if options.platform == "all" else [options.platform]:
        archive = build_bundle(name, options.python, options.out)
        print(f"✓ {archive} {archive.stat().st_size / 1e6:.0f} MB", flush=True)
    return 0


def build_bundle(name: str, pythons: Path, out: Path) -> Path:
    """Build the archive of one platform.

    Parameters
    ----------
    name
        A key of `PLATFORMS`.
    pythons
        Folder where an official relocatable Python may lie.
    out
        Folder of the archive.

    Raises
    ------
    RuntimeError
        If a part is compiled for another platform, or missing.
    """
    platform = PLATFORMS[name]
    with tempfile.TemporaryDirectory(prefix="pianqu-bundle-") as work:
        wheel = _build_wheel(Path(work))
        top = Path(work) / f"pianqu-{wheel.name.split('-')[1]}-{name}"
        top.mkdir()
        _install_packages(wheel, platform, top / "lib")
        check_packages(top / "lib", platform)
        _add_python(name, pythons, top)
        for script in (*platform.start, "说明.txt"):
            _copy_script(HERE / script, top / script, platform)
        write_guides(top / "docs")
        _add_demo(top / "demo")
        _write_hashes(top)
        return _pack(top, out, name)


def write_guides(folder: Path) -> None:
    """The documentation as pages that open by a double click: Chinese, and English in `en`."""
    for config, into in (("mkdocs.yml", folder), ("mkdocs.en.yml", folder / "en")):
        command = (sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-f", ROOT / config, "-d", into)
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})


def _build_wheel(work: Path) -> Path:
    build = (sys.executable, "-m", "uv", "build", "-q", "--wheel", "--no-build-isolation", "--out-dir", work, ROOT)
    subprocess.run(build, check=True)
    return next(work.glob("*.whl"))


def _install_packages(wheel: Path, platform: Platform, lib: Path) -> None:
    """The packages of the runtime lock as the platform's wheels, unpacked; nothing is compiled from source."""
    uv = (sys.executable, "-m", "uv", "pip", "install", "-q", "--target", lib, "--no-deps", "--link-mode", "copy")
    target = ("--python-platform", platform.uv, "--python-version", PYTHON_VERSION)
    lock = ROOT / "requirements-runtime.lock"
    subprocess.run([*uv, *target, "--only-binary", ":all:", "--require-hashes", "-r", lock], check=True)
    subprocess.run([*uv, *target, wheel], check=True)
    shutil.rmtree(lib / "bin", ignore_errors=True)


def check_packages(lib: Path, platform: Platform) -> None:
    """Hold every package against the lock and the platform.

    Parameters
    ----------
    lib
        Folder of unpacked wheels.
    platform
        That all compiled modules must be for.

    Raises
    ------
    RuntimeError
        If a package is missing or compiled for another platform.
    """
    tags = {path.parent.name: path.read_text(encoding="utf-8") for path in lib.glob("*.dist-info/WHEEL")}
    system = "win_amd64" if platform.suffix == ".pyd" else platform.uv.split("-")[0]
    foreign = [
        name for name, text in tags.items() if not all("-any" in tag or system in tag for tag in _wheel_tags(text))
    ]
    stray = list(lib.rglob("*.so" if platform.suffix == ".pyd" else "*.pyd"))
    if foreign or stray:
        raise RuntimeError(f"compiled for another platform: {sorted(foreign)} {sorted(map(str, stray))[:5]}")
    for needed in (
        "analysis/policies/baotou.toml",
        "app/assets/vendor/maplibre/maplibre-gl.mjs",
        "app/cli/__main__.py",
    ):
        if not (lib / needed).is_file():
            raise RuntimeError(f"the package lacks {needed}: make setup first")


def _wheel_tags(text: str) -> Iterator[str]:
    return (line.removeprefix("Tag: ") for line in text.splitlines() if line.startswith("Tag: "))


def _add_python(name: str, pythons: Path, top: Path) -> None:
    """An official relocatable Python that lies beside; else this machine's own where it is of that platform."""
    official = sorted(pythons.glob(PLATFORMS[name].official))
    if official:
        _unpack(official[-1], top / "python")
    elif name == NATIVE and f"{sys.version_info[0]}.{sys.version_info[1]}" == PYTHON_VERSION:
        _copy_python(Path(sys.base_prefix), top / "python")
    else:
        print(f"! {name}: 没有 Python; 请把官方文件 {PLATFORMS[name].official} 放在包内 / no Python inside", flush=True)


def _unpack(archive: Path, python: Path) -> None:
    """Unpack an official archive; whatever single folder it has at its top becomes `python`."""
    with tempfile.TemporaryDirectory(dir=python.parent) as work:
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as packed:
                packed.extractall(work)  # noqa: S202 - an official archive; zipfile keeps members inside
        else:
            with tarfile.open(archive) as packed:
                packed.extractall(work, filter="data")
        inside = [*Path(work).iterdir()]
        shutil.move(inside[0] if len(inside) == 1 else work, python)
        Path(work).mkdir(exist_ok=True)
    for settings in python.glob("python*._pth"):  # the embeddable package looks nowhere else
        settings.write_text(settings.read_text(encoding="ascii") + "..\\lib\nimport site\n", encoding="ascii")


def _copy_python(prefix: Path, python: Path) -> None:
    """Copy the Python that runs this, without tests and pip, and the libraries beside glibc that its modules use."""
    version = f"python{PYTHON_VERSION}"
    (python / "bin").mkdir(parents=True)
    shutil.copy2(prefix / "bin" / version, python / "bin" / "python3")
    standard = Path(sysconfig.get_path("stdlib"))
    shutil.copytree(standard, python / "lib" / version, ignore=shutil.ignore_patterns(*_SPARED, "config-*", "_tk*"))
    modules = [*(python / "lib" / version / "lib-dynload").glob("*.so"), python / "bin" / "python3"]
    for library in sorted({found for module in modules for found in _libraries(module)}):
        shutil.copy2(library, python / "lib" / library.name)


def _libraries(module: Path) -> Iterator[Path]:
    """Shared libraries a module is linked to, those of glibc apart, under the names it asks for."""
    printed = subprocess.run(["ldd", module], capture_output=True, check=False, text=True).stdout  # noqa: S607 - of the system
    for name, path in re.findall(r"(\S+) => (/\S+)", printed):
        if not _GLIBC.match(name):
            yield Path(path)


def _copy_script(source: Path, target: Path, platform: Platform) -> None:
    """Scripts as their system reads them: on Windows in GBK with CR LF."""
    text = source.read_text(encoding="utf-8")
    if platform.suffix == ".pyd":
        target.write_bytes(text.replace("\n", "\r\n").encode("gbk" if target.suffix == ".bat" else "utf-8-sig"))
    else:
        target.write_text(text, encoding="utf-8")
        target.chmod(0o755 if target.suffix == ".sh" else 0o644)


def _add_demo(folder: Path) -> None:
    """The fictional city and a plan of it, made by the program itself."""
    pianqu = (sys.executable, "-m", "app.cli")
    with tempfile.TemporaryDirectory() as raw:
        demo = (*pianqu, "demo", "--size", "small", "--raw", raw, "--into", folder)
        subprocess.run(demo, check=True, stdout=subprocess.DEVNULL)
    plan = (*pianqu, "plan", folder, "--rounds", "20", "--out", folder.with_name("demo-plan.json"))
    subprocess.run(plan, check=True, stdout=subprocess.DEVNULL)


def _write_hashes(top: Path) -> None:
    """SHA-256 of every file, to be checked by `sha256sum -c`."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(top).as_posix()}\n"
        for path in sorted(top.rglob("*"))
        if path.is_file()
    ]
    (top / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _pack(top: Path, out: Path, name: str) -> Path:
    if name.startswith("windows"):
        archive = out / f"{top.name}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(top.rglob("*")):
                packed.write(path, path.relative_to(top.parent))
        return archive
    archive = out / f"{top.name}.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=6) as packed:
        packed.add(top, top.name)
    return archive


if __name__ == "__main__":
    raise SystemExit(main())
