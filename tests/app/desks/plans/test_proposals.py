"""Three proposals of one run: side by side with what they bring, one of them taken as the plan."""

import shutil

import pytest

from app.desks.plans.proposals import read_board, take_proposal
from app.desks.plans.run_manager import PlanRunManager
from app.i18n import load_words
from app.planning.options import PlanOptions
from app.planning.request import PlanRequest
from app.session.plan_session import PlanSession
from geo.errors import UsageError
from tests.app.desks.plans.test_run_manager import ended

ZH = load_words("zh")


@pytest.fixture(scope="module")
def made(town, tmp_path_factory):
    folder = shutil.copytree(town[0], tmp_path_factory.mktemp("several") / "city")
    runs = PlanRunManager(PlanSession(folder, None))
    job = runs.start(PlanRequest("全市 · 三个方案 · 11-30", PlanOptions(seconds=1.0)), "王敏", kind="proposals")
    run = ended(runs)
    return runs, job, run, runs.session.store.plans()


@pytest.mark.full
def test_a_run_of_several_keeps_none_by_itself(made):
    runs, job, run, kept = made
    assert (run.phase, run.kind, run.version) == ("done", "proposals", None)
    assert kept == []
    assert runs.find_proposals(job) is not None
    assert runs.find_proposals("another") is None


def test_cards_say_the_same_figures_each_with_a_map_and_a_verdict(made):
    runs, job, *_ = made
    board = read_board(runs, job, ZH)
    assert len(board.cards) + len(board.left_out) == 3
    for card in board.cards:
        names = {name for name, _ in card.rows}
        assert {
            ZH("propose.row_areas"),
            ZH("propose.row_coverage_count"),
            ZH("propose.row_coverage_households"),
        } <= names
        assert "→" in dict(card.rows)[ZH("propose.row_coverage_count")]
        assert card.picture.startswith("data:image/svg+xml")
        assert card.verdict


def test_one_is_taken_once_and_shown_on_the_neighbours_it_was_made_with(made):
    runs, job, *_ = made
    card = read_board(runs, job, ZH).cards[0]
    version = take_proposal(runs, job, card.key, "王敏", ZH)
    assert version.plan_name == f"全市 · {card.name} · 11-30"
    assert take_proposal(runs, job, card.key, "李", ZH) == version
    page = runs.session.open(version.id)
    assert len(page.bench.areas) == card.areas
    assert runs.session.require_today(page.version) is page  # it may be edited
    with pytest.raises(UsageError):
        take_proposal(runs, job, "nothing", "李", ZH)
    with pytest.raises(UsageError):
        read_board(runs, "another", ZH)
