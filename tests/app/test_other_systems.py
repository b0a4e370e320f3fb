"""What an office PC does otherwise: a GBK locale, a system without fcntl and resource, files that are held open."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BLOCK = "import psutil, sys; sys.modules.update(dict.fromkeys(('fcntl', 'resource', 'pwd', 'grp', 'termios')))\n"
"""Windows has none of these modules; psutil, which reads them elsewhere, has a part for each system."""


@pytest.fixture(scope="module")
def gbk(tmp_path_factory):
    """Environment of a PC whose locale is GBK, without Python's UTF-8 mode."""
    if shutil.which("localedef") is None or not Path("/usr/share/i18n/charmaps/GBK.gz").exists():
        pytest.skip("this machine cannot make a GBK locale")
    folder = tmp_path_factory.mktemp("locales")
    subprocess.run(["localedef", "-i", "zh_CN", "-f", "GBK", folder / "zh_CN.GBK"], check=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONUTF8"))}
    environment = {**kept, "LOCPATH": str(folder), "LC_ALL": "zh_CN.GBK"}
    told = subprocess.run(
        [sys.executable, "-c", "import locale; print(locale.getpreferredencoding())"],
        env=environment,
        capture_output=True,
        check=True,
    )
    if told.stdout.strip() != b"GBK":
        pytest.skip("this machine does not take up the locale")
    return environment


def _run(code, environment, *arguments):
    command = [sys.executable, "-P", "-c", code, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, check=False)


PIANQU = "from app.cli.main import main; main()"


def test_a_gbk_file_is_imported_and_its_names_come_back(gbk, tmp_path):
    ledger = tmp_path / "ledger.csv"
    ledger.write_bytes("小区名称,户数,经度,纬度\n鹿苑小区,320,109.84,40.65\n友谊花园,510,109.85,40.66\n".encode("gbk"))
    arguments = ("import", ledger, "--into", tmp_path / "data", "--datum", "wgs84", "--layer", "communities")
    found = _run(PIANQU, gbk, *arguments)
    assert found.returncode == 0, found.stderr.decode("utf-8", "replace")
    names = "import sys; from geo.storage.dataset import open_dataset; d = open_dataset(sys.argv[1])\n"
    read = _run(
        names + "sys.stdout.buffer.write(' '.join(sorted(d.layer('units')['name'])).encode())", gbk, tmp_path / "data"
    )
    assert read.stdout.decode("utf-8") == "友谊花园 鹿苑小区", read.stderr.decode("utf-8", "replace")


def test_the_independent_check_in_a_child_speaks_utf8(gbk, town):
    folder, plan = town
    code = (
        "import json, sys; from pathlib import Path\n"
        "from app.workbench.verify_subprocess import verify_in_subprocess\n"
        "found = verify_in_subprocess(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text(encoding='utf-8')))\n"
        "print(found is not None)"
    )
    found = _run(code, gbk, folder, plan)
    assert found.stdout.strip() == b"True", found.stderr.decode("utf-8", "replace")


@pytest.mark.full
def test_without_the_modules_of_posix_the_whole_way_works(town, tmp_path):
    folder, _ = town
    copied = tmp_path / "data"
    shutil.copytree(folder, copied)
    environment = dict(os.environ)
    planned = _run(BLOCK + PIANQU, environment, "plan", copied, "--rounds", "1", "--out", tmp_path / "plan.json")
    assert planned.returncode == 0, planned.stderr.decode()
    verified = _run(BLOCK + PIANQU, environment, "verify", copied, tmp_path / "plan.json", "--json")
    assert json.loads(verified.stdout)["ok"]
    out = ("--format", "geojson", "--out", tmp_path / "out")
    assert _run(BLOCK + PIANQU, environment, "export", copied, tmp_path / "plan.json", *out).returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
def test_a_target_that_another_program_holds_is_told_as_that(town, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from app.cli.main import cli
    from geo.storage import atomic_files

    def refuse(source, target):
        raise PermissionError(13, "The process cannot access the file because it is being used", str(target))

    monkeypatch.setattr(atomic_files.os, "replace", refuse)
    folder, _ = town
    result = CliRunner().invoke(cli, ["indicators", str(folder), "--out", str(tmp_path / "指标.xlsx")])
    assert result.exit_code != 0
    said = result.output + str(result.exception or "")
    assert "Excel" in said
    assert "Traceback" not in said
