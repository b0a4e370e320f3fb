"""What a file looks like before anything is stored, and what must be asked about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from app.desks.imports.runs import FileChoice
from app.settings import upload_limits
from geo.errors import MissingCRSError, MissingDatumError, PlanningError, UnknownLayerError, UsageError
from geo.georeferencing.datum_statements import DatumStatement, datum_group, find_datum_statements
from geo.georeferencing.georeference import georeference
from geo.importing import ImportOptions
from geo.importing.prepare import prepare_layer
from geo.prepared.prepared_layer import PreparedLayer
from geo.readers import RawLayer, read_file
from geo.schema import BARRIER_KINDS, CROSSING_KINDS
from geo.tables.headers import find_field, is_personal, map_columns, recognise_layer
from geo.tables.mappings import UNKNOWN_FIELD, SavedMapping

KINDS_OF = {"barriers": BARRIER_KINDS, "crossings": CROSSING_KINDS}
"""Layers whose rows are of a kind, with the kinds there are."""

_HEAD_ROWS = 5
_HEAD_COLUMNS = 12
_NAMES = 5
_MOST_SHAPES = 1_200
_LONLAT = CRS.from_epsg(4326)


@dataclass(frozen=True)
class ColumnGuess:
    """What one source column was taken for.

    Parameters
    ----------
    source
        The header as written.
    role
        "field", "personal" (dropped), "doubled" or "ignored".
    field, label_zh
        The field it fills and its Chinese label; None unless the role is "field".
    score
        100 for a known header, less for a guess by likeness.
    is_saved
        It is as in an earlier file with the same headers.
    is_said
        The planner stated so here.
    is_by_values
        Its values say so, its header does not.
    """

    source: str
    role: str
    field: str | None = None
    label_zh: str | None = None
    score: float = 100.0
    is_saved: bool = False
    is_said: bool = False
    is_by_values: bool = False


@dataclass(frozen=True, eq=False)
class LayerPreview:
    """One table or map layer of a file, as it would be read.

    Parameters
    ----------
    sheet
        Name inside the file; None where there is only one.
    layer
        The layer it would become; None while that must be asked.
    n_rows
        Rows read.
    encoding
        How text was decoded; None where that is no question.
    names
        Up to five names, to see whether the text is right.
    columns
        What each column was taken for.
    mapping
        The same as it may be stated again; None while the layer must be asked.
    head
        First rows as text, by header; personal columns left out.
    questions
        What must be answered before it can be imported: "layer", "datum", "crs", "kind".
    says
        What the file itself says of its datum.
    asks_datum
        Whether the datum is the planner's to say, answered or not.
    crs, crs_name
        Code and name of its CRS; None for tables without places.
    shapes
        (m,) some of its places, WGS84 degrees, for drawing.
    fault
        Why it cannot be imported, Chinese and English; None when it can.
    """

    sheet: str | None
    layer: str | None
    n_rows: int
    encoding: str | None = None
    names: tuple[str, ...] = ()
    columns: tuple[ColumnGuess, ...] = ()
    mapping: SavedMapping | None = None
    head: tuple[dict[str, str], ...] = ()
    questions: tuple[str, ...] = ()
    says: tuple[DatumStatement, ...] = ()
    asks_datum: bool = False
    crs: str | None = None
    crs_name: str | None = None
    shapes: npt.NDArray[np.object_] | None = None
    fault: tuple[str, str] | None = None


@dataclass(frozen=True, eq=False)
class FilePreview:
    """A file as it would be read, or why it cannot be.

    Parameters
    ----------
    layers
        Its layers.
    fault
        Why it cannot be read, Chinese and English.
    """

    layers: tuple[LayerPreview, ...] = ()
    fault: tuple[str, str] | None = None

    @property
    def n_rows(self) -> int:
        """Rows of all layers."""
        return sum(layer.n_rows for layer in self.layers)

    @property
    def questions(self) -> tuple[str, ...]:
        """Questions of all layers, each once; a layer nobody knows next to others is left out."""
        known = any(layer.layer for layer in self.layers)
        asked = (q for layer in self.layers for q in layer.questions)
        return tuple(dict.fromkeys(q for q in asked if not (q == "layer" and known)))

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names of layers nobody recognises, next to others that are imported."""
        if not any(layer.layer for layer in self.layers):
            return ()
        return tuple(str(one.sheet) for one in self.layers if "layer" in one.questions)

    @property
    def says(self) -> tuple[DatumStatement, ...]:
        """What the file says of its datum, each word once."""
        return tuple(dict.fromkeys(word for layer in self.layers for word in layer.says))

    def contradicts(self, datum: str) -> bool:
        """Whether a datum is another than the file says."""
        return any(word.group != datum_group(datum) for word in self.says)

    @property
    def faults(self) -> tuple[tuple[str, str], ...]:
        """Why the file or a layer of it cannot be imported."""
        found = [self.fault, *(layer.fault for layer in self.layers)]
        return tuple(dict.fromkeys(fault for fault in found if fault is not None))

    @property
    def layer_names(self) -> tuple[str, ...]:
        """The layers it becomes, each once."""
        return tuple(dict.fromkeys(one.layer for one in self.layers if one.layer))

    @property
    def is_ready(self) -> bool:
        """Whether it can be imported as it is."""
        return bool(self.layers) and not self.questions and not self.faults


