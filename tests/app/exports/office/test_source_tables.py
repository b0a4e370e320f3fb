"""Months, values with their sources, and where all is from."""

import pytest

from app.exports.office.papers import open_papers
from app.exports.office.source_tables import (
    format_value,
    list_sources,
    make_about_table,
    make_month_table,
    make_parameter_table,
)
from app.i18n import load_words


def test_every_value_of_the_policy_has_its_source(papers):
    rows = make_parameter_table(papers).rows
    entries = papers.bench.policy.entries
    assert [row[6] for row in rows if row[6]] == list(entries)
    assert {row[4][0] + row[4][-1] for row in rows} == {"[]"}
    assert any(row[4] == "[A]" for row in rows)
    assert rows[0][0] == "本方案"


def test_the_month_is_that_of_the_data(papers):
    rows = make_month_table(papers).rows
    assert {row[0] for row in rows} == {"2026-06"}
    assert {row[1] for row in rows} >= {"all"}


def test_sources_name_plan_data_policy_and_verdict(papers):
    found = list_sources(papers)
    assert found["data_hash"] == papers.bench.dataset.manifest.all_sha256
    assert found["policy_hash"] == papers.bench.policy.sha256
    assert found["demo"]
    assert found["draft"]
    assert papers.verdict.zh in {row[1] for row in make_about_table(papers).rows}


@pytest.mark.parametrize(("value", "text"), [(True, "是"), ("railway", "铁路"), (1500.0, "1500"), ("x", "x")])
def test_values_as_text(value, text):
    assert format_value(value, load_words("zh")) == text


def test_in_english(make):
    papers = open_papers(make("en"))
    assert make_about_table(papers).head == ("What", "Value")
