"""An export folder of the town, with its manifest."""

import pytest

from app.exports.export import write_formats
from app.exports.formats import find_format
from app.exports.proof.manifest import write_manifest
from app.exports.request import make_request
from tests.app.town import build_town


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    """Folder of the dataset and path of the plan, as in the tests of the page."""
    return build_town(tmp_path_factory.mktemp("proof"))


@pytest.fixture
def export(bench, tmp_path):
    """Exports formats into a folder."""

    def make(*keys, folder="out", **more):
        asked = make_request(bench.dataset, dict(bench.plan), author="王工", **more)
        written = write_formats(asked, [find_format(key) for key in keys], tmp_path / folder)
        write_manifest(asked, written, tmp_path / folder)
        return tmp_path / folder

    return make
