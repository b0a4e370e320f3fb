"""Units and areas of a plan are explained by their id or their only name."""

import json

import pytest

from analysis.bundling.explain.alternatives import Alternative
from app.planning.explain import account_document, account_lines, explain_document, format_cost
from app.workbench.plans_on_disk import read_plan
from geo.errors import UnknownCodeError
from geo.messages import Sentence
from geo.storage.dataset import open_dataset


@pytest.fixture(scope="module")
def both(town):
    return open_dataset(town[0]), read_plan(town[1])


def test_an_area_and_a_unit_of_it_have_an_account(both):
    dataset, plan = both
    area = plan["areas"][0]
    for name in (area["area_id"], area["unit_ids"][0]):
        account = explain_document(dataset, plan, name)
        assert account_lines(account)
        assert json.dumps(account_document(account), ensure_ascii=False)


def test_what_nothing_is_called_is_told(both):
    with pytest.raises(UnknownCodeError):
        explain_document(*both, "没有这个小区")


def test_a_cost_tells_households_without_a_leader_before_walking():
    other = Alternative("A1", None, Sentence("片区1", "area 1"), (), 0, -500, {"walking": -500}, (0, 80, -500))
    assert format_cost(other) == (
        "没有牵头小区 +80 户, -500 户·米",
        "+80 households without a leader, -500 household-metres",
    )
