"""One sheet for everything: what a ledger of communities says for other layers, as rows of those layers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from geo.findings import Finding
from geo.messages import load_catalogue
from geo.names import name_core
from geo.prepared.columns import text_column
from geo.prepared.prepared_layer import PreparedLayer
from geo.schema import IMPORTABLE
from geo.tables.ledger_fields import LEDGER_FIELDS
from geo.values.booleans import parse_boolean
from geo.values.parsed_value import UnreadableValueError

say = load_catalogue(__file__)

BY_ROW = "row"
"""How a value of the ledger found its unit: it stands in the unit's own row."""
PREFIX = "ledger-"
"""Ids of rows begin with it that the ledger alone speaks of."""
_SURE_FIRM, _FIRM = re.compile(r"(公司|集团)([(（].*[)）])?$"), re.compile(r"公司|集团|物业|企业")
_NO_FIRM = re.compile(r"居委会|社区|街道|办事处|业委会|业主|自管|房管所")


def split_ledger(prepared: PreparedLayer) -> list[PreparedLayer]:
    """What a ledger says for other layers, as rows of those layers; blanks are no rows.

    Parameters
    ----------
    prepared
        Rows of the layer `communities` with their `unit_id`.

    Returns
    -------
    One part for each layer it speaks of, in the order of `geo.schema.IMPORTABLE`, with a finding of
    which columns were taken.
    """
    parts = []
    for layer in IMPORTABLE:
        fields = {n: one.field.name for n, one in LEDGER_FIELDS.items() if one.layer == layer and n in prepared.frame}
        if layer == "companies" and "company_name" in prepared.frame:
            part, columns = _companies(prepared, fields), ["company_name", *fields]
        elif fields:
            part, columns = _MAKERS.get(layer, _rows_of_units)(prepared, layer, fields), list(fields)
        else:
            continue
        if len(part.frame) or layer == "contracts":
            parts.append(part.found(_taken_finding(part, prepared, columns)))
    return parts


def _part(prepared: PreparedLayer, layer: str, frame: pd.DataFrame) -> PreparedLayer:
    """Rows of another layer; the index of the frame says in which rows of the ledger they stand."""
    at = frame.index.to_numpy()
    return replace(
        prepared,
        layer=layer,
        frame=frame.reset_index(drop=True),
        source=prepared.source.iloc[at].reset_index(drop=True),
        rows=prepared.rows[at],
        sheets=None if prepared.sheets is None else prepared.sheets[at],
        findings=(),
        rejected=(),
        mapping=None,
        original=None,
        joins=(),
        shift=None,
    )


def _rows_of_units(prepared: PreparedLayer, layer: str, fields: Mapping[str, str]) -> PreparedLayer:
    """One row a unit that has any of the values."""
    table = prepared.frame[["unit_id", *fields]].rename(columns=dict(fields))
    names = text_column(prepared.frame, "name")
    is_told = table[list(fields.values())].notna().any(axis=1)
    return _part(prepared, layer, table.assign(community_name=names)[is_told])


def _sites(prepared: PreparedLayer, layer: str, fields: Mapping[str, str]) -> PreparedLayer:
    part = _rows_of_units(prepared, layer, fields)
    return replace(part, frame=part.frame.assign(site_id=PREFIX + part.frame["unit_id"].astype(str)))


def _contracts(prepared: PreparedLayer, layer: str, fields: Mapping[str, str]) -> PreparedLayer:
    stated = {**fields, **({"company_name": "company_name"} if "company_name" in prepared.frame else {})}
    part = _rows_of_units(prepared, layer, stated)
    told = part.frame[list(fields.values())].notna().any(axis=1)
    if "end_date" not in part.frame or not part.frame["end_date"].notna().any():
        told &= False  # contracts nobody knows the end of would bar every company from leading
    part = _part(part, layer, part.frame[told])
    return replace(part, frame=part.frame.assign(contract_id=PREFIX + part.frame["unit_id"].astype(str)))


def _service_points(prepared: PreparedLayer, layer: str, fields: Mapping[str, str]) -> PreparedLayer:
    """A point of each kind a row says it has: "有", an area, or the name of the place."""
    frames = []
    for column, kind in fields.items():
        cells = text_column(prepared.frame, column)
        there = cells.map(_is_there).astype(bool)
        named = cells.where(cells.map(_is_name).astype(bool))
        label = LEDGER_FIELDS[column].field.zh
        rows = prepared.frame.loc[there, ["unit_id"]]
        own = text_column(prepared.frame, "name")[there].astype(str) + label
        rows["community_name"] = text_column(prepared.frame, "name")
        points = rows.assign(kind=kind, name=named[there].where(named[there].notna(), own))
        frames.append(points.assign(point_id=PREFIX + rows["unit_id"].astype(str) + f"-{kind}"))
    return _part(prepared, layer, pd.concat(frames))


def _is_there(cell: object) -> bool:
    """Whether a cell says that there is one: anything but a blank, a no, or nought."""
    if cell is None:
        return False
    try:
        return bool(parse_boolean(cell).value)
    except UnreadableValueError:
        return re.match(r"0*(\.0+)?(\D|$)", str(cell)) is None or not str(cell)[:1].isdigit()


def _is_name(cell: object) -> bool:
    """Whether a cell names the place: no yes or no, no number."""
    try:
        parse_boolean(cell)
    except UnreadableValueError:
        return isinstance(cell, str) and not cell[:1].isdigit()
    return False


def _companies(prepared: PreparedLayer, fields: Mapping[str, str]) -> PreparedLayer:
    """The companies the rows name, each once; offices and owners who manage themselves are none."""
    names = text_column(prepared.frame, "company_name")
    is_firm = names.map(_is_firm)
    table = prepared.frame[list(fields)].rename(columns=dict(fields)).assign(name=names)[is_firm.astype(bool)]
    if table.empty:
        return _part(prepared, "companies", table)
    core = table["name"].map(name_core)
    first = table.groupby(core, sort=False).first()
    first.index = pd.Index(table.index.to_numpy()[~core.duplicated().to_numpy()])
    digests = [hashlib.sha256(str(name_core(n)).encode()).hexdigest()[:12] for n in first["name"]]
    return _part(prepared, "companies", first.assign(company_id=[PREFIX + d for d in digests]).astype(object))


def _is_firm(name: object) -> bool:
    """Whether a name is a company's: 智慧社区投资有限公司 is, 幸福社区居委会 is none."""
    if not isinstance(name, str):
        return False
    return bool(_SURE_FIRM.search(name)) or bool(_FIRM.search(name) and not _NO_FIRM.search(name))


_MAKERS = {"ebike_sites": _sites, "contracts": _contracts, "service_points": _service_points}


def _taken_finding(part: PreparedLayer, prepared: PreparedLayer, columns: list[str]) -> Finding:
    """Which columns went into the layer, how many rows say something, and how many are blank."""
    written = dict(prepared.mapping.columns) if prepared.mapping else {}
    sources = [header for header, field in written.items() if field in columns]
    n, blank = len(part.frame), int(prepared.frame[columns].isna().all(axis=1).sum())
    rule = {"companies": "ledger.companies"}.get(part.layer, "ledger.taken") if n else "ledger.no_end"
    listed = "、".join(sources)
    return replace(
        part.finding("info", rule, *say(rule, columns=listed, layer=say(f"layer.{part.layer}"), n=n, blank=blank)),
        column=sources[0] if sources else None,
    )
