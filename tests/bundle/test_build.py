"""The archive that runs without installation: started where no route leads anywhere; Windows as far as it goes here."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_SPEC = importlib.util.spec_from_file_location("bundle_build", ROOT / "bundle" / "build.py")
build = importlib.util.module_from_spec(_SPEC)
sys.modules["bundle_build"] = build
_SPEC.loader.exec_module(build)


def _package(lib, name, tag):
    folder = lib / f"{name}-1.dist-info"
    folder.mkdir(parents=True)
    (folder / "WHEEL").write_text(f"Wheel-Version: 1.0\nTag: {tag}\n", encoding="utf-8")


@pytest.fixture
def lib(tmp_path):
    for needed in build._NEEDED:
        path = tmp_path / needed
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    _package(tmp_path, "pure", "py3-none-any")
    return tmp_path


def test_packages_of_the_platform_pass(lib):
    _package(lib, "numpy", "cp311-cp311-win_amd64")
    build.check_packages(lib, build.PLATFORMS["windows-x86_64"])


@pytest.mark.parametrize("platform", ["windows-x86_64", "linux-aarch64"])
def test_a_package_of_another_platform_is_named(lib, platform):
    _package(lib, "numpy", "cp311-cp311-manylinux_2_28_x86_64")
    with pytest.raises(RuntimeError, match="numpy"):
        build.check_packages(lib, build.PLATFORMS[platform])


def test_a_stray_module_and_a_missing_front_end_are_named(lib):
    (lib / "stray.so").touch()
    with pytest.raises(RuntimeError, match=r"stray\.so"):
        build.check_packages(lib, build.PLATFORMS["windows-x86_64"])
    (lib / "stray.so").unlink()
    (lib / build._NEEDED[1]).unlink()
    with pytest.raises(RuntimeError, match="maplibre"):
        build.check_packages(lib, build.PLATFORMS["windows-x86_64"])


def test_the_windows_script_is_gbk_with_windows_line_ends(tmp_path):
    target = tmp_path / "启动.bat"
    build._copy_script(ROOT / "bundle" / "启动.bat", target, build.PLATFORMS["windows-x86_64"])
    text = target.read_bytes().decode("gbk")
    assert "\n" not in text.replace("\r\n", "")
    assert "没有 Python" in text
    labels, jumps = set(re.findall(r"^:(\w+)", text, re.M)), set(re.findall(r"goto (\w+)", text))
    assert jumps == labels
    assert text.count("(\r\n") == len(re.findall(r"^\)", text, re.M))
    commands = set(re.findall(r"-m app\.cli (\S+)", text))
    assert commands == {"%*", "doctor", "warm-up", "serve"}


def test_an_official_archive_becomes_the_python_inside(tmp_path):
    made, top = tmp_path / "python", tmp_path / "top"
    (made / "bin").mkdir(parents=True)
    (made / "bin" / "python3").touch()
    top.mkdir()
    with tarfile.open(tmp_path / "cpython-3.11.9-x86_64-unknown-linux-gnu-install_only.tar.gz", "w:gz") as packed:
        packed.add(made, "python")
    build._add_python("linux-x86_64", tmp_path, top)
    assert (top / "python" / "bin" / "python3").is_file()
    assert [path.name for path in top.iterdir()] == ["python"]


def test_without_a_python_the_file_is_named(tmp_path, capsys):
    build._add_python("windows-x86_64", tmp_path, tmp_path)
    assert "python-3.11.*-embed-amd64.zip" in capsys.readouterr().out


@pytest.mark.full
@pytest.mark.skipif(sys.platform != "linux" or shutil.which("unshare") is None, reason="namespaces of Linux")
@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the archive carries Python 3.11")
def test_the_archive_runs_where_no_route_leads_anywhere(tmp_path):
    if not (ROOT / "app/assets/vendor/maplibre").is_dir():
        pytest.skip("the front-end parts are not fetched: make setup")
    if subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
        pytest.skip("this machine lets nobody make a network namespace")
    built = [sys.executable, ROOT / "bundle" / "build.py", "--out", tmp_path, "--platform", build.NATIVE]
    found = subprocess.run(built, capture_output=True, text=True, check=False)
    if "error sending request" in found.stderr or "dns error" in found.stderr:
        pytest.skip("the package index cannot be reached")
    assert found.returncode == 0, found.stderr
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "moved elsewhere", filter="data")
    (home,) = (tmp_path / "moved elsewhere").iterdir()
    for line in (home / "SHA256SUMS").read_text(encoding="utf-8").splitlines()[::50]:
        digest, name = line.split("  ", 1)
        assert hashlib.sha256((home / name).read_bytes()).hexdigest() == digest
    page = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8793/').status)"
    script = f"""set -e; ip link set lo up 2>/dev/null || true
    sh start.sh --version
    sh start.sh plan demo --rounds 2 --out new.json
    sh start.sh verify demo new.json
    sh start.sh export demo new.json --format geojson --out out
    sh start.sh serve --data demo --plan demo-plan.json --port 8793 & server=$!
    for n in $(seq 60); do sleep 1; "{sys.executable}" -c "{page}" 2>/dev/null && break; done
    kill $server"""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / "numba")}
    told = subprocess.run(
        ["unshare", "-rn", "sh", "-c", script], cwd=home, env=environment, capture_output=True, text=True, check=False
    )
    assert told.returncode in (0, 143), told.stderr
    assert "\n200\n" in told.stdout
    assert list((home / "out").glob("*.geojson"))
