"""Records of steps: read as they were written; a damaged one is none."""

from app.region.records import StepRecord, read_record, write_record
from app.region.use import Use


def test_a_record_comes_back_and_a_damaged_one_is_none(tmp_path):
    record = StepRecord("150202", "graph", "a", "b", {"edges": 3}, Use(1.0, 0.5, 90.0))
    write_record(tmp_path / "new" / "graph.json", record)
    assert read_record(tmp_path / "new" / "graph.json") == record
    for text in ("", "[]", '{"district": "x"}', "\x00"):
        (tmp_path / "bad.json").write_text(text)
        assert read_record(tmp_path / "bad.json") is None
