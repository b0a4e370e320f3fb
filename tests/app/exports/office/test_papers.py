"""What papers are made of is computed once, and is what the page shows."""

from app.exports.office.papers import open_papers


def test_the_parts_of_an_export_share_their_papers(request_zh):
    assert open_papers(request_zh) is open_papers(request_zh)


def test_every_unit_of_the_plan_is_explained(papers):
    assert set(papers.accounts) == {role.unit_id for role in papers.bench.roles.values()}


def test_a_plan_that_breaks_rules_is_a_draft(papers):
    assert not papers.verdict.is_met
    assert "草案" in papers.marks[0]


def test_a_place_without_a_code_is_not_known(papers):
    assert papers.place(None) is None
    assert papers.place("no such code") == "no such code"