def preview_file(path: Path, choice: FileChoice, *, folder: Path | None = None) -> FilePreview:
    """Read a file, store nothing, and say how it would be taken.

    Parameters
    ----------
    path
        The file.
    choice
        What the planner said about it so far.
    folder
        The dataset whose saved mappings are offered to sheets with the same headers.
    """
    try:
        raws = read_file(path, encoding=choice.encoding, limits=upload_limits())
    except PlanningError as error:
        return FilePreview(fault=(error.zh, error.en))
    return FilePreview(tuple(preview_layer(raw, choice, folder) for raw in raws))


def preview_layer(raw: RawLayer, choice: FileChoice, folder: Path | None = None) -> LayerPreview:
    """How one raw layer would be taken, with the questions it leaves open.

    Parameters
    ----------
    raw
        As it stands in the file.
    choice
        What the planner stated of the file.
    folder
        The dataset with saved mappings; None without one.
    """
    trial = _tried(raw, choice, folder)
    layer = trial.prepared.layer if trial.prepared else choice.layer or _layer_of(raw)
    columns = [str(c) for c in raw.frame.columns if c != "geometry"]
    guesses = _guesses(columns, layer, trial.prepared, is_said=bool(choice.mappings))
    personal = {guess.source for guess in guesses if guess.role == "personal"}
    shown = [c for c in columns if c not in personal]
    return LayerPreview(
        sheet=raw.sheet or _sheets(raw),
        layer=layer,
        n_rows=len(raw.frame),
        encoding=raw.encoding,
        names=_names(raw.frame, guesses, shown),
        columns=guesses,
        mapping=trial.prepared.mapping if trial.prepared else None,
        head=_head(raw.frame, shown),
        questions=trial.questions,
        says=find_datum_statements(trial.prepared, raw) if trial.prepared is not None else (),
        asks_datum=trial.asks_datum,
        crs=_crs_label(trial.crs),
        crs_name=trial.crs.name if trial.crs is not None else None,
        shapes=_some_shapes(trial.prepared, trial.crs),
        fault=trial.fault,
    )


def _sheets(raw: RawLayer) -> str | None:
    """The sheets a table is of, where the file has others with other headers."""
    if not raw.is_part or raw.sheets is None:
        return None
    return "、".join(dict.fromkeys(str(s) for s in raw.sheets if s is not None)) or None


@dataclass(frozen=True, eq=False)
class _Trial:
    """What came of preparing and placing a layer with stand-ins for missing answers."""

    prepared: PreparedLayer | None = None
    crs: CRS | None = None
    questions: tuple[str, ...] = ()
    fault: tuple[str, str] | None = None
    asks_datum: bool = False


def _tried(raw: RawLayer, choice: FileChoice, folder: Path | None) -> _Trial:
    """Prepare and place a layer; each missing answer is noted and a stand-in tried in its place."""
    options = choice.options()
    questions: list[str] = []
    prepared: PreparedLayer | None = None
    while True:
        try:
            prepared = prepare_layer(raw, options, folder)
            placed, crs = georeference(prepared, raw, options.coordinates)
        except UnknownLayerError:
            return _Trial(questions=("layer",))
        except PlanningError as error:
            question, options = _asked(error, prepared, raw, options)
            if question is not None and question not in questions:
                questions.append(question)
                continue
            if "crs" in questions:  # the stand-in did not fit: what fits is the planner's to say
                return _Trial(prepared, questions=tuple(questions))
            fault = (error.zh, error.en)
            if isinstance(error, MissingDatumError):  # no answer would help
                questions = [q for q in questions if q != "datum"]
            return _Trial(prepared, questions=tuple(questions), fault=fault)
        asks_datum = "datum" in questions or placed.datum is not None or choice.datum is not None
        return _Trial(placed, crs, tuple(questions), None, asks_datum)


