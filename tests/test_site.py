"""The documentation site: it is built whole and offline, asks nobody, its links lead somewhere, its examples run."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import pianqu
from app.settings_file import read_settings
from tests import cli_pages, concept_drawings, pictures, plots, schema_files, settings_page
from tests.doc_commands import find_fault, list_blocks, list_commands_in

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "docs" / "site"
LANGUAGES = ("zh", "en")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CHINESE = re.compile("[\u3400-\u9fff]")
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_the_command_line_are_todays(language):
    """Otherwise: python -m tests.cli_pages."""
    page = (SITE / language / "command-line.md").read_text(encoding="utf-8")
    assert page == cli_pages.write_page(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_settings_are_todays_and_their_example_is_one(language, tmp_path):
    """Otherwise: python -m tests.settings_page."""
    page = (SITE / language / "settings.md").read_text(encoding="utf-8")
    assert page == settings_page.renew(page, language)
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "pianqu.toml").write_text(example, encoding="utf-8")
    assert read_settings(tmp_path / "pianqu.toml")["PIANQU_LANG"] == language


def test_schemas_are_todays():
    """Otherwise: python -m tests.schema_files."""
    kept = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs/schemas").iterdir()}
    assert kept == schema_files.format_schemas()


JOURNEYS = ("import", "correct", "explore", "figures", "plan", "adjust", "single-buildings")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_journey_has_its_picture_and_each_picture_its_page(language):
    shown = {
        path.stem: set(re.findall(r"images/([\w-]+)\.png", path.read_text(encoding="utf-8")))
        for path in (SITE / language).glob("*.md")
    }
    assert [name for name in JOURNEYS if name not in shown[name]] == []
    assert set.union(*shown.values()) == set(pictures.PRESSED)


@pytest.mark.full
@pytest.mark.parametrize("name", pictures.PRESSED)
def test_pictures_are_of_todays_page(name):
    """Otherwise: make run, then python -m tests.pictures http://127.0.0.1:8050."""
    assert pictures.read_mark(name) == pictures.digest_page(name)


def test_drawings_of_the_concepts_are_todays():
    """Otherwise: python -m tests.concept_drawings."""
    for name, text in concept_drawings.draw_all().items():
        assert (ROOT / "docs/images" / name).read_text(encoding="utf-8") == text


def test_the_glossary_is_in_one_language_each(monkeypatch):
    monkeypatch.syspath_prepend(SITE)
    pages = importlib.import_module("pages")
    for line in pages.write_glossary("zh").splitlines():
        assert not re.search(r"[a-z]{3,}", re.sub(r"`[^`]*`", "", line)), line
    for line in pages.write_glossary("en").splitlines():
        cells = line.strip("|").split(" | ")
        assert not CHINESE.search(" ".join(cells[:1] + cells[2:])), line


def test_plots_show_the_figures_recorded_today():
    """Otherwise: python -m tests.plots."""
    for name, rows in plots.read_figures().items():
        drawn = (ROOT / f"docs/images/plot-{name}.svg").read_text(encoding="utf-8")
        assert plots.digest_of(rows) in drawn, name


def test_both_languages_have_the_pages_of_planners():
    pages = {language: {path.name for path in (SITE / language).glob("*.md")} for language in LANGUAGES}
    assert pages["zh"] <= pages["en"]
    assert pages["en"] - pages["zh"] == {"extend.md", "library.md", "method.md", "reference.md"}


def test_the_reference_names_all_that_is_public():
    text = (SITE / "en" / "reference.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^::: pianqu\.(\w+)$", text, re.MULTILINE)) == set(pianqu.__all__)


