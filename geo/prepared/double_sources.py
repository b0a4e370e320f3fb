"""A figure that stands in a ledger's column and in a table of its own: the table counts, and it is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from geo.findings import Finding
from geo.messages import Sentence, load_catalogue
from geo.names import name_core
from geo.prepared.ledger import BY_ROW, PREFIX
from geo.prepared.prepared_layer import PreparedLayer
from geo.schema import KEYS, LAYERS, Field
from geo.tables.ledger_fields import LEDGER_FIELDS, LEDGER_LAYERS

say = load_catalogue(__file__)

_SHOWN = 3


def drop_ledger_rows(layers: dict[str, pd.DataFrame], joins: pd.DataFrame) -> None:
    """Take out of all layers what only a ledger spoke of; `layers` is changed in place.

    Parameters
    ----------
    layers
        All layers by name.
    joins
        How rows found their units.
    """
    for layer in LEDGER_LAYERS:
        frame = layers[layer]
        by_ledger = _is_by_ledger(layer, frame, list_ledger_units(joins, layer))
        if by_ledger.any():
            layers[layer] = frame[~by_ledger].reset_index(drop=True)


def list_ledger_units(joins: pd.DataFrame, layer: str) -> frozenset[str]:
    """Units whose row of a layer comes from a ledger alone.

    Parameters
    ----------
    joins
        How rows found their units: the layer `joins`.
    layer
        One whose key is the unit.
    """
    of_layer = joins[joins["layer"] == layer]
    by_row = of_layer["method"] == BY_ROW
    return frozenset(of_layer["unit_id"][by_row].dropna()) - frozenset(of_layer["unit_id"][~by_row].dropna())


def list_own_rows(done: Sequence[PreparedLayer]) -> dict[str, frozenset[str]]:
    """Units that rows of layers' own tables speak of, by layer.

    Parameters
    ----------
    done
        What was merged, without the parts of ledgers.
    """
    found: dict[str, frozenset[str]] = {}
    for one in done:
        if "unit_id" in one.frame:
            found[one.layer] = found.get(one.layer, frozenset()) | frozenset(one.frame["unit_id"].dropna())
    return found


def is_needed(part: PreparedLayer, layers: Mapping[str, pd.DataFrame]) -> bool:
    """Whether a part of a ledger says anything that its layer's own table does not say by being there.

    Parameters
    ----------
    part
        Of :func:`geo.prepared.ledger.split_ledger`.
    layers
        All layers by name.
    """
    if part.layer != "companies" or set(part.frame) - {"company_id", "name"}:
        return True
    table = layers["companies"]
    return bool(_is_by_ledger("companies", table, ()).all())


def settle_sources(
    layers: dict[str, pd.DataFrame], told: PreparedLayer, names: Mapping[str, str]
) -> tuple[Finding, ...]:
    """After a merge: rows of the ledger go where the layer's own table has come; `layers` is changed in place.

    Parameters
    ----------
    layers
        All layers by name.
    told
        What was merged last: findings name its file.
    names
        Of the units, for findings.
    """
    if told.layer == "companies":
        return tuple(_settle_companies(layers, told))
    if told.layer not in _TELLING:
        return ()
    layers[told.layer], found = _drop_double_rows(layers[told.layer], told, names)
    return tuple(found)


def yield_to_table(
    part: PreparedLayer, table: pd.DataFrame, by_ledger: Collection[str], names: Mapping[str, str]
) -> PreparedLayer:
    """Values of a ledger for a layer of one row a unit, without those the layer's own table has.

    Parameters
    ----------
    part
        Of :func:`geo.prepared.ledger.split_ledger`.
    table
        The layer so far.
    by_ledger
        Units whose row there comes from a ledger too: it may change.
    names
        Of the units, for findings.
    """
    own = table[~table["unit_id"].isin(by_ledger)]
    frame, found = part.frame.copy(), list[Finding]()
    for field, known, both in _doubled(part, own):
        found += _own_wins(part, field, frame["unit_id"][both].map(names), known[both], frame[field.name][both])
        frame[field.name] = frame[field.name].where(~both, None)
    return replace(part, frame=frame).found(*found)


def find_replaced_values(
    prepared: PreparedLayer, table: pd.DataFrame, by_ledger: Collection[str], names: Mapping[str, str]
) -> PreparedLayer:
    """Rows of a layer's own table, with what a ledger said before and does not count any more.

    Parameters
    ----------
    prepared
        Rows of the layer's own table, of one row a unit.
    table
        The layer so far.
    by_ledger
        Units whose row there comes from a ledger alone.
    names
        Of the units, for findings.
    """
    told = table[table["unit_id"].isin(by_ledger)]
    found = list[Finding]()
    for field, before, both in _doubled(prepared, told):
        units = prepared.frame["unit_id"][both].map(names)
        found += _own_wins(prepared, field, units, prepared.frame[field.name][both], before[both])
    return prepared.found(*found)


def _drop_double_rows(
    frame: pd.DataFrame, told: PreparedLayer, names: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Finding]]:
    """A layer without the ledger's rows of units its own table has, and what the ledger said of them."""
    layer = told.layer
    by_ledger = _is_by_ledger(layer, frame, ())
    keys = ["unit_id", "kind"] if layer == "service_points" else ["unit_id"]
    own = pd.MultiIndex.from_frame(frame.loc[~by_ledger, keys].dropna().astype(object))
    double = by_ledger & pd.MultiIndex.from_frame(frame[keys].astype(object)).isin(own)
    if not double.any():
        return frame, []
    field = next(f for f in LAYERS[layer] if f.name == _TELLING[layer])
    units = frame.loc[double, "unit_id"].astype(object)
    of_unit = frame[~by_ledger].groupby("unit_id")[field.name]
    known = of_unit.sum(min_count=1) if field.kind == "integer" else of_unit.max()
    found = _own_wins(told, field, units.map(names), units.map(known.astype(object)), frame.loc[double, field.name])
    return frame[~double].reset_index(drop=True), found


