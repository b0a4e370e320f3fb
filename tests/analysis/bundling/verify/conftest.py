"""The small town of the tests of verify."""

import pytest

from analysis.bundling.model.rules import rules_from_policy
from tests.analysis.bundling.agreeing import agreeing, policy_of_areas
from tests.analysis.bundling.verify.small_town import Town


@pytest.fixture
def town():
    return Town()


@pytest.fixture(scope="module")
def made():
    """A plan by the rules of the town, and a policy that agrees with every one of them."""
    dataset, document = Town().kept()
    document["chosen"] = []
    document["rules"]["staffing_norms"] = list(rules_from_policy(policy_of_areas(), mode="mixed").staffing_norms)
    policy = agreeing(document)
    return dataset, {**document, "policy_sha256": policy.sha256}, policy
