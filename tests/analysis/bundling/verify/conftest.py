"""The small town of the tests of verify."""

import pytest

from tests.analysis.bundling.verify.small_town import Town


@pytest.fixture
def town():
    return Town()
