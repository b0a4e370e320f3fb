"""What a planner does in the import wizard, applied to the import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np

from app.desks.imports.import_view import DroppedFile, choose_detail_file
from app.desks.imports.preview import ColumnGuess
from app.desks.imports.preview_map import Shapes, draw_extent
from app.desks.imports.runs import AboutDataset
from app.desks.imports.session import ImportSession

DEMO_MARK = "演示数据"
_MOST_PLACES = 400


@dataclass(frozen=True)
class WizardEvent:
    """One click or answer.

    Parameters
    ----------
    kind
        "wizard-answer", "wizard-column", "wizard-row", "wizard-step", or "look": only look again.
    name
        The question answered, or what the button does.
    file
        Key of the file it is about; of "datum_all" the datum.
    value
        The answer; for a column the field it is, "" to leave it out.
    layer, column
        Number of the column's layer in the file, and of the column in the layer.
    about
        What stands in the fields about the dataset.
    shown
        Key of the file shown in detail before.
    """

    kind: str = "look"
    name: str = ""
    file: str | None = None
    value: str | None = None
    layer: int = 0
    column: int = 0
    about: Mapping[str, str | None] = field(default_factory=dict)
    shown: str | None = None


def apply_event(imports: ImportSession, token: str, event: WizardEvent) -> str | None:
    """Do what a planner asked for.

    Parameters
    ----------
    imports
        The reader's files.
    token
        Names the window's import.
    event
        Which control, and its value.

    Returns
    -------
    Key of the file shown in detail from now on.
    """
    file = event.file or ""
    if event.kind == "wizard-answer" and event.name == "city":
        if imports.view(token).phase == "files":  # a field tells its value also as it goes
            imports.choose_rules(token, city=event.value or "")
    elif event.kind == "wizard-answer":
        if _is_new_answer(imports, token, event):
            imports.answer(token, file, event.name, event.value)
    elif event.kind == "wizard-column":
        column = _column(imports, token, event)
        if column is not None and (event.value or None) != column.field:
            imports.answer_column(token, file, event.layer, column.source, event.value or None)
    elif event.kind == "wizard-row":
        if event.name == "remove":
            imports.remove(token, file)
        elif event.name == "rules":
            imports.choose_rules(token, file)
        elif event.name == "datum_all":
            imports.answer_all(token, "datum", file)
        elif event.name.startswith("datum:"):
            imports.answer(token, file, "datum", event.name.removeprefix("datum:"))
        elif event.name.startswith("redo:"):
            imports.try_on_datum(token, file, event.name.removeprefix("redo:"))
        else:
            return file
    elif event.kind == "wizard-step":
        _step(imports, token, event)
    return event.shown


def draw_shown_file(imports: ImportSession, token: str, shown: str | None) -> str | None:
    """Where the shown file lies, over the dataset and the other files; None without a place.

    Parameters
    ----------
    imports
        The reader's files.
    token
        Names the window's import.
    shown
        Key of the file; None = the one chosen by rule.
    """
    view = imports.view(token)
    file = choose_detail_file(view, shown)
    if view.phase != "files" or file is None:
        return None
    own = _places(file)
    if not len(own):
        return None
    others = [_places(other) for other in view.files if other is not file]
    return draw_extent(own, [_places_of_dataset(imports), *others])


def _step(imports: ImportSession, token: str, event: WizardEvent) -> None:
    if event.name == "try":
        imports.start_trying(token)
    elif event.name == "store":
        names = [file.path.name for file in imports.view(token).files]
        about = {what: (text or "").strip() or None for what, text in event.about.items()}
        demo = any(DEMO_MARK in name for name in names)
        imports.start_storing(token, AboutDataset(about.get("name"), demo, about.get("data_date")))
    elif event.name == "back":
        imports.back(token)
    elif event.name == "start_over":
        imports.start_over(token)


def _is_new_answer(imports: ImportSession, token: str, event: WizardEvent) -> bool:
    """Controls tell their value also when they are drawn: then nothing was answered."""
    file = next((f for f in imports.view(token).files if f.key == event.file), None)
    if file is None:
        return False
    if event.name == "replace":
        return (event.value == "replace") != file.choice.replace
    known = getattr(file.choice, event.name)
    return (event.value or None) != known and not (known is None and event.value in _taken_for(file, event.name))


def _column(imports: ImportSession, token: str, event: WizardEvent) -> ColumnGuess | None:
    """The column an answer is about; None where the file or the column is gone."""
    file = next((f for f in imports.view(token).files if f.key == event.file), None)
    layers = file.preview.layers if file is not None else ()
    columns = layers[event.layer].columns if event.layer < len(layers) else ()
    return columns[event.column] if event.column < len(columns) else None


def _taken_for(file: DroppedFile, question: str) -> tuple[str | None, ...]:
    """What a control shows without an answer: what the file was taken for."""
    if question == "layer":
        return (*file.preview.layer_names, None, "")
    if question == "encoding":
        return tuple(layer.encoding for layer in file.preview.layers)
    return (None, "")


def _places(file: DroppedFile) -> Shapes:
    found = [layer.shapes for layer in file.preview.layers if layer.shapes is not None]
    return np.concatenate(found) if found else np.empty(0, dtype=object)


def _places_of_dataset(imports: ImportSession) -> Shapes:
    data = imports.session.data
    if data is None:
        return np.empty(0, dtype=object)
    placed = data.bench.units.geometry.dropna()
    picked = placed.iloc[np.unique(np.linspace(0, len(placed) - 1, _MOST_PLACES).astype(int))]
    degrees: gpd.GeoSeries = picked.to_crs("EPSG:4326")
    return degrees.to_numpy().astype(object)
