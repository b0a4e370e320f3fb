"""Any city: with the neutral template every command and the page work, and no word of Baotou is needed."""

import json
import tomllib

import pytest
from typer.testing import CliRunner

from analysis.policy import DEFAULT_POLICY, read_policy
from analysis.studies.policy_check import check_policy
from app.cli.main import cli
from app.web.main import create_app
from app.workbench.policies import TEMPLATE_NAMES, TEMPLATE_POLICY, resolve_rules
from geo.names import read_names
from geo.storage.dataset import open_dataset


@pytest.fixture(scope="module")
def way(tmp_path_factory):
    """demo → graph → plan → verify → indicators → export, each by the template; outputs by command."""
    folder = tmp_path_factory.mktemp("neutral")
    data, plan, out = folder / "D", folder / "plan.json", folder / "out"
    rules = ["--policy", str(TEMPLATE_POLICY), "--names", str(TEMPLATE_NAMES)]
    steps = {
        "demo": ["demo", "--raw", str(folder / "raw"), "--into", str(data), *rules],
        "graph": ["graph", str(data)],
        "plan": ["plan", str(data), "--rounds", "2", "--out", str(plan)],
        "verify": ["verify", str(data), str(plan)],
        "indicators": ["indicators", str(data), "--plan", str(plan), "--json"],
        "export": ["export", str(data), str(plan), "--format", "xlsx", "--out", str(out)],
    }
    return {name: CliRunner().invoke(cli, arguments) for name, arguments in steps.items()}, data, plan, out


def test_the_template_is_sound_and_names_no_city():
    policy = read_policy(TEMPLATE_POLICY)
    assert check_policy(policy) == ()
    assert (policy.city_zh, policy.bounds) == ("", None)
    text = TEMPLATE_POLICY.read_text(encoding="utf-8") + TEMPLATE_NAMES.read_text(encoding="utf-8")
    assert not [word for word in ("包头", "Baotou", "昆", "稀土", "内蒙古") if word in text]
    assert read_names(TEMPLATE_NAMES).districts == ()


def test_the_template_has_every_value_that_a_city_does_not_set_itself():
    own, template = read_policy(DEFAULT_POLICY), read_policy(TEMPLATE_POLICY)
    needed = {key for key in own.entries if not key.startswith(("target.", "overlay.", "agency."))}
    assert needed <= set(template.entries)
    assert "S" not in {entry.source[:1] for entry in template.entries.values()}
    assert tomllib.loads(TEMPLATE_POLICY.read_text(encoding="utf-8"))["meta"]["version"] == "template"


@pytest.mark.full
@pytest.mark.parametrize("command", ["demo", "graph", "plan", "verify", "indicators", "export"])
def test_every_command_works_with_it(way, command):
    answer = way[0][command]
    assert answer.exit_code == 0, answer.output
    assert "包头" not in answer.output


@pytest.mark.full
def test_it_is_kept_in_the_dataset_and_figures_have_no_targets(way):
    answers, data, _, out = way
    kept = resolve_rules(open_dataset(data))
    assert (kept.policy.name, kept.is_default) == (read_policy(TEMPLATE_POLICY).name, False)
    figures = json.loads(answers["indicators"].stdout)
    assert "包头" not in json.dumps(figures, ensure_ascii=False)
    assert list(out.glob("**/*.xlsx"))


@pytest.mark.full
def test_the_page_works_with_it(way):
    _, data, plan, _ = way
    client = create_app(data, plan).server.test_client()
    layout = client.get("/_dash-layout")
    assert layout.status_code == 200
    assert "包头" not in layout.get_data(as_text=True)
