"""One raw layer becomes rows with the fields of a layer, each cell read or reported."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from geo.admin.area_codes import interpret_code_headers, map_interpreted_columns
from geo.admin.sheet_places import HEADING, accumulate_headings
from geo.errors import UnknownLayerError, UsageError
from geo.findings import Finding
from geo.importing.cells import NUMERIC_FIELDS, read_cells
from geo.importing.options import ImportOptions
from geo.messages import Sentence, join_names, load_catalogue
from geo.pii import KINDS_ZH, detect_pii
from geo.prepared.prepared_layer import PreparedLayer, SourceTable
from geo.readers import RawLayer
from geo.rules import UnitRules
from geo.schema import BARRIER_KINDS, CROSSING_KINDS, LAYERS, Field
from geo.storage.commits import MANIFEST
from geo.storage.dataset import open_dataset
from geo.tables.header_synonyms import SIGNATURES
from geo.tables.headers import ColumnMap, ColumnMatch, recognise_layer
from geo.tables.ledger_fields import LEDGER_FIELDS
from geo.tables.mappings import SavedMapping, apply_mapping, find_mapping, headers_hash, record_mapping
from geo.tables.value_headers import VALUE_SCORE, interpret_value_headers
from geo.validation.management_modes import fill_management_modes
from geo.validation.row_consistency import check_rows, drop_ended
from geo.validation.stated_status import fill_stated_types
from geo.validation.unit_conversion import estimate_floors
from geo.values.parsed_value import FAULTS, NOTES
from geo.values.parsing import ReferenceDates, ValueProblem, parse_column, parse_years

say = load_catalogue(__file__)

_HELPING = {
    "lon": Field("lon", "number", "经度"),
    "lat": Field("lat", "number", "纬度"),
    "x": Field("x", "number", "X 坐标"),
    "y": Field("y", "number", "Y 坐标"),
    "lonlat": Field("lonlat", "text", "坐标"),
    "community_name": Field("community_name", "text", "小区名称"),
    "community_code": Field("community_code", "text", "小区编码"),
    "street_name": Field("street_name", "text", "街道"),
    "district_name": Field("district_name", "text", "旗县区"),
    "company_name": Field("company_name", "text", "物业企业"),
    "status": Field("status", "text", "状态"),
    "name": Field("name", "text", "名称"),
    "address": Field("address", "text", "地址"),
}


def prepare_layer(
    raw: RawLayer, options: ImportOptions, folder: Path | None = None, *, storey_m: float = UnitRules.storey_m
) -> PreparedLayer:
    """Recognise a raw layer, map its columns and read its cells.

    Parameters
    ----------
    raw
        As read from a file.
    options
        `layer`, `mappings` and `kind` are used here.
    folder
        The dataset whose saved mappings are offered to sheets with the same headers.
    storey_m
        Height of one storey, metres, for storeys from heights.

    Returns
    -------
    All rows; none is rejected yet, and geometries are as in the file.

    Raises
    ------
    UnknownLayerError
        If no layer is given and none is clearly meant.
    UsageError
        If `kind` is needed and missing, or not a kind of the layer; if a mapping does not fit.
    """
    raw, out_of_place = raw.split_shifted()
    columns = [str(c) for c in raw.frame.columns if c != "geometry"]
    saved = _choose_mapping(raw, columns, options, folder)
    meant = interpret_value_headers(raw.frame, columns, interpret_code_headers(raw.frame, columns))
    layer = options.layer or (saved.layer if saved else _recognise(raw, meant))
    is_by_class = options.layer is None and saved is None and _is_known_by_class_alone(raw, meant)
    meant = columns if layer == "reported_figures" else meant  # its codes are of any level
    by_headers = _drop_false_codes(_map_columns(raw.frame, columns, meant, layer), raw.frame)
    mapped, by_value = _drop_personal_columns(by_headers, raw.frame)
    if saved is not None and record_mapping(mapped, columns) != saved:
        mapped, by_value = _drop_personal_columns(apply_mapping(columns, saved), raw.frame)
    else:
        saved = None  # nothing but what the headers say
    shown = [c for c in columns if c not in mapped.personal]
    source = pd.DataFrame(raw.frame[shown]).astype(object).reset_index(drop=True)
    prepared = PreparedLayer(
        raw.file,
        layer,
        pd.DataFrame(index=source.index),
        source,
        raw.rows,
        raw.sheets,
        encoding=raw.encoding,
        findings=tuple(replace(f, layer=f.layer or layer) for f in raw.findings),
        mapping=record_mapping(mapped, columns, saved),
        original=SourceTable(raw.file, layer, source, raw.rows, raw.sheets),
        titles=raw.titles,
    )
    if saved is not None and not options.mappings:
        prepared = prepared.found(_remembered_finding(prepared, saved))
    if is_by_class:
        prepared = prepared.found(prepared.finding("info", "layer.by_class", *say("layer.by_class", layer=layer)))
    prepared = prepared.without_shifted(out_of_place, has_persons=bool(mapped.personal))
    prepared = prepared.found(*_column_findings(prepared, mapped, by_value))
    prepared = _read_cells(prepared, mapped, raw, _today(options, folder))
    if raw.headings is not None:
        sheets = None if raw.sheets is None else raw.sheets.tolist()
        prepared.frame[HEADING] = accumulate_headings(raw.headings.tolist(), sheets)
    if raw.is_map:
        prepared.frame["geometry"] = raw.frame.geometry.to_numpy()
    if layer in ("barriers", "crossings"):
        prepared = _fill_kind(prepared, options.kind)
    if layer == "buildings":
        prepared = estimate_floors(prepared, storey_m)
    if layer != "communities":
        return drop_ended(prepared)
    types = [m.source for m in mapped.matches if m.field == "community_type"]
    return fill_management_modes(fill_stated_types(prepared, types[0] if types else None))


def _map_columns(frame: pd.DataFrame, columns: list[str], meant: list[str], layer: str) -> ColumnMap:
    """Columns mapped by what their headers mean; those that only their values explain are guesses."""
    mapped = map_interpreted_columns(columns, meant, layer)
    codes = interpret_code_headers(frame, columns)
    by_values = {c for c, code, header in zip(columns, codes, meant, strict=True) if header not in (c, code)}
    matches = tuple(replace(m, score=VALUE_SCORE) if m.source in by_values else m for m in mapped.matches)
    return replace(mapped, matches=matches)


def _today(options: ImportOptions, folder: Path | None) -> ReferenceDates:
    """The day of the import, and the day the data speak of: given now, or kept in the dataset."""
    stated = options.data_date
    if stated is None and folder is not None and (folder / MANIFEST).is_file():
        stated = open_dataset(folder).manifest.data_date
    try:
        data_date = None if stated is None else datetime.date.fromisoformat(stated)
    except ValueError:
        data_date = None
    return ReferenceDates(datetime.date.today(), data_date)


def _choose_mapping(
    raw: RawLayer, columns: list[str], options: ImportOptions, folder: Path | None
) -> SavedMapping | None:
    """The mapping the planner gives for these headers, else the one saved for the same headers."""
    if not options.mappings:
        return find_mapping(folder, columns, options.layer) if folder is not None else None
    given = _match_mapping(raw, columns, options)
    if given is None:
        return None
    if options.layer not in (None, given.layer):
        raise UsageError(*say("error.other_layer", layer=options.layer, layer_2=given.layer))
    return given


def _match_mapping(raw: RawLayer, columns: list[str], options: ImportOptions) -> SavedMapping | None:
    """The mapping for these headers; else one that names some of them and is for the same layer.

    None for a sheet among others that none of the mappings speaks of: it goes by its headers.
    """
    own = headers_hash(columns)
    for mapping in options.mappings:
        if headers_hash([header for header, _ in mapping.columns]) == own:
            return mapping
    near = [m for m in options.mappings if maps_any_header(m, columns)]
    if raw.is_part:
        try:
            layer = options.layer or recognise_layer(columns, _geometry_kinds(raw))
        except UnknownLayerError:
            return near[0] if near else None
        return next((m for m in near if m.layer == layer), None)
    if not near:
        raise unused_mapping_error(raw.file, columns)
    return near[0]


def maps_any_header(mapping: SavedMapping, columns: Sequence[str]) -> bool:
    """Whether a mapping gives a field to any of these headers.

    Parameters
    ----------
    mapping
        Which header is which field.
    columns
        Headers of a table.
    """
    there = {re.sub(r"\s+", "", column) for column in columns}
    return any(re.sub(r"\s+", "", h) in there for h, field in mapping.columns if field is not None)


def unused_mapping_error(file: str, columns: Sequence[str]) -> UsageError:
    """The error for a mapping none of whose headers a file has.

    Parameters
    ----------
    file
        Name to report.
    columns
        Headers the file has.
    """
    listed = "、".join(columns[:8])
    return UsageError(*say("error.no_mapped_column", file=file, listed=listed))


def _remembered_finding(prepared: PreparedLayer, saved: SavedMapping) -> Finding:
    return prepared.finding("info", "columns.remembered", *say("columns.remembered", file_name=saved.file_name))


def _drop_personal_columns(mapped: ColumnMap, frame: pd.DataFrame) -> tuple[ColumnMap, dict[str, str]]:
    """Drop columns whose values are data about persons, whatever their header; and which kind."""
    fields = {m.source: m.field for m in mapped.matches if not m.is_generic and m.score == 100}
    by_value: dict[str, str] = {}
    for column in (*(m.source for m in mapped.matches), *mapped.ignored, *mapped.doubled):
        field = fields.get(column, "")
        kind = detect_pii(frame[column].tolist())
        is_code = field.endswith(("_code", "_id", "uscc")) or field in ("unit_a", "unit_b")
        is_figure = field.rpartition(".")[2] in NUMERIC_FIELDS
        if kind is None or (is_code and kind != "identity") or (is_figure and kind == "room"):
            continue
        by_value[column] = kind
    if not by_value:
        return mapped, by_value
    return replace(
        mapped,
        matches=tuple(m for m in mapped.matches if m.source not in by_value),
        ignored=tuple(c for c in mapped.ignored if c not in by_value),
        doubled=tuple(c for c in mapped.doubled if c not in by_value),
        spare=tuple(m for m in mapped.spare if m.source not in by_value),
        personal=(*mapped.personal, *by_value),
    ), by_value


def _recognise(raw: RawLayer, columns: list[str]) -> str:
    try:
        return recognise_layer(columns, _geometry_kinds(raw))
    except UnknownLayerError as error:
        layer = raw.layer or _recognise_by_class(raw)
        if layer is not None:
            return layer
        raise UnknownLayerError(*say("file.error", file=raw.file, error=error)) from error


def _recognise_by_class(raw: RawLayer) -> str | None:
    """The layer of an extract of OpenStreetMap whose rows are all of one class, as its column `fclass` says."""
    if not raw.is_map or "fclass" not in raw.frame:
        return None
    layers = {_LAYER_OF_CLASS.get(str(value)) for value in raw.frame["fclass"].dropna().unique()}
    layer = layers.pop() if len(layers) == 1 else None
    shapes = set(_geometry_kinds(raw) or ())
    return layer if layer is not None and shapes <= set(SIGNATURES[layer][3]) else None


def _is_known_by_class_alone(raw: RawLayer, columns: list[str]) -> bool:
    """Whether nothing but the one class of its rows says which layer it is."""
    if raw.layer is not None or _recognise_by_class(raw) is None:
        return False
    try:
        recognise_layer(columns, _geometry_kinds(raw))
    except UnknownLayerError:
        return True
    return False


_LAYER_OF_CLASS = {
    "residential": "communities",
    **dict.fromkeys(("river", "canal", "stream", "riverbank", "rail", "light_rail", "subway", "tram"), "barriers"),
}
"""What rows of a class are, by the class; `residential` lines are streets and stay unclear."""


def _geometry_kinds(raw: RawLayer) -> list[str] | None:
    """The kinds of geometry of a map layer: "point", "line", "polygon"."""
    if not raw.is_map:
        return None
    types = raw.frame.geom_type.dropna().unique()
    words = {"Point": "point", "String": "line", "Ring": "line", "Polygon": "polygon"}
    return sorted({w for t in types for part, w in words.items() if str(t).endswith(part)})


def _drop_false_codes(mapped: ColumnMap, frame: pd.DataFrame) -> ColumnMap:
    """Drop a column named just "id" or "code" unless its values are long and hardly repeat.

    Row numbers 1, 2, 3 … of ten districts' files would otherwise overwrite each other.
    """
    false = []
    for match in mapped.matches:
        if match.is_generic:
            values = frame[match.source].dropna().astype(str).str.strip()
            distinct = values.nunique() / max(1, len(values))
            if not len(values) or values.str.len().min() < 6 or distinct < 0.95:
                false.append(match)
    if not false:
        return mapped
    return replace(
        mapped,
        matches=tuple(m for m in mapped.matches if m not in false),
        ignored=(*mapped.ignored, *(m.source for m in false)),
    )


def _column_findings(prepared: PreparedLayer, mapped: ColumnMap, by_value: dict[str, str]) -> list[Finding]:
    found = [_guess_finding(prepared, match) for match in mapped.matches if match.score < 100]
    if mapped.personal:
        columns = [
            say("columns.by_value", column=c, kind=Sentence(KINDS_ZH[by_value[c]], by_value[c]))
            if c in by_value
            else Sentence(c, c)
            for c in mapped.personal
        ]
        listed_columns = Sentence.join(columns, ("、", ", "))
        found.append(
            prepared.finding("info", "columns.personal", *say("columns.personal", listed_columns=listed_columns))
        )
    if mapped.ignored:
        listed = "、".join(mapped.ignored[:12]) + ("…" if len(mapped.ignored) > 12 else "")
        found.append(prepared.finding("info", "columns.ignored", *say("columns.ignored", listed=listed)))
    if mapped.spare:
        used = {match.field: match.source for match in mapped.matches}
        stated = [(m.source, used[m.field]) for m in mapped.spare if m.field in used]
        doubled = [say("columns.spare", spare=spare, source=source) for spare, source in stated[:12]]
        found.append(
            prepared.finding(
                "info", "columns.doubled", *say("columns.doubled", columns=Sentence.join(doubled, ("、", ", ")))
            )
        )
    return found


def _guess_finding(prepared: PreparedLayer, match: ColumnMatch) -> Finding:
    label = Sentence(_fields_of(prepared.layer)[match.field].zh, match.field)
    rule = "columns.guessed_by_values" if match.score == VALUE_SCORE else "columns.guessed"
    sentence = say(rule, source=match.source, score=match.score, label=label)
    return prepared.finding("warning", rule, *sentence, column=match.source)


def _read_cells(prepared: PreparedLayer, mapped: ColumnMap, raw: RawLayer, today: ReferenceDates) -> PreparedLayer:
    fields = _fields_of(prepared.layer)

    def read(cells: pd.Series, match: ColumnMatch) -> tuple[dict[str, pd.Series], Problems]:
        """One column, and what its values say of themselves: intervals of years, estimates."""
        field = fields[match.field]
        if field.name == "built_year":
            years, problems = parse_years(cells, field, today=today)
            stated = {str(n): years[n] for n in years.columns if n in fields}
            return stated, problems
        values, problems = parse_column(cells, field, match.factor, header=match.source, today=today)
        quality = f"{match.field}_quality"
        stated = {match.field: values}
        if quality in fields:
            stated[quality] = _value_quality(values, problems)
        return stated, problems

    table, found, problems = read_cells(prepared, mapped, raw.frame, read, dict(raw.titles))
    found += [_value_finding(prepared, match, p, fields[match.field]) for match, p in problems]
    return check_rows(replace(prepared, frame=table).found(*found))


def _fields_of(layer: str) -> dict[str, Field]:
    """What a column of a layer's table may be: helping fields, its own, and what a ledger has for others."""
    others = {name: one.field for name, one in LEDGER_FIELDS.items()} if layer == "communities" else {}
    return {**_HELPING, **{f.name: f for f in LAYERS[layer]}, **others}


