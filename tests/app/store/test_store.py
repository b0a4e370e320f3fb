"""Plans are kept as versions; every write has its audit row; who was overtaken is told."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from analysis.bundling.document.schema import MalformedPlanError, plan_sha
from app.store.errors import ConflictError, NotInStoreError, StoreError
from app.store.rows import now
from app.store.store import CHECKED, EXPORTED, open_store
from app.store.tables import audit, versions
from geo.errors import UsageError


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def store(request, tmp_path):
    if request.param == "sqlite":
        opened = open_store(f"sqlite:///{tmp_path / 'plans.sqlite'}")
    else:
        opened = open_store(request.getfixturevalue("postgres"))
    yield opened
    opened.close()


def test_a_document_comes_back_as_it_was(store, document):
    version = store.create_plan("昆区", document, "王敏", "第一稿")
    assert store.document(version.id) == document
    assert version.plan_sha256 == plan_sha(document)
    assert (version.number, version.parent_id, version.author) == (1, None, "王敏")
    assert version.facts["areas"] == len(document["areas"])


def test_versions_are_numbered_and_never_overwritten(store, document, changed):
    first = store.create_plan("a", document, "王")
    second = store.save(first.plan_id, 1, changed(document, 5), "李", "改", steps=["移动 3 个单元"])
    assert (second.number, second.parent_id, second.steps) == (2, first.id, ("移动 3 个单元",))
    assert store.document(first.id) == document
    assert [v.number for v in store.versions(first.plan_id)] == [2, 1]
    assert store.plans()[0].newest == second


def test_who_was_overtaken_is_told_and_nothing_is_written(store, document, changed):
    first = store.create_plan("a", document, "王")
    second = store.save(first.plan_id, 1, changed(document, 5), "李强")
    before = store.counts()
    with pytest.raises(ConflictError, match="李强") as told:
        store.save(first.plan_id, 1, changed(document, 6), "赵")
    assert told.value.newer == second
    assert store.counts() == before


def test_a_lower_number_that_is_committed_later_is_seen_too(store):
    """As PostgreSQL gives numbers; however long the audit is, only its end is read."""
    row = {"at": now(), "author": "王", "action": "a", "subject": "b", "note": ""}
    seen = [store.revision()]
    for numbers in (range(1, 2500), [2502], [2501], [2503]):
        with store.writing() as connection:
            connection.execute(sa.insert(audit), [{**row, "number": number} for number in numbers])
        seen.append(store.revision())
    assert len(set(seen)) == len(seen)
    assert max(near for _, near in seen) <= 1000
    assert store.count_audit_rows() == 2502


def test_what_is_no_plan_is_not_kept(store, document):
    with pytest.raises(MalformedPlanError):
        store.create_plan("a", {"schema": "?"}, "王")
    for name in ("", "  ", "长" * 81, "a\x00b"):
        with pytest.raises(UsageError):
            store.create_plan(name, document, "王")
    assert store.counts() == {"plans": 0, "versions": 0, "audit": 0}


def test_what_is_not_there_is_said(store, document):
    for ask in (store.version, store.document):
        with pytest.raises(NotInStoreError):
            ask("nothing")
    with pytest.raises(NotInStoreError):
        store.save("nothing", 1, document, "王")
    with pytest.raises(NotInStoreError):
        store.rename("nothing", "b", "王")
    assert store.versions("nothing") == []


def test_a_file_is_imported_once(store, document, changed):
    first = store.import_plan("demo-plan", document)
    assert store.import_plan("demo-plan", {**document, "seconds": 99.0}) == first
    second = store.import_plan("demo-plan", changed(document, 9))
    assert (second.plan_id, second.number) == (first.plan_id, 2)
    assert store.counts()["plans"] == 1


def test_a_plan_is_renamed_and_archived(store, document):
    version = store.create_plan("a", document, "王")
    store.rename(version.plan_id, "  新名 ", "李")
    assert store.plans()[0].name == "新名"
    store.archive(version.plan_id, "李")
    assert store.plans() == []
    assert store.plans(archived=True)[0].is_archived
    assert store.document(version.id) == document
    store.archive(version.plan_id, "李", back=True)
    assert len(store.plans()) == 1
    assert [row.action for row in store.audit_rows()] == ["plan.restore", "plan.archive", "plan.rename", "plan.create"]


def test_every_write_has_its_audit_row(store, document, changed):
    first = store.create_plan("a", document, "王", "说明")
    second = store.save(first.plan_id, 1, changed(document, 5), "李")
    store.audit("赵", "override.remove", "o123", before="0" * 64, after="1" * 64, note="错了")
    other, saved, created = store.audit_rows()
    assert (other.author, other.subject, other.note) == ("赵", "o123", "错了")
    assert (saved.before, saved.after) == (first.plan_sha256, second.plan_sha256)
    assert (created.before, created.after, created.note) == (None, first.plan_sha256, "说明")


def test_a_write_that_fails_leaves_nothing(store, document, monkeypatch):
    def broken(*_, **__):
        raise sa.exc.OperationalError("x", {}, Exception("disk full"))

    monkeypatch.setattr("app.store.rows.add_audit_row", broken)
    with pytest.raises(StoreError, match="disk full"):
        store.create_plan("a", document, "王")
    assert store.counts() == {"plans": 0, "versions": 0, "audit": 0}


def test_a_store_is_opened_again(tmp_path, document):
    url = f"sqlite:///{tmp_path / 'a.sqlite'}"
    store = open_store(url)
    version = store.create_plan("a", document, "王")
    store.close()
    assert open_store(url).version(version.id) == version


def test_a_number_is_given_once_by_the_database_itself(store, document):
    version = store.create_plan("a", document, "王")
    with store.engine.connect() as connection:
        row = connection.execute(sa.select(versions)).one()._mapping
        again = sa.insert(versions).values(**{**row, "id": "other"})
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(again)
    assert store.versions(version.plan_id) == [version]


def test_a_full_disk_is_told_and_the_plans_there_stay(tmp_path, document, changed):
    """SQLite's own error: the file may not grow any further."""
    store = open_store(f"sqlite:///{tmp_path / 'plans.sqlite'}")
    first = store.create_plan("昆区", document, "王敏")

    @sa.event.listens_for(store.engine, "begin")
    def no_more_pages(connection):
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    large = {**changed(document, 5), "notes": [{"zh": random.Random(0).randbytes(99_999).hex(), "en": ""}]}
    with pytest.raises(StoreError, match="磁盘已满") as told:
        store.save(first.plan_id, 1, large, "李")
    assert "没有改动" in told.value.zh
    assert [version.number for version in store.versions(first.plan_id)] == [1]
    store.close()


def test_the_same_file_taken_by_many_at_once_is_kept_once(store, document, changed):
    documents = [document, changed(document, 5)] * 4
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda one: store.import_plan("昆区", one), documents))
    (plan,) = store.plans()
    assert plan.newest.number == 2
    assert len({version.id for version in taken}) == 2


def test_what_was_found_of_a_version_is_noted_once_and_read_back(store, document):
    version = store.create_plan("a", document, "王")
    assert store.marks(CHECKED, [version.id]) == {}
    for found in ("符合", "符合", "不符合"):
        store.mark(version.id, "", CHECKED, found)
    assert store.marks(CHECKED, [version.id, "nothing"]) == {version.id: "不符合"}
    assert store.marks(EXPORTED, [version.id]) == {}
    assert [row.note for row in store.audit_rows() if row.action == CHECKED] == ["不符合", "符合"]
    with pytest.raises(NotInStoreError):
        store.mark("nothing", "", CHECKED, "符合")
