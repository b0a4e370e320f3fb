"""Saved column mappings: a small file by which next month's sheet is read the same way."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.errors import UnreadableFileError, UsageError
from geo.messages import join_names, load_catalogue
from geo.schema import IMPORTABLE, field_names
from geo.tables.header_text import split_header
from geo.tables.headers import ColumnMap, ColumnMatch, auxiliary_fields, is_ignorable, is_personal, map_columns

say = load_catalogue(__file__)

MAPPING_PREFIX = "mapping-"
"""Saved mappings lie in a dataset's folder under this prefix; they are no part of its hashes."""
UNKNOWN_FIELD = "?"
"""Stands for the field of a header nobody knew when the mapping was saved: it is looked up anew."""
_SCHEMA = "pianqu.mapping/1"


@dataclass(frozen=True)
class SavedMapping:
    """The field each header of a sheet fills, as used or as corrected by a planner.

    Parameters
    ----------
    layer
        The layer the sheet is.
    columns
        (header, field) in the order of the sheet; field None for columns a planner leaves out,
        `UNKNOWN_FIELD` for headers that were not known.
    """

    layer: str
    columns: tuple[tuple[str, str | None], ...]

    def with_column(self, header: str, field: str | None) -> SavedMapping:
        """The same with one column filling another field, or left out (None).

        A column that filled the field before is left out.

        Parameters
        ----------
        header
            A header of the sheet.
        field
            The field it fills; None leaves it out.

        Examples
        --------
        >>> mapping = SavedMapping("communities", (("名", "?"), ("小区", "name")))
        >>> mapping.with_column("名", "name").columns
        (('名', 'name'), ('小区', None))
        """
        columns = dict(self.columns)
        columns = {h: None if f == field and f != UNKNOWN_FIELD else f for h, f in columns.items()}
        return SavedMapping(self.layer, tuple((columns | {header: field}).items()))

    @property
    def file_name(self) -> str:
        """`mapping-<layer>-<hash of the headers>.json`."""
        return f"{MAPPING_PREFIX}{self.layer}{self.headers_ending}"

    @property
    def headers_ending(self) -> str:
        """How the file names of all mappings of the same headers end."""
        return f"-{headers_hash([header for header, _ in self.columns])}.json"

    @property
    def text(self) -> str:
        """As it is written."""
        body = {"schema": _SCHEMA, "layer": self.layer, "columns": dict(self.columns)}
        return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def headers_hash(columns: Sequence[str]) -> str:
    """Hash of a sheet's headers, whatever their order, personal and reason columns left out.

    Examples
    --------
    >>> headers_hash(["小区名称", "户数"]) == headers_hash(["户 数", "小区名称", "联系电话"])
    True
    """
    return hashlib.sha256("\x1f".join(sorted(_relevant_keys(columns))).encode()).hexdigest()[:12]


def record_mapping(found: ColumnMap, columns: Sequence[str], corrected: SavedMapping | None = None) -> SavedMapping:
    """What to remember of a mapping that was used; what a planner left out stays out.

    Parameters
    ----------
    found
        The mapping that was used.
    columns
        Headers of the sheet, in order.
    corrected
        As a planner corrected it; None where nobody did.

    Examples
    --------
    >>> record_mapping(map_columns(["小区名称", "备用"], "communities"), ["小区名称", "备用"]).columns
    (('小区名称', 'name'), ('备用', '?'))
    """
    fields: dict[str, str | None] = {match.source: match.field for match in found.matches}
    left_out = {_header_key(header) for header, field in corrected.columns if field is None} if corrected else set()
    kept = [c for c in columns if c not in found.personal and _relevant_keys([c])]
    return SavedMapping(
        found.layer, tuple((c, fields.get(c, None if _header_key(c) in left_out else UNKNOWN_FIELD)) for c in kept)
    )


