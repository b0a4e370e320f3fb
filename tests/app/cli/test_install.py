"""The program tells its version, what the machine lacks, and compiles ahead."""

import json

from typer.testing import CliRunner

from app.cli import install
from app.cli.main import cli
from app.workbench.doctor import Check


def test_the_version_is_that_of_the_package():
    result = CliRunner().invoke(cli, ["--version"])
    assert result.exit_code == 0
    assert result.stdout.startswith("pianqu 0.")


def test_a_fault_is_an_exit_code(monkeypatch, tmp_path):
    found = (Check("disk", "fault", "满", "full"), Check("port", "warning", "占", "taken"))
    monkeypatch.setattr("app.workbench.doctor.examine", lambda folder, port: found)
    result = CliRunner().invoke(cli, ["doctor", str(tmp_path)])
    assert (result.exit_code, result.stdout.splitlines()) == (1, ["✗ 满  full", "! 占  taken"])
    monkeypatch.setattr("app.workbench.doctor.examine", lambda folder, port: found[1:])
    result = CliRunner().invoke(cli, ["doctor", str(tmp_path), "--json"])
    assert (result.exit_code, json.loads(result.stdout)[0]["name"]) == (0, "port")


def test_the_kernels_are_compiled(capsys):
    install.warm_up()
    assert "compiled" in capsys.readouterr().out
