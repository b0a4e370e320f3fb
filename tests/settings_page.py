"""The tables of settings in docs/site/*/settings.md, made from the one table: `python -m tests.settings_page`."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from app.settings_file import SETTINGS, Setting, describe_expected

PAGES = Path(__file__).resolve().parents[1] / "docs/site"
START, END = "<!-- settings -->", "<!-- end -->"
HEADS = {
    "zh": "| 设置 | 说明 | 值 | 默认 | 环境变量 |",
    "en": "| Setting | What it is | Value | Default | Environment |",
}


def list_settings(language: str) -> str:
    """Every setting in a table for each section of the file."""
    parts = []
    for section, some in groupby(SETTINGS, lambda one: one.key.partition(".")[0]):
        rows = "\n".join(_row(one, language) for one in some)
        parts.append(f"### [{section}]\n\n{HEADS[language]}\n|---|---|---|---|---|\n{rows}\n")
    return "\n".join(parts)


def renew(page: str, language: str) -> str:
    """The page with today's tables.

    Examples
    --------
    >>> renew(f"a {START} old {END} b", "zh").endswith(f"{END} b")
    True
    """
    before, _, rest = page.partition(START)
    return f"{before}{START}\n\n{list_settings(language)}\n{END}{rest.partition(END)[2]}"


def _row(one: Setting, language: str) -> str:
    expected = getattr(describe_expected(one), language).strip()
    default = f"`{one.default}`" if one.default else ""
    return f"| `{one.key.partition('.')[2]}` | {getattr(one, language)} | {expected} | {default} | `{one.env}` |"


def main() -> int:
    """Write the tables."""
    for language in HEADS:
        path = PAGES / language / "settings.md"
        path.write_text(renew(path.read_text(encoding="utf-8"), language), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
