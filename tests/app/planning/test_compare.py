"""Two plans compared: a plan beside itself moves nobody; plans of older data are refused."""

import pytest

from app.planning.compare import compare_documents, comparison_document, comparison_lines
from app.workbench.plans_on_disk import read_plan
from geo.errors import StalePlanError
from geo.storage.dataset import open_dataset


@pytest.fixture(scope="module")
def both(town):
    return open_dataset(town[0]), read_plan(town[1])


def test_a_plan_beside_itself_moves_nobody(both):
    dataset, plan = both
    found = compare_documents(dataset, plan, plan)
    told = comparison_document(found)
    assert told["units_moved"] == 0
    assert all(figure["a"] == figure["b"] for figure in told["figures"].values())
    assert comparison_lines(found)[0] == found.sentence


def test_a_plan_of_older_data_is_refused(both):
    dataset, plan = both
    with pytest.raises(StalePlanError):
        compare_documents(dataset, plan, {**plan, "planning_sha256": "0" * 64})
