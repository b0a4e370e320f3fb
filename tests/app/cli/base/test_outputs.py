"""Where a command cannot write it says so before it works, and what is there stays as it is."""

import errno
import os
import sys

import pytest

from app.cli import main
from app.cli.base.outputs import check_dataset_folder, check_output
from geo.errors import NotADatasetError, UsageError
from geo.storage import commits
from geo.storage.dataset import open_dataset
from geo.storage.disk_errors import explain_disk_errors

IMPOSSIBLE = {
    "a file on the way": ("taken/x", "不是文件夹"),
    "too long a name": ("n" * 300, "太长"),
    "a folder on the way that is too long": ("new/" + "n" * 300 + "/x", "太长"),
}
COMMANDS = {
    "import": "import in.csv --into {bad}",
    "import report": "import in.csv --into {work}/d --report {bad}.json",
    "demo": "demo --raw {work}/raw --into {bad}",
    "demo raw": "demo --raw {bad} --into {work}/d",
    "osm": "osm in.osm --into {bad}",
    "fetch": "fetch --place X --into {bad}",
    "graph": "graph {work}/d --pair a b --out {bad}.geojson",
    "snapshot": "snapshot {work}/d 2026-06 --out {bad}.xlsx",
    "indicators": "indicators {work}/d --out {bad}.xlsx",
    "export": "export {work}/d p.json --format html --out {bad}",
    "plan": "plan {work}/d --out {bad}.json",
    "solve": "solve in.npz --out {bad}.json",
    "repair": "repair {work}/d p.json --out {bad}.json",
    "sites": "charging sites {work}/d --out {bad}.xlsx",
    "backup": "backup {work}/d --out {bad}.zip",
    "restore": "restore b.zip --into {bad}",
}
WRONG_KINDS = {
    "import": "import in.csv --into {work}/d --report {work}/x.pdf",
    "snapshot": "snapshot {work}/d 2026-06 --out {work}/x.pdf",
    "indicators": "indicators {work}/d --out {work}/x.pdf",
    "sites": "charging sites {work}/d --out {work}/x.pdf",
}


@pytest.fixture
def pianqu(monkeypatch, capsys):
    """Run the command line in this process: (exit code, stdout, stderr)."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["pianqu", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out = capsys.readouterr()
        return ended.value.code or 0, out.out, out.err

    return run


def assert_kind(answer, says):
    code, _, told = answer
    assert code == 2, told
    assert says in told
    assert "Error:" in told
    assert "意外" not in told
    assert "Traceback" not in told


@pytest.mark.parametrize("kind", IMPOSSIBLE)
@pytest.mark.parametrize("command", COMMANDS)
def test_an_impossible_place_is_refused_before_anything_is_read(pianqu, tmp_path, command, kind):
    """No input is there: each would be refused in other words if it were looked at first."""
    (tmp_path / "taken").write_text("mine")
    place, says = IMPOSSIBLE[kind]
    words = COMMANDS[command].format(bad=tmp_path / place, work=tmp_path).split(" ")
    assert_kind(pianqu(*words), says)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
    assert (tmp_path / "taken").read_text() == "mine"


@pytest.mark.parametrize("command", WRONG_KINDS)
def test_a_kind_of_file_that_is_not_written_is_refused_before_anything_is_read(pianqu, tmp_path, command):
    words = WRONG_KINDS[command].format(work=tmp_path).split(" ")
    assert_kind(pianqu(*words), "x.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command", [c for c in COMMANDS if c not in ("import", "demo", "demo raw", "osm", "fetch", "export", "restore")]
)
def test_a_folder_is_no_file(pianqu, tmp_path, command):
    suffix = COMMANDS[command].rpartition("{bad}")[2]
    (tmp_path / f"x{suffix}").mkdir()
    words = COMMANDS[command].format(bad=tmp_path / "x", work=tmp_path).split(" ")
    assert_kind(pianqu(*words), "文件夹")


@pytest.mark.parametrize("command", ["import", "demo", "osm", "fetch"])
def test_a_folder_of_other_things_is_not_filled_with_a_dataset(pianqu, tmp_path, command):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.docx").write_text("x")
    words = COMMANDS[command].format(bad=tmp_path / "mine", work=tmp_path).split(" ")
    assert_kind(pianqu(*words), "letter.docx")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.docx"]


def test_what_is_read_is_not_overwritten(tmp_path):
    path = tmp_path / "台账.xlsx"
    path.write_bytes(b"x")
    with pytest.raises(UsageError, match="会覆盖"):
        check_output(path, "--report", (".xlsx",), inputs=(path, None))
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(UsageError, match="数据集的文件"):
        check_output(tmp_path / "units.parquet", "--out")
    check_output(tmp_path / "new" / "x.xlsx", "--report", (".xlsx",), inputs=(path,))
    check_output(None, "--report")


def test_a_dataset_folder_is_empty_new_or_a_dataset(tmp_path):
    (tmp_path / ".lock").touch()
    check_dataset_folder(tmp_path)
    (tmp_path / "x").touch()
    with pytest.raises(NotADatasetError):
        check_dataset_folder(tmp_path)
    (tmp_path / "manifest.json").touch()
    check_dataset_folder(tmp_path)
    check_dataset_folder(tmp_path / "a" / "b")


TABLE = "小区名称,户数,经度,纬度\n甲园,500,109.84,40.65\n乙园,300,109.85,40.65\n"
WRITERS = {
    "import": "import {work}/in.csv --into {work}/d --datum wgs84",
    "roster": "roster freeze {work}/d baseline",
    "snapshot": "snapshot {work}/d 2026-06",
    "graph": "graph {work}/d",
}


def refusing(number):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.mark.parametrize("command", WRITERS)
@pytest.mark.parametrize(("number", "says"), [(errno.ENOSPC, "磁盘已满"), (errno.EROFS, "只读")])
def test_a_disk_that_refuses_leaves_the_dataset_as_it_was(pianqu, tmp_path, monkeypatch, command, number, says):
    (tmp_path / "in.csv").write_text(TABLE, encoding="utf-8")
    words = {name: text.format(work=tmp_path).split(" ") for name, text in WRITERS.items()}
    assert pianqu(*words["import"])[0] == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "d").iterdir()}
    (tmp_path / "in.csv").write_text(TABLE + "丙园,200,109.86,40.65\n", encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(commits, "sync_to_disk", refusing(number))
        answer = pianqu(*words[command])
    assert_kind(answer, says)
    assert "没有改动" in answer[2]
    assert {path.name: path.read_bytes() for path in (tmp_path / "d").iterdir()} == before
    assert pianqu(*words[command])[0] == 0
    open_dataset(tmp_path / "d")


@pytest.mark.parametrize(
    ("command", "writer"),
    [
        (
            "import {work}/in.csv --into {work}/d --datum wgs84 --report {work}/r.json",
            "app.desks.imports.reports.write_report",
        ),
        ("snapshot {work}/d 2026-06 --out {work}/r.txt", "app.indicators.snapshots.write_month"),
    ],
    ids=["import", "snapshot"],
)
def test_a_file_that_fails_after_storing_is_told_so(pianqu, tmp_path, monkeypatch, command, writer):
    """The disk was full only then: 2 would say that nothing is stored."""
    (tmp_path / "in.csv").write_text(TABLE, encoding="utf-8")
    assert pianqu(*WRITERS["import"].format(work=tmp_path).split(" "))[0] == 0

    def full(*_):
        with explain_disk_errors(tmp_path / "r"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writer, full)
    code, _, told = pianqu(*command.format(work=tmp_path).split(" "))
    assert code == 1
    assert "已" in told
    assert "磁盘已满" in told
