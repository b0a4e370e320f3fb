"""What is damaged, hostile or in the way restores nothing."""

import hashlib
import json
import shutil
import sqlite3
import stat
import zipfile

import pytest

from app.desks.backup.backup import CONTENTS, back_up
from app.desks.backup.restore import restore
from app.session.folders import default_store_path
from app.store.store import open_store
from app.workbench.plans_on_disk import read_plan
from geo.errors import UnreadableFileError, UsageError
from geo.storage.commits import MANIFEST


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


def forged(archive, change):
    """The archive with its files changed by a function: {name: (ZipInfo, bytes)} in and out."""
    with zipfile.ZipFile(archive) as old:
        files = {info.filename: (info, old.read(info)) for info in old.infolist()}
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as new:
        for info, body in change(files).values():
            new.writestr(info, body)
    return archive


def test_nothing_there_is_overwritten(office, archive, tmp_path):
    folder, _ = office
    before = content(folder.parent)
    for place in (folder, folder.parent / "town"):
        with pytest.raises(UsageError, match="没有覆盖"):
            restore(archive, place)
    with pytest.raises(UsageError, match="没有覆盖"):
        back_up(folder, archive)
    with pytest.raises(UsageError, match="别处"):
        back_up(folder, folder / "b.zip")
    default_store_path(tmp_path / "x").write_bytes(b"other")
    with pytest.raises(UsageError, match="没有覆盖"):
        restore(archive, tmp_path / "x")
    assert content(folder.parent) == before


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_a_damaged_archive_restores_nothing(archive, tmp_path, at):
    body = bytearray(archive.read_bytes())
    spot = int(len(body) * at)
    body[spot : spot + 40] = bytes(255 - byte for byte in body[spot : spot + 40])
    archive.write_bytes(body)
    with pytest.raises(UnreadableFileError):
        restore(archive, tmp_path / "back")
    archive.write_bytes(body[:spot])
    with pytest.raises(UnreadableFileError):
        restore(archive, tmp_path / "back")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "office"]


@pytest.mark.full
def test_no_damage_in_the_lists_of_an_archive_is_a_traceback(archive, tmp_path):
    """Each byte of the zip's own structures is turned over in turn: the backup, or one sentence."""
    body = archive.read_bytes()
    with zipfile.ZipFile(archive) as opened:
        starts = [info.header_offset for info in opened.infolist()]
        listed = opened.start_dir
    places = {at + k for at in starts for k in range(0, 30, 3)} | set(range(listed, len(body), 3))
    refused = 0
    for at in sorted(places):
        archive.write_bytes(body[:at] + bytes([255 - body[at]]) + body[at + 1 :])
        try:
            restore(archive, tmp_path / "back" / "town")
        except UnreadableFileError:
            refused += 1
        else:  # a date or an attribute: nothing that is read
            shutil.rmtree(tmp_path / "back")
    assert refused > len(places) / 3


def named(name, body=b"x", mode=0o100600):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return {name: (info, body)}


HOSTILE = {
    "out of the folder": named("../evil"),
    "out of the dataset": named("dataset/../../evil"),
    "absolute": named("/etc/evil"),
    "a drive": named("C:/evil"),
    "backslashes": named("dataset\\..\\evil"),
    "a link": named("dataset/evil", b"/etc/passwd", stat.S_IFLNK | 0o777),
    "a folder": named("dataset/evil/", b"", stat.S_IFDIR | 0o700),
    "hidden": named("dataset/.writing/COMMITTED"),
    "a bomb": named("dataset/evil.csv", bytes(30_000_000)),
    "names that differ by case": named(f"dataset/{MANIFEST.upper()}"),
    "too deep": named("dataset/a/b/evil"),
}


def on_the_list(files, more):
    """More files, on the list with their hashes as if they belonged there."""
    info, body = files[CONTENTS]
    told = json.loads(body)
    for name, (_, added) in more.items():
        told["files"][name] = hashlib.sha256(added).hexdigest()
    return {**files, CONTENTS: (info, json.dumps(told)), **more}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_restores_nothing(archive, tmp_path, what):
    forged(archive, lambda files: on_the_list(files, HOSTILE[what]))
    with pytest.raises(UnreadableFileError, match="不该有"):
        restore(archive, tmp_path / "back")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "office"]


def test_the_list_and_the_files_must_agree(archive, tmp_path):
    forged(archive, lambda files: {**files, **named("dataset/evil.parquet")})
    with pytest.raises(UnreadableFileError, match="不一致"):
        restore(archive, tmp_path / "back")
    forged(archive, lambda files: {k: v for k, v in files.items() if "evil" not in k and "units" not in k})
    with pytest.raises(UnreadableFileError, match="不一致"):
        restore(archive, tmp_path / "back")


def test_a_file_that_is_another_is_seen_by_its_hash(archive, tmp_path):
    changed = named("dataset/units.parquet", b"PAR1")
    forged(archive, lambda files: {**files, **changed})
    with pytest.raises(UnreadableFileError, match=r"dataset/units\.parquet 与清单不符"):
        restore(archive, tmp_path / "back")
    forged(archive, lambda files: on_the_list(files, changed))  # then by the dataset's own
    with pytest.raises(UnreadableFileError, match=r"units\.parquet"):
        restore(archive, tmp_path / "back")


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b"[" * 200_000, b'{"schema": "pianqu.backup/1"}', b'{"schema": "pianqu.backup/2"}']
)
def test_a_list_that_is_none_is_refused(archive, tmp_path, body):
    forged(archive, lambda files: {**files, CONTENTS: (files[CONTENTS][0], body)})
    with pytest.raises(UnreadableFileError):
        restore(archive, tmp_path / "back")


def test_a_store_with_triggers_is_refused_though_its_hash_holds(office, tmp_path):
    path = default_store_path(office[0])
    with sqlite3.connect(path) as store:
        store.execute("CREATE TRIGGER evil AFTER INSERT ON plans BEGIN DELETE FROM versions; END")
    back_up(office[0], tmp_path / "b.zip")
    with pytest.raises(UnreadableFileError, match="触发器"):
        restore(tmp_path / "b.zip", tmp_path / "back")
