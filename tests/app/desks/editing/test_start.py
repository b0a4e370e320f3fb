"""What the editor begins with: every unit by its place in the layer, as compact JSON."""

import datetime
import json

from app.desks.editing.start import saved_record, start_text
from app.store.records import Version

WHEN = datetime.datetime(2026, 6, 30, 4, 5, tzinfo=datetime.UTC)


def test_the_document_is_compact_and_readable():
    text = start_text({"名": ["甲", None], "n": 1})
    assert " " not in text
    assert json.loads(text) == {"名": ["甲", None], "n": 1}


def test_a_saved_version_names_its_address():
    version = Version("v7", "p", "甲", 2, "v6", "d" * 64, "c" * 64, "李", "改", (), WHEN, {})
    record = saved_record(version)
    assert (record["address"], record["number"], record["author"]) == ("./?plan=p&version=2", 2, "李")
