"""What all tests share: where things are, and no network."""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no fault of the code: examples have no deadline (timings live in `make bench`).
settings.register_profile("pianqu", deadline=None)
settings.load_profile("pianqu")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


def pytest_ignore_collect(collection_path):
    return collection_path.name == "bench" or None


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