def _asked(
    error: PlanningError, prepared: PreparedLayer | None, raw: RawLayer, options: ImportOptions
) -> tuple[str | None, ImportOptions]:
    """The question an error stands for, and options with a stand-in for its answer."""
    if isinstance(error, MissingDatumError) and options.datum is None:
        return "datum", replace(options, datum="wgs84", datum_is_own=True)
    if isinstance(error, MissingCRSError) and options.crs is None:
        return "crs", replace(options, crs="EPSG:4490")
    if isinstance(error, UsageError) and options.kind is None and prepared is None:
        layer = options.layer or _layer_of(raw)
        if layer in KINDS_OF:
            return "kind", replace(options, layer=layer, kind=KINDS_OF[layer][0])
    return None, options


def _layer_of(raw: RawLayer) -> str | None:
    """The layer a raw layer is recognised as; None where that is unclear."""
    columns = [str(c) for c in raw.frame.columns if c != "geometry"]
    shapes = None
    if raw.is_map:
        types = {str(t).removeprefix("Multi") for t in raw.frame.geom_type.dropna()}
        words = {"Point": "point", "LineString": "line", "Polygon": "polygon"}
        shapes = sorted(words[t] for t in types if t in words)
    try:
        return recognise_layer(columns, shapes)
    except UnknownLayerError:
        return None


def _guesses(
    columns: Sequence[str], layer: str | None, prepared: PreparedLayer | None, *, is_said: bool
) -> tuple[ColumnGuess, ...]:
    """What each column was taken for, in the order of the source."""
    if layer is None or prepared is None or prepared.mapping is None:
        return tuple(ColumnGuess(c, "personal" if is_personal(c) else "ignored") for c in columns)
    taken = prepared.mapping.columns
    fields = {column: field for column, field in taken if field not in (None, UNKNOWN_FIELD)}
    by_header = map_columns(columns, layer, guess=True)
    scores = {match.source: match.score for match in by_header.matches}
    by_field = {match.source: match.field for match in by_header.matches}
    is_saved = any(finding.rule == "columns.remembered" for finding in prepared.findings)
    by_values = {f.column for f in prepared.findings if f.rule == "columns.guessed_by_values"}
    kept = set(prepared.source.columns)

    def guess(column: str) -> ColumnGuess:
        field = fields.get(column)
        if field is not None:
            score = scores.get(column, 100.0)
            is_changed = is_said and by_field.get(column) != field
            known = find_field(layer, field)
            label = known.zh if known else None
            return ColumnGuess(column, "field", field, label, score, is_saved, is_changed, column in by_values)
        if column not in kept:
            return ColumnGuess(column, "personal")
        return ColumnGuess(column, "doubled" if column in by_header.doubled else "ignored")

    return tuple(guess(column) for column in columns)


def _crs_label(crs: CRS | None) -> str | None:
    if crs is None:
        return None
    code = crs.to_epsg()
    return crs.name if code is None else f"EPSG:{code}"


def _names(frame: pd.DataFrame, guesses: Sequence[ColumnGuess], shown: Sequence[str]) -> tuple[str, ...]:
    """Five different names: of the column of names, else of the first column of Chinese text."""
    named = [g.source for g in guesses if g.field in ("name", "community_name")]
    texts = {c: _first_texts(frame[c]) for c in (*named, *shown)}
    chinese = (t for t in texts.values() if any(not v.isascii() for v in t))
    return next((texts[c] for c in named if texts[c]), next(chinese, ()))


def _first_texts(column: pd.Series) -> tuple[str, ...]:
    texts = (v for v in column.head(200) if isinstance(v, str) and v.strip())
    return tuple(dict.fromkeys(texts))[:_NAMES]


def _head(frame: pd.DataFrame, shown: Sequence[str]) -> tuple[dict[str, str], ...]:
    """The first rows as a reader sees them."""
    columns = list(shown)[:_HEAD_COLUMNS]
    rows = frame.head(_HEAD_ROWS)[columns].to_dict("records")
    return tuple({str(c): _cell(value) for c, value in row.items()} for row in rows)


def _cell(value: object) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)[:60]


def _some_shapes(prepared: PreparedLayer | None, crs: CRS | None) -> npt.NDArray[np.object_] | None:
    """Up to `_MOST_SHAPES` places, evenly picked, simplified, WGS84 degrees."""
    if prepared is None or crs is None or "geometry" not in prepared.frame:
        return None
    shapes = prepared.frame["geometry"].to_numpy(dtype=object)
    shapes = shapes[~shapely.is_missing(shapes)]
    if not len(shapes):
        return None
    picked = shapes[np.unique(np.linspace(0, len(shapes) - 1, _MOST_SHAPES).astype(int))]
    degrees = gpd.GeoSeries(picked, crs=crs).to_crs(_LONLAT).to_numpy()
    finite = np.isfinite(shapely.bounds(degrees)).all(axis=1)
    return shapely.simplify(degrees[finite], 2e-5)
