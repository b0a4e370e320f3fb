"""Faults brought about: what was saved is there, what is damaged is named; at length in `tests.bench.chaos`."""

import os
import random
import shutil

import pytest

pytest.importorskip("resource", reason="POSIX only")
from tests.bench import chaos


@pytest.fixture
def parts(town, tmp_path):
    folder = shutil.copytree(town[0], tmp_path / "city")
    return lambda kills: chaos.parts_of(folder, town[1], kills, random.Random(1))


@pytest.mark.parametrize("name", ["disk", "files"])
def test_a_disk_that_is_full_and_files_cut_short_are_named_and_nothing_is_lost(parts, name):
    row = parts(6)[name]()
    assert row.is_well, row
    assert row.refused or row.acknowledged


HAS_CLOCK = shutil.which("faketime") is not None or os.environ.get("CI") == "true"
"""Whether a clock can be set wrong; in CI a missing program is a failure, not a skip."""
CLOCK = pytest.param("clock", marks=pytest.mark.skipif(not HAS_CLOCK, reason="faketime is not installed"))


@pytest.mark.full
@pytest.mark.parametrize("name", ["web", "jobs", "database", "writers", CLOCK, "slow", "backup"])
def test_what_is_killed_or_kept_waiting_loses_nothing(parts, name):
    row = parts(2)[name]()
    assert row.is_well, row
    assert row.acknowledged or name == "slow"
