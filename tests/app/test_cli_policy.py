"""`pianqu policy check`: a sound file passes, a wrong one is told whole and ends with 1."""

from typer.testing import CliRunner

from analysis.policy import DEFAULT_POLICY
from app.cli import cli
from geo.names import read_names


def test_the_citys_own_file_is_valid():
    answer = CliRunner().invoke(cli, ["policy", "check"])
    assert answer.exit_code == 0
    assert "entries, valid" in answer.stdout


def test_a_wrong_file_names_every_fault(tmp_path):
    text = DEFAULT_POLICY.read_text(encoding="utf-8")
    text = text.replace("value = [1000, 4000]", "value = [4000, 1000]")
    text = text.replace("[target.G05]", "[target.G55]")
    (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    answer = CliRunner().invoke(cli, ["policy", "check", str(tmp_path / "p.toml")])
    assert answer.exit_code == 1
    assert "2 处错误" in answer.stdout
    assert "size.households" in answer.stderr
    assert "target.G55" in answer.stderr


def test_the_template_is_written_with_the_name_of_the_city_and_is_valid(tmp_path):
    out, names = tmp_path / "本市.toml", tmp_path / "地名.toml"
    written = ["policy", "template", "--out", str(out), "--city", "某某市", "--names-out", str(names)]
    assert CliRunner().invoke(cli, written).exit_code == 0
    answer = CliRunner().invoke(cli, ["policy", "check", str(out)])
    assert answer.exit_code == 0
    assert "某某市片区规划参数" in answer.stdout
    assert read_names(names).districts == ()
