"""The program tells its version, what the machine lacks, and compiles ahead."""

import json

import pytest
from typer.testing import CliRunner

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
    assert (result.exit_code, result.stdout.splitlines()) == (1, ["✗ 满", "  full", "! 占", "  taken"])
    monkeypatch.setattr("app.workbench.doctor.examine", lambda folder, port: found[1:])
    result = CliRunner().invoke(cli, ["doctor", str(tmp_path), "--json"])
    assert (result.exit_code, json.loads(result.stdout)[0]["name"]) == (0, "port")


COMPILED = {  # what is compiled ahead, by the mode named
    None: ["led_areas", "lead", "whole", "whole bounded", "whole cut"],
    "area": ["led_areas"],
    "lead": ["lead"],
    "mixed": ["lead", "whole", "whole bounded"],
}


@pytest.mark.parametrize("mode", COMPILED)
def test_only_the_kernels_of_a_mode_are_compiled_where_one_is_named(mode, monkeypatch):
    done: list[str] = []
    monkeypatch.setattr("analysis.bundling.led_areas.search.compile_kernels", lambda: done.append("led_areas"))
    monkeypatch.setattr(
        "analysis.bundling.solver.search.compile_kernels",
        lambda stages, is_bounded=False, measure="walk": done.append(
            " ".join([*stages, *(["bounded"] if is_bounded else []), *(["cut"] if measure == "cut" else [])])
        ),
    )
    result = CliRunner().invoke(cli, ["warm-up", *(["--mode", mode] if mode else [])])
    assert (result.exit_code, done) == (0, COMPILED[mode])
    assert "compiled" in result.stdout
