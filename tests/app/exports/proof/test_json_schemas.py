"""Schemas are valid themselves, real files are valid by them, and broken ones are not."""

import json

import jsonschema
import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from app.exports.proof.json_schemas import SCHEMAS
from app.workbench.plans_on_disk import read_plan
from geo.schema import LAYERS
from geo.storage.dataset import open_dataset
from tests.app.led_plan import with_leaders
from tests.app.town import build_town

ROWS = 40


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Folder of a dataset and path of its plan."""
    return build_town(tmp_path_factory.mktemp("town"))


def broken(body, name):
    return list(jsonschema.Draft202012Validator(SCHEMAS[name]()).iter_errors(body))


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_is_a_schema_and_the_command_writes_it(name):
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name]())
    assert json.loads(CliRunner().invoke(cli, ["schema", name]).stdout) == SCHEMAS[name]()


def test_a_plan_is_valid_and_one_without_its_areas_is_not(town):
    plan = read_plan(town[1])
    for one in (plan, json.loads(json.dumps(with_leaders(plan)))):
        assert broken(one, "plan") == []
        assert broken({**one, "areas": None}, "plan")
        assert broken({**one, "status": "good"}, "plan")


def test_the_manifest_is_valid_and_a_changed_one_is_not(town):
    body = json.loads((town[0] / "manifest.json").read_text(encoding="utf-8"))
    assert broken(body, "manifest") == []
    assert broken({**body, "all_sha256": "short"}, "manifest")
    assert broken({**body, "schema": "other"}, "manifest")


def test_the_layers_are_valid_and_an_unknown_mode_is_not(town):
    dataset = open_dataset(town[0])
    body = {}
    for layer in LAYERS:
        if dataset.has(layer):
            rows = dataset.layer(layer).head(ROWS)
            text = rows[[name for name in rows if rows[name].dtype != "geometry"]].to_json(
                orient="records", date_format="iso"
            )
            body[layer] = json.loads(text)
    assert {"units", "edges"} <= body.keys()
    assert broken(body, "dataset") == []
    body["units"][0]["management_mode"] = "splendid"
    assert broken(body, "dataset")


def test_indicators_are_valid_and_a_figure_without_its_basis_is_not(town):
    told = CliRunner().invoke(cli, ["indicators", str(town[0]), "--plan", str(town[1]), "--by", "all", "--json"])
    body = json.loads(told.stdout)
    assert broken(body, "indicators") == []
    del body["figures"][0]["basis"]
    assert broken(body, "indicators")
