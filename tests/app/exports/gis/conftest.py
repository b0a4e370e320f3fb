"""Plans with names that no file may choke on."""

from dataclasses import replace

import pytest

from app.exports.export import export_plan
from app.exports.formats import choose_formats
from app.exports.request import make_request
from geo.storage.dataset import write_dataset

NAMES = ["甲\"乙'丙", "=cmd|' /C calc'!A0", "😀小区", "长" * 40, "和平/东路", "<b>&amp;", "a;b,c\td", "普通小区"]


@pytest.fixture
def hostile(led_town):
    """The plan with leaders inside on data whose units have such names; what is asked for an export of it."""
    dataset, document = led_town
    units = dataset.layer("units").assign(name=NAMES)
    renamed = write_dataset(dataset.folder, replace(dataset.manifest), {"units": units})
    document = {**document, "planning_sha256": renamed.manifest.planning_sha256}
    return make_request(renamed, document, number=2)


@pytest.fixture
def exported(hostile, tmp_path):
    """Writes the plan in a format; the one file."""

    def write(key, folder="out", **more):
        (path,) = export_plan(hostile, choose_formats(key), tmp_path / folder, **more)
        return path

    return write
