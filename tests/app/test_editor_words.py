"""Every text the editor's scripts ask for is in both dictionaries."""

import re
from pathlib import Path

import pytest

from app.i18n import LANGUAGES, load_words

SCRIPTS = sorted((Path(__file__).resolve().parents[2] / "app" / "web" / "components" / "editor").glob("*.js"))
FAMILIES = {
    "step_": [
        "assign",
        "unassign",
        "new",
        "merge",
        "split",
        "cut",
        "anchor",
        "no_anchor",
        "leader",
        "no_leader",
        "rename",
        "lock_units",
        "unlock_units",
        "lock_areas",
        "unlock_areas",
        "drop_lock",
        "reset",
        "repair",
        "reapply",
    ],
    "fault_": ["R01", "R10", "R13", "R15", "R20", "R22", "R26", "mode"],
    "measure_": ["households", "floor_area", "members"],
    "tool_": ["pick", "lasso", "brush", "border", "cut", "pan"],
    "hint_tool_": ["pick", "lasso", "brush", "border", "cut", "pan"],
    "verdict_": ["worse", "better", "still", "sound"],
    "figure_": [
        "areas",
        "left_units",
        "left_households",
        "metres",
        "mean_walk",
        "in_areas",
        "professional",
        "professional_households",
        "broken",
    ],
    "problems_": ["all", "broken", "split", "left_over"],
    "col_": ["area", "units", "households", "broken", "state"],
}


def asked_for():
    code = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    said = set(re.findall(r'say\(\s*"([A-Za-z0-9_]+[A-Za-z0-9])"', code))
    keys = set(re.findall(r'"(key_[a-z]+)"', code))
    buttons = set(re.findall(r'this\.button\("([a-z_]+)"', code))
    buttons |= {key for pair in re.findall(r'\["([a-z_]+)", \(\) =>', code) for key in [pair]}
    told = {f"{prefix}{name}" for name in buttons for prefix in ("do_", "hint_")}
    families = {f"{prefix}{name}" for prefix, names in FAMILIES.items() for name in names}
    return said | keys | told | families


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_editor_is_there(language):
    assert asked_for() - set(load_words(language).section("editor")) == set()


def test_no_text_of_the_editor_is_there_for_nobody():
    code = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    app = Path(__file__).resolve().parents[2] / "app"
    python = "".join(path.read_text(encoding="utf-8") for path in app.rglob("*.py"))
    unused = [
        key
        for key in set(load_words("zh").section("editor")) - asked_for()
        if f'"{key}"' not in code and f"editor.{key}" not in python and f'"{key}"' not in python
    ]
    assert unused == []
