"""Reasons and sentences of plan documents: none is missing, none is left over."""

import re
from pathlib import Path

from analysis.bundling import document
from analysis.bundling.document.reasons import BOUND_NAMES, REASONS, say

FOLDER = Path(document.__file__).parent


def test_every_reason_and_every_bound_in_the_catalogue_has_its_entry():
    templates = say.templates
    assert {key.removeprefix("reason.") for key in templates if key.startswith("reason.")} == set(REASONS)
    assert {key.removeprefix("bound.") for key in templates if key.startswith("bound.")} == set(BOUND_NAMES)


def test_no_module_of_the_package_holds_a_sentence_twice():
    """Chinese text in strings is names and units; sentences end with a full stop and stand in the catalogue."""
    for path in FOLDER.glob("*.py"):
        code = re.sub(r'"""(?s:.)*?"""', "", path.read_text(encoding="utf-8"))
        assert "。" not in code, path.name
