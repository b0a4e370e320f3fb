"""One own parser under atheris: ``python -m tests.bench.fuzz_targets NAME -max_total_time=60``."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

MODULES = [
    "app.desks.editing.request",
    "app.desks.publishing.features",
    "app.settings_file",
    "geo.admin.place_codes",
    "geo.values",
]
with atheris.instrument_imports(include=MODULES):
    from app.desks.editing.request import SaveBody, read_edit
    from app.desks.publishing.features import read_box, read_count
    from app.settings_file import read_settings
    from geo.admin.place_codes import district_of_street
    from geo.errors import PlanningError
    from geo.schema import LAYERS
    from geo.values.dates import parse_date
    from geo.values.numerals import parse_written_number
    from geo.values.parsed_value import UnreadableValueError
    from geo.values.quantities import parse_header_factor, parse_number
    from geo.values.years import parse_year

HOUSEHOLDS = next(field for field in LAYERS["communities"] if field.name == "households")
PLACE = Path(tempfile.mkdtemp(prefix="pianqu-fuzz-")) / "pianqu.toml"


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")


def _numbers(data: bytes) -> None:
    parse_number(_text(data), HOUSEHOLDS)
    parse_written_number(_text(data))
    parse_header_factor(_text(data), HOUSEHOLDS)


def _settings(data: bytes) -> None:
    PLACE.write_bytes(data)
    read_settings(PLACE)


TARGETS: dict[str, Callable[[bytes], object]] = {
    "edits": lambda data: read_edit(data, SaveBody),
    "boxes": lambda data: read_box(_text(data)),
    "addresses": lambda data: read_count(_text(data), 10, 100),
    "numbers": _numbers,
    "years": lambda data: parse_year(_text(data)),
    "dates": lambda data: parse_date(_text(data)),
    "names": lambda data: district_of_street(_text(data)),
    "settings": _settings,
}


def main() -> None:
    """Give a parser input until the time is over; whatever is no answer ends it with a traceback."""
    target = TARGETS[sys.argv.pop(1)]

    def one(data: bytes) -> None:
        try:
            target(data)
        except (PlanningError, UnreadableValueError):
            return

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
