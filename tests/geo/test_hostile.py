"""Every bad file of the corpus, and files with random bytes changed: a finding or a sentence."""

from __future__ import annotations

import contextlib
import functools
import gzip
import logging
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.errors import PlanningError, UnreadableFileError
from geo.importing import ImportOptions, import_paths
from geo.osm.layers import read_osm
from geo.readers import read_file
from geo.rules import UnitRules
from geo.sandbox.processes import ReadLimits
from tests.effort import examples
from tests.geo import corpus
from tests.geo.corpus import CORPUS, NAMES
from tests.geo.small_xls import write_xls

LIMITS = ReadLimits(memory_mb=800, cpu_s=20, wall_s=30)


def outcome(case, folder):
    """Findings and names of a bad input that is read, or imported."""
    path = case.write(folder)
    if case.options is None:
        layers = read_file(path, limits=LIMITS)
        names = [v for raw in layers for c in raw.frame for v in raw.frame[c]]
        return [f for raw in layers for f in raw.findings], names
    options = {name: value for name, value in case.options.items() if name != "imported"}
    report = import_paths([path], folder / "dataset", options=ImportOptions(**options), unit_rules=UnitRules())
    return list(report.findings), []


def test_the_corpus_is_large():
    assert len(CORPUS) >= 100


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_a_bad_input_gives_its_finding_or_its_sentence(tmp_path, case, caplog):
    if case.error is not None:
        with pytest.raises(case.error) as refused:
            outcome(case, tmp_path)
        assert "unexpectedly" not in caplog.text  # foreseen, not merely caught at the rim
        assert isinstance(refused.value, PlanningError)
        assert str(tmp_path) not in refused.value.zh + refused.value.en or "not_there" in case.name
        return
    findings, names = outcome(case, tmp_path)
    if case.rule is not None:
        assert case.rule in [f.rule for f in findings]
    else:
        assert set(NAMES) <= {name for name in names if isinstance(name, str)}


# --- OSM ----------------------------------------------------------------------------------------


def laughing(folder):
    laughs = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    head = f'<!DOCTYPE osm [<!ENTITY a0 "ha">{laughs}]>'
    node = '<node id="1" lat="1" lon="1"><tag k="highway" v="&a9;"/></node>'
    return corpus.text(folder / "a.osm", f'<?xml version="1.0"?>{head}<osm version="0.6">{node}</osm>')


def bomb(folder):
    (folder / "a.osm.gz").write_bytes(gzip.compress(b"<osm>" + b" " * 50_000_000))
    return folder / "a.osm.gz"


@pytest.mark.parametrize("write", [laughing, bomb])
def test_a_hostile_extract_is_refused(tmp_path, write):
    with pytest.raises(UnreadableFileError):
        read_osm(write(tmp_path), limits=LIMITS)


# --- random damage ------------------------------------------------------------------------------


@functools.cache
def sound_files() -> dict[str, bytes]:
    """The bytes of one sound file of each format."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for suffix in (".gpkg", ".fgb"):
            corpus.yards().to_file(folder / f"a{suffix}")
        corpus.yards().to_parquet(folder / "a.parquet")
        corpus.geojson(folder, *corpus.SQUARES)
        corpus.kml(folder, corpus.placemarks())
        outline = corpus.outline(400_000, 4_500_000)
        corpus.dxf(folder, outline, corpus.label(NAMES[0], 400_010, 4_500_010))
        shape = corpus.shapefile(folder, cpg=False)
        corpus.archive(folder, corpus.parts(shape), zipfile.ZIP_STORED)
        corpus.book(folder / "a.xlsx", [corpus.HEADER, *corpus.ROWS])
        write_xls(folder / "a.xls", [corpus.HEADER, *corpus.ROWS])
        corpus.csv_in_gb18030(folder)
        wanted = (".gpkg", ".fgb", ".parquet", ".geojson", ".kml", ".dxf", ".zip", ".xlsx", ".xls", ".csv")
        return {suffix: (folder / f"a{suffix}").read_bytes() for suffix in wanted}


class Faults(logging.Handler):
    """Collects what `geo.sandbox.processes` logs as a fault of ours: an exception that is no sentence."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.told = []

    def emit(self, record):
        self.told.append(record.getMessage())


def read_damaged(suffix, changes, end):
    """Read a sound file with some bytes changed and its end cut off, through the child."""
    data = bytearray(sound_files()[suffix])
    for place, value in changes:
        data[int(place * (len(data) - 1))] = value
    faults = Faults()
    logger = logging.getLogger("geo.sandbox.processes")
    logger.addHandler(faults)
    try:
        with tempfile.TemporaryDirectory() as name, contextlib.suppress(PlanningError):
            path = Path(name) / f"a{suffix}"
            path.write_bytes(bytes(data[: len(data) - int(end * len(data))]))
            for raw in read_file(path, limits=LIMITS):
                assert len(raw.rows) == len(raw.frame)
    finally:
        logger.removeHandler(faults)
    assert not faults.told


DAMAGE = {
    "suffix": st.sampled_from(sorted(sound_files())),
    "changes": st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12),
    "end": st.sampled_from([0.0, 0.0, 0.01, 0.4]),
}


@settings(max_examples=examples(100), deadline=None, derandomize=True)
@given(**DAMAGE)
@example(suffix=".parquet", changes=[(0.5625, 47)], end=0.0)  # an axis of the CRS without its abbreviation
@example(suffix=".xlsx", changes=[(0.5859375, 35)], end=0.0)  # the formats of cells without their check sum
def test_a_damaged_file_gives_rows_or_a_sentence(suffix, changes, end):
    read_damaged(suffix, changes, end)


@pytest.mark.full
@settings(max_examples=examples(2500), deadline=None)
@given(**DAMAGE)
def test_thousands_of_damaged_files_give_rows_or_a_sentence(suffix, changes, end):
    read_damaged(suffix, changes, end)
