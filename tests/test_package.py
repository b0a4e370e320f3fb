"""What leaves as a package: everything it imports is declared, and the wheel works without a checkout."""

import ast
import json
import os
import re
import subprocess
import sys
import time
import tomllib
import urllib.request
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DISTRIBUTIONS = {"sklearn": "scikit-learn", "pydantic_core": "pydantic-core", "flask_compress": "flask-compress"} | {
    "dash_ag_grid": "dash-ag-grid",
    "dash_mantine_components": "dash-mantine-components",
    "python_calamine": "python-calamine",
    "docx": "python-docx",
    "resvg_py": "resvg-py",
    "argon2": "argon2-cffi",
    "flask_limiter": "flask-limiter",
    "flask_login": "flask-login",
    "prometheus_client": "prometheus-client",
    "pythonjsonlogger": "python-json-logger",
    "mapbox_vector_tile": "mapbox-vector-tile",
}
NOT_IMPORTED = {"psycopg"}
"""Named in an address that SQLAlchemy opens."""


def _imported() -> set[str]:
    names = set()
    for top in ("app", "geo", "analysis", "pianqu"):
        for path in (ROOT / top).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names.add(node.module)
                elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "import_extra":
                    names.add(node.args[0].value)
    tops = {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {"app", "geo", "analysis", "pianqu"}
    return {DISTRIBUTIONS.get(name, name) for name in tops}


def _declared() -> set[str]:
    lines = [*PROJECT["dependencies"], *(line for extra in PROJECT["optional-dependencies"].values() for line in extra)]
    return {re.match(r"[a-z0-9-]+", line)[0] for line in lines}


def test_what_is_imported_is_declared_and_nothing_else():
    assert _imported() == _declared() - NOT_IMPORTED


def _programs_of_tests() -> set[str]:
    """Programs that tests look for or call by name."""
    found = set()
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            call, first = ast.unparse(node.func), node.args[0]
            if call in {"subprocess.run", "subprocess.Popen", "subprocess.check_output"} and hasattr(first, "elts"):
                first = first.elts[0]
            elif call != "shutil.which":
                continue
            if isinstance(first, ast.Constant):
                found.add(first.value)
    return found


def test_setup_installs_the_programs_that_tests_call():
    """Otherwise a test is skipped, or fails, wherever nobody happened to have installed one."""
    sys.path.insert(0, str(ROOT))
    import tasks

    of_every_machine = {"bash", "git", "umount"}
    with_other_parts = {"node", "chromium"}
    missing = _programs_of_tests() - tasks.TEST_TOOLS.keys() - of_every_machine - with_other_parts
    assert missing == set()


def test_conda_asks_for_what_the_project_asks_for():
    """Packages of `environment.yml` are declared, with the same bounds; conda's own parts apart."""
    lines = re.findall(r"^  - ([a-z-]+)([^\n]*)", (ROOT / "environment.yml").read_text(encoding="utf-8"), re.M)
    asked = {name: bounds for name, bounds in lines if name not in {"python", "nodejs", "pip", "conda-forge"}}
    declared = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["fetch"]]
    bounds = {re.match(r"[a-z0-9-]+", line)[0]: re.sub(r"^[a-z0-9-]+", "", line) for line in declared}
    assert {"geopandas", "shapely", "folium", "osmnx", "scikit-learn"} <= asked.keys()
    assert all(re.sub(r"^=", "==", own).startswith(bounds[name][:6]) for name, own in asked.items()), asked


def test_no_lock_names_a_registry():
    for path in ROOT.glob("requirements*.lock"):
        assert "://" not in path.read_text(encoding="utf-8"), path.name


def test_the_runtime_is_locked_at_the_versions_that_are_tested():
    def versions(name):
        return set(re.findall(r"^[a-z0-9-]+==\S+", (ROOT / name).read_text(encoding="utf-8"), re.M))

    runtime = versions("requirements-runtime.lock")
    assert runtime
    assert runtime <= versions("requirements.lock")
    assert not {"mypy", "pytest", "ruff", "ipykernel"} & {line.split("==")[0] for line in runtime}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A fresh environment that has nothing but the wheel and what it asks for."""
    if not (ROOT / "app/assets/vendor/maplibre").is_dir():
        pytest.skip("the front-end parts are not fetched: make setup")
    built, home = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("office")
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "build", "-q", "--no-build-isolation", "--out-dir", built, ROOT], check=True)
    (wheel,) = built.glob("*.whl")
    assert len([*built.glob("*.tar.gz")]) == 1
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, home / "env"], check=True)
    python = home / "env" / "bin" / "python"
    install = [*uv, "pip", "install", "-q", "--python", python, wheel]
    found = subprocess.run([*install, "-c", ROOT / "requirements-runtime.lock"], capture_output=True, check=False)
    if b"error sending request" in found.stderr or b"dns error" in found.stderr:
        pytest.skip("the package index cannot be reached")
    assert found.returncode == 0, found.stderr.decode()
    return wheel, home


@pytest.mark.full
def test_the_wheel_carries_policies_and_front_end(installed):
    names = zipfile.ZipFile(installed[0]).namelist()
    assert {
        "analysis/policies/baotou.toml",
        "analysis/policies/template.toml",
        "app/assets/vendor/maplibre/maplibre-gl.mjs",
    } <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "policy/", "data/"))]


@pytest.mark.full
def test_the_whole_way_from_the_wheel(installed):
    home = installed[1]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "NUMBA_CACHE_DIR": str(home / "numba")}

    def pianqu(*arguments):
        command = [home / "env" / "bin" / "pianqu", *arguments]
        return subprocess.run(command, cwd=home, env=environment, check=True, capture_output=True, text=True).stdout

    assert PROJECT["version"] in pianqu("--version")
    pianqu("policy", "check")
    pianqu("demo", "--size", "small", "--raw", "raw", "--into", "demo")
    pianqu("plan", "demo", "--rounds", "3", "--out", "plan.json")
    assert json.loads(pianqu("verify", "demo", "plan.json", "--json"))["ok"]
    pianqu("export", "demo", "plan.json", "--format", "geojson", "--out", "out")
    pianqu("export", "demo", "plan.json", "--format", "html", "--out", "map")
    assert list((home / "out").rglob("*.geojson"))
    assert list((home / "map").rglob("*.html"))
    pianqu("doctor", "--port", "8791")
    command = [home / "env" / "bin" / "pianqu", "serve", "--data", "demo", "--plan", "plan.json", "--port", "8791"]
    with subprocess.Popen(command, cwd=home, env=environment) as server:
        try:
            assert "片区" in _get("http://127.0.0.1:8791/")
            assert "WebGL" in _get("http://127.0.0.1:8791/assets/vendor/maplibre/maplibre-gl.mjs")
        finally:
            server.terminate()


def _get(address):
    for _ in range(120):
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return answer.read().decode("utf-8")
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"{address} does not answer")
