"""What all tests share: where things are, and no network."""

import os
import shutil
import socket
from pathlib import Path

import pytest
from hypothesis import settings

from app.cli.base.console import speak

# A busy machine is no fault of the code: examples have no deadline (timings live in `make bench`).
settings.register_profile("pianqu", deadline=None)
settings.load_profile("pianqu")

ROOT = Path(__file__).resolve().parents[1]
BROWSER_TESTS = ROOT / "tests" / "e2e"
SHARED = ROOT.parent / "shared"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_ignore_collect(collection_path):
    return collection_path.name == "bench" or None


MOST_SECOND_ATTEMPTS = 2
"""How many browser tests may need a second attempt in one run of CI; more of them are a fault (decision 0037)."""


def pytest_sessionfinish(session):
    """A run in which many browser tests needed a second attempt has failed, though each passed at last."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    again = reporter.stats.get("rerun", []) if reporter else []
    if len(again) > MOST_SECOND_ATTEMPTS and session.exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"{len(again)} tests needed a second attempt, {MOST_SECOND_ATTEMPTS} at most may", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_collection_modifyitems(items):
    """Tests with a browser first: they wait often, and at the end a worker would be alone with the last of them."""
    items.sort(key=lambda item: BROWSER_TESTS not in item.path.parents)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared with real data is not here")
    return SHARED


@pytest.fixture(autouse=True)
def _speaks_both_languages():
    """No test is answered in the language that another chose with `--lang`."""
    with speak(None):
        yield


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Nothing in Pianqu may open a connection beyond this machine."""
    connect = socket.socket.connect

    def local_only(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            assert str(address[0]) in ("127.0.0.1", "::1", "localhost"), f"connects to {address}"
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", local_only)


@pytest.fixture(scope="session")
def must_have_browser() -> bool:
    """In CI a missing browser is a failure, not a skip."""
    return os.environ.get("CI") == "true"


def chromium() -> str | None:
    """The browser named by PIANQU_CHROMIUM, else the system's."""
    names = (os.environ.get("PIANQU_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def launch(must_have_browser):
    """Start a Chromium with more flags; all are closed at the end."""
    path = chromium()
    if path is None:
        assert not must_have_browser, "no Chromium in CI"
        pytest.skip("no Chromium here: install it or set PIANQU_CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield lambda *more: playwright.chromium.launch(executable_path=path, args=[*FLAGS, *more])


@pytest.fixture(scope="session")
def browser(launch):
    browser = launch()
    yield browser
    browser.close()
