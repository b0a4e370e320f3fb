"""The house stands as drawn: who may import whom, and which nouns are frozen."""

import ast
import dataclasses
import importlib
import pkgutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "geo": {"geo"},
    "analysis": {"analysis", "geo"},
    "app": {"app", "pianqu", "analysis", "geo"},
    "pianqu": {"pianqu", "analysis", "geo"},
}
SCREENS = {"dash", "dash_ag_grid", "dash_mantine_components", "flask", "typer", "rich", "folium"}


def modules():
    return [path for room in MAY_IMPORT for path in sorted((ROOT / room).rglob("*.py"))]


def imported_rooms(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add((node.module or "").split(".")[0])
    return found


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_imports_go_app_to_analysis_to_geo(path):
    room = path.relative_to(ROOT).parts[0]
    wrong = imported_rooms(path) & set(MAY_IMPORT) - MAY_IMPORT[room]
    assert not wrong


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_only_the_app_knows_screens(path):
    known = {"app": SCREENS, "pianqu": {"folium"}}.get(path.relative_to(ROOT).parts[0], set())
    assert not imported_rooms(path) & SCREENS - known


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_every_module_says_what_it_is_in_one_sentence(path):
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert docstring.splitlines()[0].endswith(".")


def test_verify_shares_no_code_with_the_search():
    names = {
        node.module
        for path in sorted((ROOT / "analysis/bundling/verify").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    }
    own = {name for name in names if name.startswith("analysis.bundling.verify.")}
    allowed = own | {"analysis.bundling.model.violations", "geo.storage.dataset", "geo.errors", "geo.messages"}
    assert own
    assert {name for name in names if name.split(".")[0] in MAY_IMPORT} <= allowed


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_dataclasses_are_frozen(room):
    package = importlib.import_module(room)
    for info in pkgutil.walk_packages(package.__path__, prefix=f"{room}."):
        module = importlib.import_module(info.name)
        for value in vars(module).values():
            if dataclasses.is_dataclass(value) and value.__module__ == info.name:
                assert value.__dataclass_params__.frozen, f"{info.name}.{value.__name__}"


def test_public_functions_are_documented():
    missing = []
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            is_public = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_"
            if is_public and not ast.get_docstring(node):
                missing.append(f"{module_name(path)}.{node.name}")
    assert not missing


def test_each_decision_has_a_number_of_its_own(root):
    names = sorted(path.name for path in (root / "docs/decisions").glob("0*.md"))
    numbers = [name[:4] for name in names]
    assert len(set(numbers)) == len(numbers), names
    for name in names:
        assert (root / "docs/decisions" / name).read_text(encoding="utf-8").startswith(f"# {name[:4]} "), name
