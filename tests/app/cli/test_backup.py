"""`pianqu backup` and `restore` tell in both languages what they did."""

import json
import shutil
import sys

import pytest

from app.cli import main
from app.session.folders import default_store_path
from app.store.store import open_store
from app.workbench.plans_on_disk import read_plan
from geo.storage.dataset import freeze_roster, open_dataset


@pytest.fixture
def office(town, tmp_path):
    """A dataset of its own with a store of one plan beside it, and the files of a run."""
    folder = shutil.copytree(town[0], tmp_path / "office" / "town")
    store = open_store(f"sqlite:///{default_store_path(folder)}")
    store.create_plan("一稿", read_plan(town[1]), "王敏")
    job = folder.with_name("town.cache") / "jobs" / "1"
    job.mkdir(parents=True)
    (job / "request.json").write_text("{}")
    yield folder, store
    store.close()


def test_the_command_line_tells_in_both_languages(office, tmp_path, monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["pianqu", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, capsys.readouterr()

    folder, out, into = office[0], tmp_path / "b.zip", tmp_path / "back"
    freeze_roster(open_dataset(folder), "基准")
    code, told = run("backup", folder, "--out", out)
    assert (code, "1 个方案" in told.out) == (0, True)
    code, told = run("restore", out, "--into", into, "--json")
    assert (code, json.loads(told.out)["store"]) == (0, str(default_store_path(into)))
    assert open_dataset(into).rosters() == ("基准",)
    code, told = run("restore", out, "--into", into)
    assert (code, "没有覆盖" in told.err, "stays" in told.err) == (2, True, True)
    url = "postgresql://u:secret@host/db"
    code, told = run("backup", folder, "--out", tmp_path / "c.zip", "--store", url)
    assert (code, "secret" in told.err) == (2, False)  # nobody answers there
    code, told = run("backup", folder, "--out", tmp_path / "c.zip", "--store", url, "--without-plans")
    assert (code, "不含方案库" in told.out) == (0, True)
    assert run("restore", tmp_path / "none.zip", "--into", tmp_path / "y")[0] == 2
