"""Help: in groups, in the language asked for; every command has `--lang` and `--json`."""

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from app.cli.base.console import speak
from app.cli.base.help import CHINESE
from app.cli.main import cli
from tests.cli_pages import list_commands

COMMANDS = dict(list_commands(get_command(cli)))


def test_every_command_takes_a_language_and_answers_machines():
    options = {name: {flag for one in command.params for flag in one.opts} for name, command in COMMANDS.items()}
    assert [name for name in options if "--lang" not in options[name]] == []
    assert [name for name in options if "--json" not in options[name]] == ["serve"]


def test_the_options_of_a_plan_stand_in_groups():
    told = CliRunner().invoke(cli, ["--lang", "en", "plan", "--help"]).stdout
    heads = ["What is planned, and where", "Size of areas", "Search", "Aims and rules", "What is settled already"]
    assert all(f"─ {head} ─" in told for head in heads)
    assert "[policy]" in told


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_english_help_is_english(command):
    told = CliRunner().invoke(cli, ["--lang", "en", *command.split(), "--help"]).stdout
    assert [line for line in told.splitlines() if CHINESE.search(line) and not _names_chinese(line)] == []


def test_chinese_help_says_required_in_chinese_and_leaves_nothing_behind():
    with speak(None):
        told = CliRunner().invoke(cli, ["--lang", "zh", "check", "--help"]).stdout
    assert "[必填]" in told
    assert "dataset" not in told
    assert "[required]" in CliRunner().invoke(cli, ["check", "--help"]).stdout


def _names_chinese(line: str) -> bool:
    """Names of places and of values that are Chinese in every language."""
    return any(name in line for name in ("昆都仑区", "今天"))
