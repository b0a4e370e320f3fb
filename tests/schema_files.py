"""The JSON Schemas in docs/schemas, made from the types that read and write files: `python -m tests.schema_files`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app.exports.proof.json_schemas import SCHEMAS

FOLDER = Path(__file__).resolve().parents[1] / "docs/schemas"
SHIPPED = "geojson"
"""Written by hand beside the exporter, which reads it."""


def format_schemas() -> dict[str, str]:
    """Text of each schema by the name of its file."""
    return {
        f"{name}.schema.json": json.dumps(make(), ensure_ascii=False, indent=1) + "\n"
        for name, make in SCHEMAS.items()
        if name != SHIPPED
    }


def main() -> int:
    """Write the files."""
    for name, text in format_schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
