"""A backup holds one moment, also while people work; what comes back is proven, and nothing else comes."""

import shutil
import threading
import zipfile

import pytest

from app.desks.backup import backup
from app.desks.backup.backup import StillWritingError, back_up
from app.desks.backup.restore import restore
from app.session.folders import default_store_path
from app.store.store import open_store
from app.workbench.plans_on_disk import read_plan
from geo.errors import NotADatasetError
from geo.storage.dataset import open_dataset, write_dataset


@pytest.fixture
def office(town, tmp_path):
    """A dataset of its own with a store of one plan beside it, and the files of a run."""
    folder = shutil.copytree(town[0], tmp_path / "office" / "town")
    store = open_store(f"sqlite:///{default_store_path(folder)}")
    store.create_plan("一稿", read_plan(town[1]), "王敏")
    job = folder.with_name("town.cache") / "jobs" / "1"
    job.mkdir(parents=True)
    (job / "request.json").write_text("{}")
    yield folder, store
    store.close()


@pytest.fixture
def archive(office, tmp_path):
    back_up(office[0], tmp_path / "b.zip")
    return tmp_path / "b.zip"


def content(folder):
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(folder): path.read_bytes() for path in files}


def test_what_was_backed_up_comes_back_byte_by_byte_without_runs(office, archive, tmp_path):
    folder, store = office
    into = tmp_path / "elsewhere" / "town"
    found = restore(archive, into)
    assert content(into) == content(folder)
    assert found.rows["plans"] == 1
    again = open_store(f"sqlite:///{default_store_path(into)}")
    assert again.counts() == store.counts()
    assert again.document(again.plans()[0].newest.id) == store.document(store.plans()[0].newest.id)
    again.close()
    with zipfile.ZipFile(archive) as opened:
        assert not [name for name in opened.namelist() if "jobs" in name or "cache" in name]


def test_a_backup_while_everybody_writes_holds_one_moment(office, town, tmp_path, monkeypatch):
    folder, store = office
    document, ended = read_plan(town[1]), threading.Event()
    version = store.plans()[0].newest

    def save():
        newest = version
        while not ended.is_set():
            changed = {**document, "seed": newest.number}
            newest = store.save(newest.plan_id, newest.number, changed, "李强")

    corrected = []

    def put(archive, name, path):
        sha = copied(archive, name, path)
        if name == "dataset/companies.parquet" and len(corrected) < 2:  # it changes once it is copied
            corrected.append(name)
            dataset = open_dataset(folder)
            companies = dataset.layer("companies").assign(name=f"物业{len(corrected)}")
            write_dataset(folder, dataset.manifest, {"companies": companies})
        return sha

    copied = backup._put
    monkeypatch.setattr(backup, "_put", put)
    writer = threading.Thread(target=save)
    writer.start()
    try:
        back_up(folder, tmp_path / "b.zip")
    finally:
        ended.set()
        writer.join()
    found = restore(tmp_path / "b.zip", tmp_path / "back")
    assert set(open_dataset(tmp_path / "back").layer("companies")["name"]) == {"物业2"}
    assert 1 <= found.rows["versions"] <= store.counts()["versions"]
    assert store.counts()["versions"] > 1


def test_data_written_all_the_time_are_not_backed_up_by_halves(office, tmp_path, monkeypatch):
    monkeypatch.setattr("app.desks.backup.backup._try", lambda *_: None)
    monkeypatch.setattr("app.desks.backup.backup._PAUSE_S", 0)
    with pytest.raises(StillWritingError):
        back_up(office[0], tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_a_damaged_dataset_is_not_backed_up_as_if_it_were_sound(office, tmp_path, monkeypatch):
    monkeypatch.setattr("app.desks.backup.backup._PAUSE_S", 0)
    (office[0] / "units.parquet").write_bytes(b"PAR1")
    with pytest.raises(NotADatasetError, match=r"units\.parquet"):
        back_up(office[0], tmp_path / "b.zip")
    assert list(tmp_path.glob("*.zip")) == []