@pytest.mark.parametrize(
    "path",
    [*SITE.glob("*/*.md"), ROOT / "README.md", ROOT / "README.en.md"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_links_can_be_followed_in_a_checkout(path):
    text = re.sub("```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not urlsplit(target).scheme and not target.startswith("#"):
            assert (path.parent / unquote(target.partition("#")[0])).exists(), target


@pytest.mark.parametrize("page", ["docs/site/en/extend.md", "CONTRIBUTING.md"])
def test_where_to_extend_is_where_things_are(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    named = [name for name in re.findall("`([^` ]+)`", text) if "/" in name and "→" not in name]
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_a_page_speaks_one_language():
    """Whole lines of the other language are the remains of a page that had both."""
    for path in {*(SITE / "zh").glob("*.md")} - {SITE / "zh" / "command-line.md"}:
        text = re.sub("```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for line in text.splitlines():
            bare = re.sub(r"`[^`]*`|\]\([^)]*\)|<!--.*?-->", "", line)
            assert CHINESE.search(bare) or len(re.findall("[a-z]{2,}", bare)) < 5, f"{path.name}: {line}"


PAGES = [*SITE.glob("*/*.md"), ROOT / "README.md", ROOT / "README.en.md", ROOT / "CONTRIBUTING.md"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_block_of_code_is_executed_or_read(path):
    """Python runs below, TOML is read as settings, JSON is JSON, commands are known with their options."""
    text = path.read_text(encoding="utf-8")
    for kind, body in list_blocks(text):
        assert kind in ("", "json", "toml", "python"), kind
        assert kind != "python" or path.name == "library.md"
        assert kind != "toml" or path.name == "settings.md"
        if kind == "json":
            json.loads(body)
    if path.name != "command-line.md":  # it is written from the commands themselves
        assert [(line, fault) for line in list_commands_in(text) if (fault := find_fault(line))] == []
    for module in re.findall(r"python -m ((?:tests|app)[.\w]*)", text):
        assert importlib.util.find_spec(module), module
    for target in re.findall(r"(?:`|^)make ([a-z][\w-]*)", text, re.MULTILINE):
        assert f"\n{target}" in MAKEFILE or f" {target}" in MAKEFILE, target


def test_pages_of_planners_are_without_words_of_developers():
    """The command line writes names of files as they are."""
    odd = re.compile("sha256|npz|schema|拉格朗日|哈希", re.IGNORECASE)
    for path in {*(SITE / "zh").glob("*.md")} - {SITE / "zh" / "command-line.md"}:
        text = re.sub(r"`[^`]*`|\]\([^)]*\)", "", path.read_text(encoding="utf-8"))
        assert [line for line in text.splitlines() if odd.search(line)] == [], path.name


def test_every_public_name_has_an_example_that_runs():
    """Examples of docstrings run as tests of their modules."""
    assert [name for name in pianqu.__all__ if ">>>" not in (getattr(pianqu, name).__doc__ or "")] == []


def test_every_notebook_is_named():
    text = (SITE / "en" / "library.md").read_text(encoding="utf-8")
    assert set(re.findall(r"notebooks/(\w+\.ipynb)", text)) == {
        path.name for path in (ROOT / "notebooks").glob("*.ipynb")
    }


def test_examples_of_the_library_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (SITE / "en" / "library.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "library.md", "exec"), names)
    assert names["plan"].gap >= 0


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    environment = {
        **os.environ,
        "NO_MKDOCS_2_WARNING": "1",
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }
    for config, into in (("mkdocs.yml", folder), ("mkdocs.en.yml", folder / "en")):
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-f", ROOT / config, "-d", into]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.full
def test_the_site_is_built_asks_nobody_and_its_links_lead_somewhere(site):
    pages = {path: _Page(path) for path in site.rglob("*.html") if path.name != "404.html"}
    assert len(pages) > 60
    for path, page in pages.items():
        for address in page.loaded:
            assert not urlsplit(address).netloc, f"{path.name} loads {address}"
        for address in page.links:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            assert target.exists(), f"{path.relative_to(site)} links to {address}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].ids, f"{path.relative_to(site)} links to {address}"


class _Page(HTMLParser):
    """What a page loads, links to, and can be linked at."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = {"", "__comments"}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        self.ids |= {of[name] for name in ("id", "name") if of.get(name)}
        if tag in LOADED and of.get("rel") not in ("canonical", "alternate") and of.get(LOADED[tag]):
            self.loaded.append(of[LOADED[tag]])
        if tag == "a" and of.get("href"):
            self.links.append(of["href"])
