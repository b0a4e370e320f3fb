"""What the guides tell a reader to type is typed, page by page, in the order of the page."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from tests.app import guides
from tests.doc_commands import find_fault

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in [*(ROOT / "docs/site").glob("*/*.md"), ROOT / "README.md", ROOT / "README.en.md"]
    if path.name != "command-line.md"  # it is written from the commands themselves
)
LINES = {path: [*guides.list_lines(path.read_text(encoding="utf-8"))] for path in PAGES}
PRESUMED = {"files": ("pianqu export DIR PLAN.json --format xlsx --out FOLDER",)}
"""What a reader of a page has typed before."""
CHEAP = re.compile("^pianqu (check|verify|graph|explain|schema|override add DIR (closed|passage)) ")
"""Commands that the quick run types too, on a little town, where they stand whole in a page."""


def name_of(path):
    return str(path.relative_to(ROOT))


def typed_on(path):
    """The commands of a page that are run, in their order."""
    return tuple(line.text for line in LINES[path] if not guides.find_reason(line))


TYPED = list({typed_on(path): path for path in PAGES if typed_on(path)}.values())
"""Pages whose commands are typed; those of two languages with the very same commands once."""


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A fictional city, the files it was made of, and a plan."""
    place = tmp_path_factory.mktemp("guides")
    plan = place / "PLAN.json"
    for words in (
        ("demo", "--size", "small", "--raw", place / "raw", "--into", place / "city"),
        ("plan", place / "city", "--seconds", "1", "--out", plan),
    ):
        answer = CliRunner().invoke(cli, [str(word) for word in words])
        assert answer.exit_code == 0, answer.output
    return place / "city", place / "raw", plan


@pytest.mark.full
@pytest.mark.parametrize("path", TYPED, ids=name_of)
def test_every_command_of_a_guide_can_be_typed_in_its_order(path, city, tmp_path, monkeypatch):
    names = guides.prepare_place(tmp_path, *city)
    presumed = [guides.Line(text, is_block=True) for text in PRESUMED.get(path.stem, ())]
    if path.stem == "another-city":
        names["D"] = "district"  # the page makes it
    monkeypatch.chdir(tmp_path)
    for line in presumed + LINES[path]:
        if not guides.find_reason(line):
            is_well, said, missing = guides.run_line(line, names)
            assert (is_well, missing) == (True, []), f"{line.text}\n{said[-2000:]}"


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_what_is_not_typed_is_known_with_its_options(path):
    assert [line.text for line in LINES[path] if guides.find_reason(line) and find_fault(line.text)] == []


def test_the_guides_are_typed_nearly_whole():
    """A reason that fits nothing is not one; and no guide may slip out through them."""
    every = [line for lines in LINES.values() for line in lines]
    reasons = [guides.find_reason(line) for line in every]
    assert set(guides.NOT_RUN.values()) <= set(reasons)
    blocks = [line.text for line, reason in zip(every, reasons, strict=True) if line.is_block and reason]
    assert all(re.search("serve|scheduler|fetch|placed|模板|doctor|…", text) for text in blocks), blocks
    assert reasons.count("") > 120


def test_cheap_commands_of_the_guides_run_on_a_little_town(town, tmp_path, monkeypatch):
    folder, plan = town
    names = guides.prepare_place(tmp_path, folder, None, plan)
    monkeypatch.chdir(tmp_path)
    page = LINES[ROOT / "docs/site/en/neighbours.md"] + LINES[ROOT / "docs/site/zh/files.md"]
    typed = [line for line in page if CHEAP.match(line.text) and not guides.find_reason(line)]
    assert len(typed) >= 8
    for line in typed:
        is_well, said, missing = guides.run_line(line, names)
        assert (is_well, missing) == (True, []), f"{line.text}\n{said[-2000:]}"
