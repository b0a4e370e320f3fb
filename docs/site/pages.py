"""What the site takes from elsewhere: the policy's values, indicators, glossary, schema, documents of developers."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from geo.schema import LAYERS, Field

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
POLICY = ROOT / "policy" / "baotou.toml"
MADE = {
    "../../images/": "images/",
    "../../../app/exports/gis/": "files/",
    "../../../policy/": "files/",
    "../../schemas/": "files/",
    "../../examples/": "files/",
    "../../glossary.md": "glossary.md",
    "../../architecture.md": "developers/architecture.md",
    "../../benchmarks.md": "developers/benchmarks.md",
    "../../decisions/": "developers/decisions/",
    "../../decisions)": "developers/decisions/index.md)",
}
"""Where links out of the tree, which lead somewhere in a checkout, lead on the site."""
INDICATORS = {
    "zh": ((0, 2, 6, 7, 8, 9), "编号 | 指标 | 类型 | 层级 | 条款 | 所需列"),
    "en": ((0, 3, 4, 5, 6, 7, 8, 9), "Id | Indicator | Formula | Unit | Kind | Levels | Clause | Columns"),
}
"""Columns of the table in docs/indicators.md that each language shows, and their heads."""
LAYER_HEAD = {"zh": "列 | 含义 | 类型 | 取值", "en": "Column | Chinese | Type | Values"}
GLOSSARY_HEADS = {
    ("zh", 2): "| 术语 | 说明 |",
    ("en", 4): "| Word | 中文 | In code | Meaning |",
    ("en", 2): "| Tag | Meaning |",
}
KINDS_ZH = {
    "text": "文字",
    "integer": "整数",
    "number": "数",
    "share": "0 到 1",
    "date": "日期",
    "boolean": "是或否",
    "geometry": "图形",
}
VALUES = {"zh": "参数 | 值 | 单位 | 来源 | 规则", "en": "Value of | Is | Unit | Source | Rule"}
NAMES = {"zh": "中文", "en": "English"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what lies elsewhere to one language's tree."""
    for uri, content in _files(Path(config.docs_dir).name).items():
        files.append(File.generated(config, uri, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put tables in their places, and lead links that lead out of the tree to what was added."""
    language = Path(config.docs_dir).name
    for outside, inside in MADE.items():
        markdown = markdown.replace(f"]({outside}", f"]({inside}")
    for mark, write in (
        ("<!-- indicators -->", write_indicators),
        ("<!-- policy -->", write_policy),
        ("<!-- layers -->", write_layers),
        ("<!-- examples -->", write_examples),
    ):
        if mark in markdown:
            markdown = markdown.replace(mark, write(language))
            page.meta["hide"] = ["toc"]  # wide tables
    return markdown


def on_page_context(context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation) -> dict[str, Any]:
    """Link each page to its counterpart in the other language, or to the other's first page."""
    language = Path(config.docs_dir).name
    other = "en" if language == "zh" else "zh"
    has_other = (DOCS / "site" / other / page.file.src_uri).exists() or page.file.src_uri == "glossary.md"
    target = page.url if has_other else "index.html"
    links = {language: page.url, other: f"en/{target}" if language == "zh" else f"../{target}"}
    config.extra["alternate"] = [{"name": NAMES[key], "lang": key, "link": links[key]} for key in NAMES]
    return context


def write_indicators(language: str) -> str:
    """All indicators as a table, from docs/indicators.md."""
    lines = (DOCS / "indicators.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines if line.startswith("| ")]
    columns, head = INDICATORS[language]
    return _table(head, [[row[k] for k in columns] for row in rows[1:]])


def write_policy(language: str) -> str:
    """Every value of the policy that ships, with its source."""
    rows = [
        [f"{entry.get(f'label_{language}', '')}<br>`{key}`".removeprefix("<br>"), _shown(entry["value"])]
        + [entry.get(name, "") for name in ("unit", "source", "rule")]
        for key, entry in _entries(tomllib.loads(POLICY.read_text(encoding="utf-8")))
    ]
    return _table(VALUES[language], rows)


def write_glossary(language: str) -> str:
    """The glossary for readers of one language: Chinese without names in the code, English with the Chinese word."""
    lines = []
    for line in (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines():
        if not line.startswith("| "):
            lines.append(pick_half(line, language))
            continue
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 4:
            zh, en, code, meaning = cells
            told = meaning.partition(" / ")[0 if language == "zh" else 2] or meaning
            cells = [zh, pick_half(told, language)] if language == "zh" else [en, zh, code, pick_half(told, language)]
        elif len(cells) == 3:
            cells = [cells[0], cells[1 if language == "zh" else 2]]
        lines.append(f"| {' | '.join(cells)} |")
        if "in code" in line or line.startswith("| 标记"):
            lines[-1] = GLOSSARY_HEADS[language, len(cells)]
    table = re.compile(r"^\|(---\|)+$")
    for k, line in enumerate(lines):
        if table.match(line):
            lines[k] = "|" + "---|" * (lines[k - 1].count("|") - 1)
    return "\n".join(lines) + "\n"


def pick_half(text: str, language: str) -> str:
    """Of a line with Chinese before English (or English, then Chinese) the half of one language."""
    found = re.fullmatch(r"(#+ )?([\u3400-\u9fff、]+) ([A-Z][\w ]+)", text)
    if found:
        return (found[1] or "") + (found[2] if language == "zh" else found[3])
    if "One word for one thing" in text:
        return (
            "代码、界面、报告中一物一词。"
            if language == "zh"
            else "One word for one thing, in code, on screen and in reports."
        )
    return text


def write_layers(language: str) -> str:
    """Every layer of a dataset with its columns, from the table that readers and checks share."""
    parts = []
    for layer, fields in LAYERS.items():
        rows = [
            [f"`{one.name}`", one.zh, KINDS_ZH[one.kind] if language == "zh" else one.kind, _values(one)]
            for one in fields
        ]
        parts.append(f"### {layer}\n\n{_table(LAYER_HEAD[language], rows)}")
    return "\n\n".join(parts)


def write_examples(language: str) -> str:
    """Each example of a change as it is applied; of developers, who read English."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted((DOCS / "examples").glob("*.diff"))}
    return "\n\n".join(f"### {name}\n\n```diff\n{text}```" for name, text in texts.items())


def _values(one: Field) -> str:
    if one.choices:
        return ", ".join(one.choices)
    limits = ("" if one.least is None else f"≥ {one.least:g}", "" if one.most is None else f"≤ {one.most:g}")
    return " ".join(filter(None, limits))


def _files(language: str) -> dict[str, str | bytes]:
    copied = {
        "files/geojson.schema.json": ROOT / "app" / "exports" / "gis" / "geojson.schema.json",
        "files/baotou.toml": POLICY,
    }
    copied |= {f"files/{path.name}": path for path in (DOCS / "schemas").glob("*.json")}
    copied |= {f"files/{path.name}": path for path in (DOCS / "examples").glob("*.diff")}
    copied |= {f"images/{path.name}": path for path in (DOCS / "images").glob("*.*")}
    files: dict[str, str | bytes] = {uri: path.read_bytes() for uri, path in copied.items()}
    files["glossary.md"] = write_glossary(language)
    return files if language == "zh" else files | _developers_files()


def _developers_files() -> dict[str, str | bytes]:
    """Architecture, benchmarks and decisions as they are in docs/, and a page that lists the decisions."""
    files: dict[str, str | bytes] = {
        f"developers/images/{path.name}": path.read_bytes() for path in (DOCS / "images").glob("*.svg")
    }
    for path in (DOCS / "benchmarks").glob("*.csv"):
        files[f"developers/benchmarks/{path.name}"] = path.read_bytes()
    for name in ("architecture", "benchmarks", "data-door"):
        text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
        files[f"developers/{name}.md"] = _part_lists(text.replace("](site/en/", "](../"))
    rows = []
    for path in sorted((DOCS / "decisions").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        files[f"developers/decisions/{path.name}"] = _part_lists(text)
        rows.append(f"- [{text.splitlines()[0].lstrip('# ')}]({path.name})")
    files["developers/decisions/index.md"] = "\n".join(["# Decisions", "", "Why things are as they are.", "", *rows])
    return files


def _part_lists(text: str) -> str:
    """A blank line between a paragraph and the list after it, which this Markdown asks for."""
    return re.sub(r"^(?!- |\* |[#|\s]|\d+\.)(.+)\n(?=- |\d+\. )", r"\g<0>\n", text, flags=re.MULTILINE)


def _table(head: str, rows: list[list[Any]]) -> str:
    lines = [" | ".join(str(cell).replace("|", "\\|") for cell in row) for row in rows]
    return "\n".join([f"| {head} |", "|" + "---|" * (head.count("|") + 1), *(f"| {line} |" for line in lines)])


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _entries(table: dict[str, Any], before: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Each table that has a value, by its dotted key."""
    found = []
    for name, entry in table.items():
        if isinstance(entry, dict):
            key = f"{before}{name}"
            found += [(key, entry)] if "value" in entry else _entries(entry, f"{key}.")
    return found
