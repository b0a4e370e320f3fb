"""Every notebook runs from top to bottom, and what it imports is there."""

import ast
import importlib
import importlib.util
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
FEWEST_PICTURES = 3


def test_the_story_is_whole():
    assert [path.stem[:3] for path in NOTEBOOKS] == [f"{n:02d}_" for n in range(1, 7)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_a_notebook_imports_is_there(path):
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for node in ast.walk(ast.parse("\n".join(cell.source for cell in cells))):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(str(node.module))
            gone = [one.name for one in node.names if not hasattr(module, one.name)]
            assert [name for name in gone if importlib.util.find_spec(f"{node.module}.{name}") is None] == []


@pytest.mark.full
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_from_top_to_bottom(path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    pictures = [
        output for cell in notebook.cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})
    ]
    assert len(pictures) >= FEWEST_PICTURES
