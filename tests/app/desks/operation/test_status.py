"""What somebody should look at: an old backup, a damaged store, errors; each is said in words, too."""

import datetime
import shutil

import pytest

from analysis.bundling.solver import search
from analysis.bundling.solver.kernels import rank_one
from app.desks.backup.last import note_backup
from app.desks.exports.jobs import ExportJobs
from app.desks.operation.status import describe_status
from app.desks.plans.run_manager import PlanRunManager
from app.i18n import LANGUAGES, load_words
from app.jobs.limits import JobLimits
from app.session.measuring import RequestMeter, Traffic
from app.session.plan_session import PlanSession
from app.store.health import DatabaseState


@pytest.fixture
def describe(town, tmp_path):
    folder = shutil.copytree(town[0], tmp_path / "town")
    session, limits = PlanSession(folder, None, None, "sqlite://"), JobLimits(2, 500, 120)
    meter = RequestMeter()

    def describe(language="en"):
        return describe_status(
            session, PlanRunManager(session, limits), ExportJobs(limits), meter, load_words(language)
        )

    yield describe, folder, meter
    session.whole_store.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_told(describe, language):
    found = describe[0](language)
    names = [fact.name for _, facts in found.blocks for fact in facts]
    assert len(names) == len(set(names)) == 16
    assert all(fact.value for _, facts in found.blocks for fact in facts)
    assert [(kind.waiting, kind.running) for kind in found.jobs] == [(0, ()), (0, ())]
    assert "500 MB" in found.jobs[0].limits


def test_what_to_look_at(describe, monkeypatch):
    describe, folder, meter = describe
    lately = (datetime.datetime.now().astimezone() - datetime.timedelta(days=6)).isoformat()
    note_backup(folder, lately, 5, with_plans=True)
    monkeypatch.setattr("analysis.bundling.solver.search.count_compiled", lambda: (21, 21))
    assert describe().warnings == ()
    note_backup(folder, lately, 5, with_plans=False)
    monkeypatch.setattr(
        "app.desks.operation.status.examine_database", lambda _: DatabaseState("SQLite", 1, is_sound=False)
    )
    monkeypatch.setattr(meter, "traffic", lambda: Traffic(60, 10, 1, 2, 25.0))
    monkeypatch.setattr("analysis.bundling.solver.search.count_compiled", lambda: (9, 21))
    assert [fact.name for fact in describe().warnings] == [
        "Kernels of the search",
        "Integrity",
        "Last backup",
        "Errors (5xx)",
    ]


def test_some_compiled_kernels_are_not_all(tmp_path, monkeypatch):
    monkeypatch.setitem(vars(search.config), "CACHE_DIR", str(tmp_path))
    none, there_are = search.count_compiled()
    (tmp_path / "rank_one.of_another_source-1.py311.nbi").touch()
    line = rank_one.find_violated_triples.py_func.__code__.co_firstlineno
    (tmp_path / f"rank_one.find_violated_triples-{line}.py311.nbi").touch()
    assert (none, search.count_compiled()) == (0, (1, there_are))
    assert there_are > 10