def _settle_companies(layers: dict[str, pd.DataFrame], told: PreparedLayer) -> list[Finding]:
    """Companies known by a ledger's column give way to the table of companies, once there is one.

    What the table leaves blank of a company of the same name is filled; communities and contracts
    refer to the table's company.
    """
    frame = layers["companies"]
    by_ledger = _is_by_ledger("companies", frame, ())
    if not by_ledger.any() or by_ledger.all():
        return []
    own, ledger = frame[~by_ledger].reset_index(drop=True), frame[by_ledger]
    places = {name_core(name): place for place, name in enumerate(own["name"])}
    at = {key: places.get(name_core(name)) for key, name in zip(ledger["company_id"], ledger["name"], strict=True)}
    met = {key: place for key, place in at.items() if place is not None}
    found = list[Finding]()
    stated = ledger.set_index("company_id").loc[list(met)]
    rows = own.index.isin(list(met.values()))
    for field in (f for f in LAYERS["companies"] if f"companies.{f.name}" in LEDGER_FIELDS):
        given = pd.Series(stated[field.name].to_numpy(dtype=object), index=list(met.values()), dtype=object)
        given = given[~given.index.duplicated()].reindex(own.index)
        known = own[field.name].astype(object)
        both = known.notna() & given.notna()
        found += _own_wins(told, field, own["name"][both], known[both], given[both])
        own[field.name] = known.where(known.notna() | ~rows, given).astype(own[field.name].dtype)
    layers["companies"] = own
    ids = {key: None if place is None else own["company_id"].iloc[place] for key, place in at.items()}
    for name in ("communities", "contracts", "service_points"):
        column = layers[name]["company_id"]
        if column.isin(list(ids)).any():
            changed = column.astype(object).map(lambda key: ids.get(key, key), na_action="ignore")
            layers[name] = layers[name].assign(company_id=changed.astype(column.dtype))
    return found


_TELLING = {"ebike_sites": "ports", "contracts": "end_date", "service_points": "name"}
"""What is compared of rows that a table and a ledger both have, by layer."""


def _doubled(part: PreparedLayer, table: pd.DataFrame) -> list[tuple[Field, pd.Series, np.ndarray]]:
    """Each field of the rows, what the table has of their units, and (n,) where both say something."""
    rows = table.drop_duplicates("unit_id").set_index("unit_id")
    found = []
    for field in (f for f in LAYERS[part.layer] if f.name in part.frame and f.name != "unit_id"):
        known = part.frame["unit_id"].map(rows[field.name].astype(object))
        found.append((field, known, (known.notna() & part.frame[field.name].notna()).to_numpy(dtype=bool)))
    return found


def _is_by_ledger(layer: str, frame: pd.DataFrame, units: Collection[str]) -> pd.Series:
    """(n,) whether a ledger alone spoke of a row: by its id, or by its unit where that is the key."""
    if KEYS[layer] == "unit_id":
        return frame["unit_id"].isin(list(units))
    return frame[KEYS[layer]].astype("str").str.startswith(PREFIX).fillna(False).astype(bool)


def _own_wins(told: PreparedLayer, field: Field, units: pd.Series, own: pd.Series, ledger: pd.Series) -> list[Finding]:
    """What stands in both sources, and where they differ; the layer's own table counts."""
    if not len(own):
        return []
    differ = [trio for trio in zip(units, own, ledger, strict=True) if not _is_same(*trio[1:])]
    shown = "、".join(f"{unit} {_text(a)} / {_text(b)}" for unit, a, b in differ[:_SHOWN])
    more = "…" if len(differ) > _SHOWN else ""
    cases = say("ledger.cases", m=len(differ), shown=shown, more=more) if differ else say("ledger.same")
    label, layer = Sentence(field.zh, field.name), say(f"layer.{told.layer}")
    severity = "warning" if differ else "info"
    return [
        told.finding(
            severity, "ledger.own_wins", *say("ledger.own_wins", n=len(own), label=label, layer=layer, cases=cases)
        )
    ]


def _is_same(own: Any, ledger: Any) -> bool:
    """Whether both say the same; a blank of the ledger contradicts nothing."""
    if pd.isna(ledger):
        return True
    return bool(pd.notna(own)) and bool(own == ledger)


def _text(value: Any) -> str:
    """A value as a reader writes it; nothing where it is missing."""
    if value is None or pd.isna(value):
        return "—"
    return f"{value:g}" if isinstance(value, float) else str(value)
