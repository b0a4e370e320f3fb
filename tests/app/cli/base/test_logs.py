"""The log file begins anew when it is full, keeps so many old ones, and ends with the command."""

import logging

import pytest

from app.cli.base.logs import keep_log, open_log
from geo.errors import NotWrittenError


def test_a_full_file_is_turned_over_and_old_ones_go(tmp_path):
    handler = open_log(tmp_path / "log" / "p.log", {"PIANQU_LOG_KEPT": "2"})
    handler.maxBytes = 200
    for n in range(40):
        handler.handle(logging.LogRecord("pianqu", logging.INFO, "", 0, "第 %d 行", (n,), None))
    handler.close()
    assert sorted(path.name for path in (tmp_path / "log").iterdir()) == ["p.log", "p.log.1", "p.log.2"]
    assert "第 39 行" in (tmp_path / "log" / "p.log").read_text(encoding="utf-8")


def test_what_happens_is_kept_and_the_file_let_go(tmp_path):
    root, path = logging.getLogger(), tmp_path / "p.log"
    before = root.level, list(root.handlers)
    with keep_log({"PIANQU_LOG_FILE": str(path)}):
        logging.getLogger("app").info("a plan was made")
    assert "a plan was made" in path.read_text(encoding="utf-8")
    assert (root.level, list(root.handlers)) == before


def test_a_folder_is_no_log_file(tmp_path):
    with pytest.raises(NotWrittenError, match=r"log\.file"):
        open_log(tmp_path, {})