Problems = tuple[ValueProblem, ...]


def _value_quality(values: pd.Series, problems: tuple[ValueProblem, ...]) -> pd.Series:
    """Where there is a value "reported", or "estimated" where it was a guess."""
    quality = pd.Series(None, index=values.index, dtype=object).mask(values.notna(), "reported")
    quality.iloc[[p.position for p in problems if p.is_guess and not p.is_bad]] = "estimated"
    return quality


def _value_finding(prepared: PreparedLayer, match: ColumnMatch, problem: ValueProblem, field: Field) -> Finding:
    sentence = Sentence(*(FAULTS.get(problem.rule) or NOTES[problem.rule]))
    if problem.rule == "value.out_of_range" and field.least is not None and field.most is not None:
        sentence = say("value.out_of_range", fault=sentence, least=field.least, most=field.most)
    return prepared.finding(
        "error" if problem.is_bad else "warning",
        problem.rule,
        *sentence,
        position=problem.position,
        column=match.source,
        value=problem.value,
    )


def _fill_kind(prepared: PreparedLayer, kind: str | None) -> PreparedLayer:
    """Kinds of barriers and crossings, from the column or, where it is silent, from the options."""
    known = BARRIER_KINDS if prepared.layer == "barriers" else CROSSING_KINDS
    if kind is not None and kind not in known:
        raise UsageError(*say("error.unknown_kind", layer=prepared.layer, kind=kind, known=join_names(known)))
    frame = prepared.frame.copy()
    if "kind" not in frame:
        frame["kind"] = pd.Series(None, index=frame.index, dtype=object)
    if kind is not None:
        frame["kind"] = frame["kind"].fillna(kind)
    elif frame["kind"].isna().all():
        raise UsageError(
            *say("error.no_kind", file=prepared.file, layer=say(f"layer.{prepared.layer}"), known=join_names(known))
        )
    return replace(prepared, frame=frame)
