"""A child runs our module, never a file of the folder it was started in, and speaks UTF-8."""

import os
import subprocess
import sys

import pytest

from geo.sandbox.python_child import child_environment, detachment_options, module_command


@pytest.mark.parametrize("package", ["app", "geo", "analysis"])
def test_a_file_of_the_present_folder_is_never_run(tmp_path, package):
    (tmp_path / f"{package}.py").write_text("raise SystemExit('a stranger ran')", encoding="utf-8")
    found = subprocess.run(
        module_command("app.cli", "--version"), cwd=tmp_path, env=child_environment(), capture_output=True, check=False
    )
    assert (found.returncode, found.stderr) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="locales of POSIX")
def test_its_pipes_are_utf8_whatever_the_locale(tmp_path):
    environment = child_environment({**os.environ, "LC_ALL": "zh_CN.GBK", "LANG": "zh_CN.GBK"})
    (tmp_path / "speak.py").write_text("import sys; print('片区'); sys.stderr.write('界')", encoding="utf-8")
    found = subprocess.run([sys.executable, "speak.py"], cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert (found.stdout.decode("utf-8").strip(), found.stderr.decode("utf-8")) == ("片区", "界")


def test_a_job_outlives_its_console_on_windows(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(subprocess, "DETACHED_PROCESS", 8, raising=False)
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 512, raising=False)
    assert detachment_options() == {"creationflags": 520}
