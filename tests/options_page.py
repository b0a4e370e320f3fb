"""The tables of options in docs/site/*/plan-options.md, made from the one table: `python -m tests.options_page`."""

from __future__ import annotations

import sys
from pathlib import Path

from app.planning.options import OPTIONS, OptionField

PAGES = Path(__file__).resolve().parents[1] / "docs/site"
START, END = "<!-- options -->", "<!-- end -->"
HEADS = {"zh": "| 选项 | 说明 | 页面 |", "en": "| Option | What it is | Page |"}
YES = {"zh": "是", "en": "yes"}


def list_options(language: str) -> str:
    """Every option of a plan as a row: how it is written, its values, what it is, whether the page offers it."""
    return "\n".join([HEADS[language], "|---|---|---|", *(_row(one, language) for one in OPTIONS)])


def renew(page: str, language: str) -> str:
    """The page with today's table.

    Examples
    --------
    >>> renew(f"a {START} old {END} b", "zh").endswith(f"{END} b")
    True
    """
    before, _, rest = page.partition(START)
    return f"{before}{START}\n{list_options(language)}\n{END}{rest.partition(END)[2]}"


def _row(one: OptionField, language: str) -> str:
    option = one.option
    flag = " ".join(option.flags) or f"--{one.name.replace('_', '-')}"
    values = option.metavar or " \\| ".join(one.choices)
    offered = "" if option.page is None else YES[language]
    return f"| `{flag}`{f' {values}' if values else ''} | {getattr(option, language)} | {offered} |"


def main() -> int:
    """Write the tables."""
    for language in HEADS:
        path = PAGES / language / "plan-options.md"
        path.write_text(renew(path.read_text(encoding="utf-8"), language), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
