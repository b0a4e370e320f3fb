"""The table of options in docs/how-to/plans.md, made from the one table: `python -m tests.options_page`."""

from __future__ import annotations

import sys
from pathlib import Path

from app.planning.options import OPTIONS, OptionField

PAGE = Path(__file__).resolve().parents[1] / "docs/how-to/plans.md"
START, END = "<!-- options -->", "<!-- end -->"


def list_options() -> str:
    """Every option of a plan as a row: how it is written, its values, what it is, whether the page offers it."""
    head = "| 选项 Option | 说明 What it is | 页面 Page |\n|---|---|---|\n"
    return head + "\n".join(map(_row, OPTIONS))


def renew(page: str) -> str:
    """The page with today's table.

    Examples
    --------
    >>> renew(f"a {START} old {END} b").endswith(f"{END} b")
    True
    """
    before, _, rest = page.partition(START)
    return f"{before}{START}\n{list_options()}\n{END}{rest.partition(END)[2]}"


def _row(one: OptionField) -> str:
    option = one.option
    flag = " ".join(option.flags) or f"--{one.name.replace('_', '-')}"
    values = option.metavar or " \\| ".join(one.choices)
    offered = "" if option.page is None else "是 yes"
    return f"| `{flag}`{f' {values}' if values else ''} | {option.zh} / {option.en} | {offered} |"


def main() -> int:
    """Write the table."""
    PAGE.write_text(renew(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
