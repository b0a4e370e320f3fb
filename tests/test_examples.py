"""The examples of "Extend it": each diff applies to today's code, and what it adds works there."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "docs/examples").glob("*.diff"))
TRIED = {
    "indicator": """
from analysis.indicators.registry import REGISTRY
assert "basic_service_count" in {one.key for one in REGISTRY}
""",
    "rule": """
from analysis.policy import read_policy
from geo.schema import BARRIER_KINDS, BARRIERS_ZH
assert "pipeline" in read_policy().neighbour_rules().hard_kinds
assert set(BARRIERS_ZH) == set(BARRIER_KINDS)
""",
    "reader": """
from pathlib import Path
from geo.readers.file_kinds import read_in_process
from geo.sandbox.processes import ReadLimits
file = Path("a.wkt")
file.write_text("甲\\tPOLYGON ((0 0, 9 0, 9 9, 0 0))\\n乙\\tnothing\\n", encoding="utf-8")
(layer,) = read_in_process(file, limits=ReadLimits())
assert layer.frame["name"].tolist() == ["甲", "乙"]
assert layer.findings
""",
    "export": """
from app.exports.formats import find_format
from app.i18n import say
assert find_format("csv").load_writer().__name__ == "write_csv"
assert say("export.csv").en == "Table of areas (CSV)"
""",
}


def apply_to_copy(diff, folder, whole):
    """The example in a copy of the code: whole packages, or just what it changes."""
    if whole:
        ignored = shutil.ignore_patterns("__pycache__", "vendor")
        for name in ("analysis", "app", "geo", "policy", "docs", "pianqu"):
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    else:
        for name in re.findall(r"^--- a/(.+)$", diff.read_text(encoding="utf-8"), re.MULTILINE):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git = shutil.which("git")
    if git is None:
        pytest.skip("no git on this machine")
    subprocess.run([git, "init", "-q"], cwd=folder, check=True)
    done = subprocess.run([git, "apply", diff], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_there_is_one_of_each_and_a_page_shows_them():
    page = (ROOT / "docs/site/en/extend.md").read_text(encoding="utf-8")
    assert {path.stem for path in EXAMPLES} == TRIED.keys()
    assert [path.name for path in EXAMPLES if f"examples/{path.name}" not in page] == []


@pytest.mark.parametrize("diff", EXAMPLES, ids=lambda path: path.stem)
def test_it_applies_to_the_code_of_today(diff, tmp_path):
    apply_to_copy(diff, tmp_path, whole=False)


@pytest.mark.full
@pytest.mark.parametrize("diff", EXAMPLES, ids=lambda path: path.stem)
def test_what_it_adds_works(diff, tmp_path):
    apply_to_copy(diff, tmp_path, whole=True)
    done = subprocess.run(
        [sys.executable, "-c", TRIED[diff.stem]], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
