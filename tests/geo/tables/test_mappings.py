from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import UnreadableFileError, UsageError
from geo.tables.headers import map_columns
from geo.tables.mappings import (
    UNKNOWN_FIELD,
    SavedMapping,
    apply_mapping,
    find_mapping,
    headers_hash,
    read_mapping,
    record_mapping,
)

HEADERS = ["序号", "小区名称", "户数", "建筑面积(万㎡)", "联系电话", "特别说明"]


def write_mapping(folder, saved):
    path = folder / saved.file_name
    path.write_text(saved.text, encoding="utf-8")
    return path


def test_what_was_used_is_used_again_next_month(tmp_path):
    used = map_columns(HEADERS, "communities")
    write_mapping(tmp_path, record_mapping(used, HEADERS))
    again = find_mapping(tmp_path, ["小区 名称", *HEADERS[2:], "序号"])
    assert apply_mapping(HEADERS, again).matches == used.matches
    assert apply_mapping(HEADERS, again).personal == ("联系电话",)


def test_other_headers_find_nothing_and_neither_do_two_layers(tmp_path):
    mapping = record_mapping(map_columns(HEADERS, "communities"), HEADERS)
    write_mapping(tmp_path, mapping)
    assert find_mapping(tmp_path, [*HEADERS, "楼栋数"]) is None
    write_mapping(tmp_path, SavedMapping("buildings", mapping.columns[:1] + mapping.columns[2:]))
    write_mapping(tmp_path, SavedMapping("parking", tuple((h, None) for h, _ in mapping.columns)))
    assert find_mapping(tmp_path, HEADERS) is None
    assert find_mapping(tmp_path, HEADERS, "communities") == mapping


def test_the_same_mapping_is_the_same_bytes(tmp_path):
    mapping = record_mapping(map_columns(HEADERS, "communities"), HEADERS)
    first = write_mapping(tmp_path, mapping).read_bytes()
    assert write_mapping(tmp_path, mapping).read_bytes() == first
    assert read_mapping(tmp_path / mapping.file_name) == mapping
    assert [p.name for p in tmp_path.iterdir()] == [mapping.file_name]


def test_a_planner_may_send_a_column_elsewhere_or_nowhere():
    said = SavedMapping("communities", (("项目", "name"), ("户数", None), ("电话", "address")))
    found = apply_mapping(["项目", "户数", "电话", "栋数"], said)
    assert [(m.source, m.field) for m in found.matches] == [("项目", "name"), ("栋数", "building_count")]
    assert (found.ignored, found.personal) == (("户数",), ("电话",))


def test_a_header_nobody_knew_is_looked_up_anew(tmp_path):
    """What an older version could not read must not stay unread because it was remembered so."""
    then = SavedMapping("communities", (("小区名称", "name"), ("户数", UNKNOWN_FIELD), ("栋数", None)))
    found = apply_mapping(["小区名称", "户数", "栋数"], then)
    assert found.fields == ("name", "households")
    again = record_mapping(found, ["小区名称", "户数", "栋数"], then)
    assert again.columns == (("小区名称", "name"), ("户数", "households"), ("栋数", None))
    assert read_mapping(write_mapping(tmp_path, then)) == then


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("{", UnreadableFileError),
        ("[]", UnreadableFileError),
        ("[" * 100_000, UnreadableFileError),
        ('{"layer": "communities"}', UnreadableFileError),
        ('{"layer": "plots", "columns": {}}', UsageError),
        ('{"layer": "communities", "columns": {"a": "colour"}}', UsageError),
        ('{"layer": "communities", "columns": {"a": "name", "b": "name"}}', UsageError),
    ],
)
def test_a_wrong_mapping_is_refused_with_a_sentence(tmp_path, body, error):
    path = tmp_path / "m.json"
    path.write_text(body, encoding="utf-8")
    with pytest.raises(error, match=r"m\.json"):
        read_mapping(path)


@given(st.lists(st.text(min_size=1, max_size=6), unique=True, max_size=6), st.randoms())
def test_the_hash_does_not_depend_on_the_order_of_columns(columns, random):
    shuffled = list(columns)
    random.shuffle(shuffled)
    assert headers_hash(columns) == headers_hash(shuffled)


def test_a_mapping_file_is_plain_to_read(tmp_path):
    path = write_mapping(tmp_path, SavedMapping("communities", (("小区名称", "name"), ("备用", None))))
    body = json.loads(path.read_text(encoding="utf-8"))
    assert body["columns"] == {"小区名称": "name", "备用": None}
