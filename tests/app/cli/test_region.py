"""The commands about a region."""

import json

import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from app.region.definition import read_region
from geo.errors import UsageError


def test_defining_again_adds_and_keeps(tmp_path):
    folder = str(tmp_path / "r")
    for words in (("150202", "--name", "甲"), (f"150203={tmp_path}", "--datum", "gcj02")):
        assert CliRunner().invoke(cli, ["region", "define", folder, *words]).exit_code == 0
    found = read_region(tmp_path / "r")
    assert (found.name, [one.key for one in found.districts]) == ("甲", ["150202", "150203"])
    assert found.districts[0].source is None
    assert found.districts[1].source.datum == "gcj02"


def test_what_a_region_has_not_is_told(tmp_path):
    folder = str(tmp_path / "r")
    shown = CliRunner().invoke(cli, ["region", "demo", folder, "--districts", "2", "--json"])
    assert json.loads(shown.stdout)["districts"] == ["01", "02"]
    for words, told in ((("--district", "07"), "no district '07'"), (("--step", "paint"), "knows no 'paint'")):
        answer = CliRunner().invoke(cli, ["region", "run", folder, *words])
        assert isinstance(answer.exception, UsageError)
        assert told in answer.exception.en


@pytest.mark.full
def test_a_region_is_run_and_told(tmp_path):
    folder, empty = str(tmp_path / "r"), tmp_path / "none"
    CliRunner().invoke(cli, ["region", "demo", folder, "--districts", "1"])
    CliRunner().invoke(cli, ["region", "define", folder, f"99={empty}"])
    answer = CliRunner().invoke(cli, ["region", "run", folder, "--rounds", "1", "--json"])
    assert answer.exit_code == 1
    told = json.loads(answer.stdout)
    assert (told["done"], told["failed"], told["missing"]) == (5, 1, 5)
    assert [(one["district"], one["step"]) for one in told["faults"]] == [("99", "prepare")]
    assert (tmp_path / "r" / "summary.xlsx").stat().st_size > 5_000
