"""The result of parsing a cell: a value, a note where it is doubtful, or the rule it breaks."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, NamedTuple

from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)


def _read_rules(kind: str, *names: str) -> MappingProxyType[str, Sentence]:
    return MappingProxyType({f"value.{name}": say(f"{kind}.{name}") for name in names})


NOTES = _read_rules(
    "note",
    "range",
    "approximate",
    "spaced_number",
    "share_scale",
    "share_mixed",
    "year_range",
    "year_between",
    "year_reversed",
    "year_open",
    "decade",
    "two_digit_year",
    "renovated",
    "after_data_date",
    "excel_serial",
    "partial_date",
    "open_end",
    "none_is_zero",
    "has_manager",
    "person_removed",
)
"""What a reader is told about values that were used but doubtful, by rule: Chinese, English."""

FAULTS = _read_rules(
    "fault",
    "unreadable",
    "out_of_range",
    "unknown_code",
    "not_whole",
    "bound",
    "share_unclear",
    "other_basis",
    "future",
    "only_renovated",
    "long_number",
    "bad_uscc",
)
"""Why a cell became missing, by rule: Chinese, English."""

GUESSES = frozenset(
    {
        "value.range",
        "value.approximate",
        "value.spaced_number",
        "value.year_between",
        "value.year_reversed",
        "value.decade",
        "value.excel_serial",
        "value.share_scale",
    }
)
"""Notes of values that are a guess: where the field has a quality, it is "estimated"."""


class ParsedValue(NamedTuple):
    """A value read, missing (None) where nothing was written, and the rule of a doubt."""

    value: Any
    note: str | None = None


class UnreadableValueError(ValueError):
    """A cell does not hold a value of its kind.

    Parameters
    ----------
    text
        The cell.
    rule
        A key of `FAULTS`.
    """

    def __init__(self, text: object, rule: str = "value.unreadable") -> None:
        super().__init__(str(text))
        self.rule = rule
