"""The structure only gets better: no circle, no crowded folder, and fewer of what is still to be mended."""

import re

import networkx as nx
import pytest

from tests.measure import (
    crowded_folders,
    find_cycles,
    guarded_imports,
    odd_names,
    read_modules,
    without_parameters,
    without_tests,
)
from tests.structure import PAGE, PICTURE, draw, package_graph, renew

PLATFORM = {"fcntl", "msvcrt", "pwd", "grp", "termios", "resource", "winreg"}
KNOW_PLATFORMS = {"geo.storage.locks", "geo.worker.main"}
AT_MOST = {  # what is still to be mended; a change may lower a number, none may raise one
    "pairs of packages that import each other": (0, find_cycles),
    "names that are no verb": (121, odd_names),
    "public functions without Parameters": (0, without_parameters),
    "modules without a test at their path": (100, without_tests),
    "modules with imports for types alone": (0, guarded_imports),
}


@pytest.fixture(scope="module")
def modules():
    return read_modules()


def test_no_folder_is_crowded(modules):
    assert crowded_folders(modules) == []


def find_circles(graph):
    return [sorted(circle) for circle in nx.strongly_connected_components(graph) if len(circle) > 1]


def test_packages_stand_in_layers(modules):
    """No circle of packages, however long."""
    assert find_circles(package_graph(modules)) == []


def test_modules_stand_in_layers(modules):
    """No circle of modules either, not even by imports inside functions; a package's own file only hands on."""
    inner = {m.name for m in modules if m.path.stem != "__init__"}
    graph = nx.DiGraph((m.name, name) for m in modules if m.name in inner for name in m.imports & inner - {m.name})
    assert find_circles(graph) == []


@pytest.mark.parametrize("what", AT_MOST)
def test_what_is_to_be_mended_becomes_less(modules, what):
    most, find = AT_MOST[what]
    found = find(modules)
    assert len(found) <= most, found


def test_nothing_hides_from_the_formatter(modules):
    assert [m.name for m in modules if "# fmt: " in m.text] == []


def test_what_only_one_platform_has_is_known_to_few(modules):
    found = {m.name for m in modules if m.imports & PLATFORM}
    assert found <= KNOW_PLATFORMS
    for module in modules:
        if module.name in found:  # never at import: the other platform would not even start
            assert not re.search(rf"^(import|from) ({'|'.join(PLATFORM)})\b", module.text, re.MULTILINE)


def test_the_page_of_the_architecture_shows_todays_packages(modules):
    """Otherwise: python -m tests.structure."""
    page = PAGE.read_text(encoding="utf-8")
    assert renew(page, modules) == page
    assert PICTURE.read_text(encoding="utf-8") == draw(package_graph(modules))
