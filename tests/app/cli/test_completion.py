"""A shell is given a script, and completes commands and options by it."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from app.cli.main import cli


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_has_its_script(shell):
    told = CliRunner().invoke(cli, ["completion", shell])
    assert told.exit_code == 0
    assert f"complete_{shell}" in told.stdout
    assert json.loads(CliRunner().invoke(cli, ["completion", shell, "--json"]).stdout)["shell"] == shell


def test_the_script_is_good_bash():
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash on this machine")
    script = CliRunner().invoke(cli, ["completion", "bash"]).stdout
    subprocess.run([bash, "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(("typed", "expected"), [("pianqu ver", "verify-export"), ("pianqu plan --obj", "--objective")])
def test_what_was_begun_is_completed(typed, expected):
    asked = {"_PIANQU_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    told = subprocess.run(
        [sys.executable, "-c", "from app.cli.main import cli; cli(prog_name='pianqu')"],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=True,
    )
    assert expected in told.stdout.split()
