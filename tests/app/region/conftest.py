"""A region of two towns, done once, and copies of it."""

import shutil

import pytest

from app.region.definition import read_region
from app.region.steps import STEPS, StepTask, run_step
from tests.app.region.towns import CHOICES, define_towns


@pytest.fixture(scope="session")
def done(tmp_path_factory):
    """A region of two towns, all steps done by this process."""
    region = define_towns(tmp_path_factory.mktemp("region"))
    for step in STEPS:
        for one in region.districts:
            run_step(StepTask(region.folder, region.sha256, one.key, step), CHOICES)
    return region


@pytest.fixture
def region(done, tmp_path):
    """A copy of it."""
    shutil.copytree(done.folder, tmp_path / "r")
    return read_region(tmp_path / "r")
