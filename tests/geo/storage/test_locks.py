"""One writer at a time: who waits is told for whom, and a lock ends with its process."""

import errno
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import filelock
import pytest

from geo.errors import BusyError
from geo.storage import locks
from geo.storage.locks import Holder, acquire_lock, holds_lock, is_lock_held, lock_for_child, read_holder

HOLD = """
import sys, time
from pathlib import Path
from geo.storage.locks import acquire_lock
sys.argv = ["pianqu", "import", "x.xlsx"]
with acquire_lock(Path({folder!r})):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def held(tmp_path, root):
    """A folder held by another process, and that process."""
    folder = tmp_path / "D"
    folder.mkdir()
    (folder / "x").touch()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD.format(folder=str(folder))], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield folder, process
    process.kill()
    process.wait()
    process.stdout.close()


def test_who_waits_is_told_for_whom_and_what_to_do(held, monkeypatch):
    folder, process = held
    monkeypatch.setattr(locks, "NOTIFY_AFTER_S", 0.1)
    told = []
    with pytest.raises(BusyError) as refused, acquire_lock(folder, wait_s=0.4, on_wait=told.append):
        pass
    assert [(one.pid, one.doing) for one in told] == [(process.pid, "pianqu import")]
    for sentence in (refused.value.zh, refused.value.en, told[0].zh, told[0].en):
        assert str(process.pid) in sentence
    assert "没有改动" in refused.value.zh
    assert not holds_lock(folder)


def test_a_lock_ends_with_its_process(held):
    folder, process = held
    with ThreadPoolExecutor(1) as another:
        waiting = another.submit(lambda: [holds_lock(folder) for _ in [0]] if take(folder) else None)
        process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        assert waiting.result(timeout=60) == [False]


def take(folder):
    with acquire_lock(folder, wait_s=50.0):
        return holds_lock(folder)


def test_a_terminal_is_told_and_a_pipe_is_not(held, monkeypatch, capsys):
    folder, _ = held
    monkeypatch.setattr(locks, "NOTIFY_AFTER_S", 0.05)
    for is_terminal in (False, True):
        monkeypatch.setattr(sys.stderr, "isatty", lambda answer=is_terminal: answer)
        with pytest.raises(BusyError), acquire_lock(folder, wait_s=0.2):
            pass
        assert ("等待中" in capsys.readouterr().err) == is_terminal


def test_the_same_thread_may_take_it_again_and_another_may_not(tmp_path):
    with acquire_lock(tmp_path) as is_new:
        assert is_new
        with acquire_lock(tmp_path / "." / "..") as other:  # another folder
            assert other
        with acquire_lock(tmp_path / ".." / tmp_path.name) as again:
            assert not again
        assert holds_lock(tmp_path)
        with ThreadPoolExecutor(1) as another:
            assert not another.submit(holds_lock, tmp_path).result()
            with pytest.raises(BusyError):
                another.submit(lambda: take_at_once(tmp_path)).result()
    assert not holds_lock(tmp_path)
    assert take(tmp_path)


def take_at_once(folder):
    with acquire_lock(folder, wait_s=0.1):
        return True


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_holds_nothing_and_lets_nothing_go(tmp_path):
    with acquire_lock(tmp_path):
        child = os.fork()
        if not child:
            os._exit(3 if not holds_lock(tmp_path) else 4)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
        with ThreadPoolExecutor(1) as another, pytest.raises(BusyError):
            another.submit(lambda: take_at_once(tmp_path)).result()


def test_threads_take_turns(tmp_path):
    inside, most, guard = [], [], threading.Lock()

    def turn(_):
        with acquire_lock(tmp_path):
            with guard:
                inside.append(1)
                most.append(len(inside))
            with guard:
                inside.pop()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(turn, range(40)))
    assert max(most) == 1


def test_a_disk_without_locks_is_refused_with_a_sentence(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    with pytest.raises(BusyError, match="文件锁"), acquire_lock(tmp_path):
        pass


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}'])
def test_whoever_signed_badly_is_another_program(tmp_path, text):
    (tmp_path / locks.HOLDER).write_text(text)
    assert read_holder(tmp_path) == Holder()
    assert Holder().zh == "另一个程序"


def test_nothing_is_left_of_a_folder_made_for_nothing(tmp_path):
    with acquire_lock(tmp_path / "a" / "b"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_child_holds_its_lock_until_it_ends(tmp_path):
    path = tmp_path / "lock"
    with path.open("wb") as file:
        inherited = lock_for_child(file)
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=inherited)
    assert is_lock_held(path)
    child.communicate(b"\n")
    assert is_lock_held(path) is False