def apply_mapping(columns: Sequence[str], saved: SavedMapping) -> ColumnMap:
    """Map headers as a saved mapping says; headers it does not name are mapped as ever.

    Columns about persons stay personal whatever the mapping says.

    Parameters
    ----------
    columns
        Headers as written.
    saved
        Which of them fill which field.

    Examples
    --------
    >>> saved = SavedMapping("communities", (("编组", "name"), ("户数", None)))
    >>> apply_mapping(["编组", "户数", "建成年份"], saved).fields
    ('name', 'built_year')
    """
    fields = {_header_key(header): field for header, field in saved.columns if field != UNKNOWN_FIELD}
    personal = tuple(c for c in columns if is_personal(c))
    named = [c for c in columns if _header_key(c) in fields and c not in personal]
    matches = [_make_match(c, fields[_header_key(c)]) for c in named if fields[_header_key(c)] is not None]
    filled = {match.field for match in matches}
    rest = map_columns([c for c in columns if c not in named], saved.layer)
    matches += [match for match in rest.matches if match.field not in filled]
    spare = (*(match for match in rest.matches if match.field in filled), *rest.spare)
    order = {column: place for place, column in enumerate(columns)}
    matches.sort(key=lambda match: order[match.source])
    used = {match.source for match in (*matches, *spare)}
    ignored = tuple(c for c in columns if c not in used and c not in personal and c != "geometry")
    doubled = tuple(match.source for match in spare)
    return ColumnMap(saved.layer, tuple(matches), ignored, personal, doubled, spare)


def find_mapping(folder: Path, columns: Sequence[str], layer: str | None = None) -> SavedMapping | None:
    """The mapping saved for the same headers in a dataset; None where there is none, or several.

    Parameters
    ----------
    folder
        The dataset.
    columns
        Headers as written.
    layer
        Only mappings of this layer; None = of any.

    Raises
    ------
    UnreadableFileError, UsageError
        If the file is damaged.
    """
    pattern = f"{MAPPING_PREFIX}{layer or '*'}-{headers_hash(columns)}.json"
    found = sorted(folder.glob(pattern))
    return read_mapping(found[0]) if len(found) == 1 else None


def read_mapping_texts(folder: Path) -> dict[str, str]:
    """All mapping files of a dataset, by name; to tell later whether one changed."""
    return {
        path.name: path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(folder.glob(f"{MAPPING_PREFIX}*.json"))
    }


def read_mapping(path: Path) -> SavedMapping:
    """Read a mapping file, saved here or written by hand.

    Raises
    ------
    UnreadableFileError
        If it is no mapping file.
    UsageError
        If it names a layer or field that does not exist, or one field twice.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        layer, columns = body["layer"], body["columns"]
        pairs = tuple((str(header), field) for header, field in columns.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableFileError(*say("mapping.unreadable", name=path.name, kind=type(error).__name__)) from error
    if layer not in IMPORTABLE:
        raise UsageError(*say("mapping.unknown_layer", name=path.name, layer=layer, layers=join_names(IMPORTABLE)))
    _refuse_unknown(path.name, layer, [field for _, field in pairs])
    return SavedMapping(layer, pairs)


def _relevant_keys(columns: Sequence[str]) -> list[str]:
    keys = [_header_key(c) for c in columns if not is_personal(c) and not is_ignorable(c)]
    return [k for k in keys if k != "geometry" and not re.fullmatch(r"列#\d+", k)]


def _header_key(header: str) -> str:
    return re.sub(r"\s+", "", header)


def _make_match(header: str, field: str | None) -> ColumnMatch:
    factor = split_header(header)[1]
    return ColumnMatch(header, str(field), factor if str(field).endswith("_m2") else 1.0)


def _refuse_unknown(file: str, layer: str, fields: Sequence[str | None]) -> None:
    known = {*field_names(layer), *auxiliary_fields(layer)} - {"geometry"}
    used = [field for field in fields if field not in (None, UNKNOWN_FIELD)]
    unknown = [field for field in used if field not in known]
    doubled = sorted({field for field in used if used.count(field) > 1})
    if unknown:
        raise UsageError(
            *say(
                "mapping.unknown_fields",
                file=file,
                fields=join_names(map(str, unknown)),
                layer=layer,
                known=join_names(sorted(known)),
            )
        )
    if doubled:
        raise UsageError(*say("mapping.doubled", file=file, doubled=join_names(doubled)))
