"""QGIS's own Python opens every file of a plan, with styles and titles, and draws one."""

import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("open_in_qgis.py")
PYTHON = "/usr/bin/python3"
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}


def run_qgis(*arguments, script=SCRIPT):
    """The answer of a script."""
    environment = {**_ENVIRONMENT, "HOME": os.environ.get("HOME", "/tmp")}
    command = [PYTHON, str(script), *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def has_qgis():
    """Whether QGIS's Python is installed."""
    if not Path(PYTHON).exists():
        return False
    command = [PYTHON, "-c", "import qgis.core"]
    return subprocess.run(command, env=_ENVIRONMENT, capture_output=True).returncode == 0


needs_qgis = pytest.mark.skipif(not has_qgis(), reason="QGIS's Python (python3-qgis) is not installed")


@needs_qgis
@pytest.mark.full
def test_qgis_opens_every_file(exported, hostile, tmp_path):
    gpkg, dxf = exported("gpkg"), exported("dxf")
    for key in ("gdb", "shp"):
        with zipfile.ZipFile(exported(key)) as files:
            files.extractall(tmp_path / key)
    (gdb,), (shapes,) = (tmp_path / "gdb").iterdir(), (tmp_path / "shp").iterdir()
    shp = shapes / "units.shp"
    picture = tmp_path / "plan.png"
    found = run_qgis(picture, gpkg, gdb, shp, dxf)
    assert all(layer["is_valid"] for layers in found.values() for layer in layers)
    styled = {layer["name"]: layer for layer in found[str(gpkg)]}
    assert styled["小区和单体楼"]["renderer"] == "categorizedSymbol"
    assert styled["片区"]["has_labels"]
    assert "片区编号" in styled["片区"]["aliases"]
    assert {layer["name"] for layer in found[str(gdb)]} == {"areas", "units", "leading", "about"}
    for path, name in ((gpkg, "小区和单体楼"), (gdb, "units"), (shp, "units")):
        layer = next(one for one in found[str(path)] if one["name"] == name)
        assert layer["crs"] == "EPSG:4546"
        assert [value for row in layer["rows"] for value in row if value == "普通小区"] == ["普通小区"]
        assert len(layer["rows"]) == len(hostile.units)
    assert any("普通小区" in row for layer in found[str(dxf)] for row in layer["rows"])
    assert picture.stat().st_size > 5_000
