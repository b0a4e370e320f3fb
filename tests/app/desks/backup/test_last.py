"""The last backup is known to whoever looks, and a damaged note is as none."""

import datetime
import shutil

from app.desks.backup.backup import back_up
from app.desks.backup.last import read_last_backup
from app.maps.buildings import cache_folder


def test_a_backup_is_noted_beside_the_dataset(town, tmp_path):
    folder = shutil.copytree(town[0], tmp_path / "town")
    assert read_last_backup(folder) is None
    before = datetime.datetime.now().astimezone() - datetime.timedelta(seconds=2)
    back_up(folder, tmp_path / "b.zip")
    last = read_last_backup(folder)
    assert last.made >= before
    assert last.size_bytes == (tmp_path / "b.zip").stat().st_size
    assert not last.with_plans
    (cache_folder(folder) / "last-backup.json").write_text("{", encoding="utf-8")
    assert read_last_backup(folder) is None
