"""One raw layer becomes rows with the fields of a layer, each cell read or reported."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.columns import ColumnMap, ColumnMatch, map_columns, recognise_layer
from geo.errors import UnknownLayerError, UsageError
from geo.findings import Finding
from geo.importing.options import ImportOptions
from geo.readers import RawLayer
from geo.schema import BARRIER_KINDS, CROSSING_KINDS, LAYERS, SPECIAL_TYPES, Field
from geo.values import NOTES, ValueProblem, mode_in_company_name, parse_column

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
    "name": Field("name", "text", "名称"),
    "address": Field("address", "text", "地址"),
}
_BAD = {
    "value.unreadable": ("读不懂这个值, 已按缺失处理; 请改正后重新导入。",
                         "This value cannot be read and was left missing; correct it and import again."),
    "value.out_of_range": ("这个值超出合理范围, 已按缺失处理; 请核对数字和单位。",
                           "This value is outside the plausible range and was left missing; "
                           "check the figure and its unit."),
    "value.unknown_code": ("这个写法不在代码表里, 已按缺失处理; 请用代码表中的名称。",
                           "This is not in the code list and was left missing; use a name of the list."),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Prepared:
    """The rows of one source layer, in the fields of a dataset layer.

    Parameters
    ----------
    file, layer
        Bare file name; name of the dataset layer.
    frame
        n rows: fields of the layer and helping fields (`geo.columns.ColumnMatch`), object dtype;
        "geometry" for map layers and, once placed, for every layer with a place.
    source
        The same n rows as the file has them, without geometry and personal columns.
    rows, sheets
        (n,) where each row stood; sheets None where there are none.
    encoding, datum
        How text and coordinates were read; None where that was no question.
    findings, rejected
        What was noticed, and the rows that could not be used.
    """

    file: str
    layer: str
    frame: pd.DataFrame
    source: pd.DataFrame
    rows: npt.NDArray[np.int64]
    sheets: npt.NDArray[np.object_] | None
    encoding: str | None = None
    datum: str | None = None
    findings: tuple[Finding, ...] = ()
    rejected: tuple[pd.DataFrame, ...] = ()

    def found(self, *findings: Finding) -> Prepared:
        """The same with more findings."""
        return replace(self, findings=(*self.findings, *findings))

    def finding(self, severity: Any, rule: str, zh: str, en: str, **where: Any) -> Finding:
        """A finding about this file; `position` names a row of the frame."""
        position = where.pop("position", None)
        if position is not None:
            where["row"] = int(self.rows[position])
            if self.sheets is not None:
                where["sheet"] = self.sheets[position]
        return Finding(severity, rule, zh, en, file=self.file, layer=self.layer, **where)

    def without(self, bad: npt.NDArray[np.bool_], rule: str, zh: str, en: str) -> Prepared:
        """The same without the rows marked (n,), which go to `rejected` with the reason."""
        if not bad.any():
            return self
        found = [self.finding("error", rule, zh, en, position=p) for p in np.flatnonzero(bad)]
        rejected = self.source[bad].copy()
        where = {
            "file": self.file,
            "sheet": self.sheets[bad] if self.sheets is not None else None,
            "row": self.rows[bad],
            "reason_zh": zh,
            "reason_en": en,
        }
        rejected = rejected.rename(columns={c: f"{c} (source)" for c in where if c in rejected})
        for place, (name, value) in enumerate(where.items()):
            rejected.insert(place, name, value)
        keep = ~bad
        return replace(
            self,
            frame=self.frame[keep].reset_index(drop=True),
            source=self.source[keep].reset_index(drop=True),
            rows=self.rows[keep],
            sheets=None if self.sheets is None else self.sheets[keep],
            findings=(*self.findings, *found),
            rejected=(*self.rejected, rejected),
        )


def prepare(raw: RawLayer, options: ImportOptions) -> Prepared:
    """Recognise a raw layer, map its columns and read its cells.

    Parameters
    ----------
    raw
        As read from a file.
    options
        `layer` and `kind` are used here.

    Returns
    -------
    All rows; none is rejected yet, and geometries are as in the file.

    Raises
    ------
    UnknownLayerError
        If no layer is given and none is clearly meant.
    UsageError
        If `kind` is needed and missing, or not a kind of the layer.
    """
    columns = [str(c) for c in raw.frame.columns if c != "geometry"]
    layer = options.layer or _recognised(raw, columns)
    mapped = _without_false_codes(map_columns(columns, layer), raw.frame)
    shown = [c for c in columns if c not in mapped.personal]
    source = pd.DataFrame(raw.frame[shown]).astype(object).reset_index(drop=True)
    prepared = Prepared(
        raw.file, layer, pd.DataFrame(index=source.index), source, raw.rows, raw.sheets,
        encoding=raw.encoding,
        findings=tuple(replace(f, layer=f.layer or layer) for f in raw.findings),
    )  # fmt: skip
    prepared = prepared.found(*_column_findings(prepared, mapped))
    prepared = _read_cells(prepared, mapped, raw.frame)
    if raw.is_map:
        prepared.frame["geometry"] = raw.frame.geometry.to_numpy()
    if layer in ("barriers", "crossings"):
        prepared = _with_kind(prepared, options.kind)
    return _with_modes(prepared) if layer == "communities" else prepared


def _recognised(raw: RawLayer, columns: list[str]) -> str:
    try:
        return recognise_layer(columns, _shapes(raw))
    except UnknownLayerError as error:
        raise UnknownLayerError(f"“{raw.file}”: {error.zh}", f"'{raw.file}': {error.en}") from error


def _shapes(raw: RawLayer) -> list[str] | None:
    """The kinds of geometry of a map layer: "point", "line", "polygon"."""
    if not raw.is_map:
        return None
    types = raw.frame.geom_type.dropna().unique()
    words = {"Point": "point", "String": "line", "Ring": "line", "Polygon": "polygon"}
    return sorted({w for t in types for part, w in words.items() if str(t).endswith(part)})


def _without_false_codes(mapped: ColumnMap, frame: pd.DataFrame) -> ColumnMap:
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


def _column_findings(prepared: Prepared, mapped: ColumnMap) -> list[Finding]:
    found = []
    if mapped.personal:
        names = "、".join(mapped.personal)
        found.append(prepared.finding(
            "info", "columns.personal",
            f"个人信息列({names})已丢弃, 没有保存。",
            f"Columns with personal data ({names}) were dropped and not stored.",
        ))  # fmt: skip
    for unused, rule, zh, en in (
        (mapped.ignored, "columns.ignored", "没有用到的列", "Columns that are not used"),
        (mapped.doubled, "columns.doubled", "与其他列含义重复、没有采用的列",
         "Columns that repeat another one and were not used"),
    ):  # fmt: skip
        if unused:
            listed = "、".join(unused[:12]) + ("…" if len(unused) > 12 else "")
            found.append(prepared.finding("info", rule, f"{zh}: {listed}。", f"{en}: {listed}."))
    return found


def _read_cells(prepared: Prepared, mapped: ColumnMap, frame: pd.DataFrame) -> Prepared:
    fields = {**_HELPING, **{f.name: f for f in LAYERS[prepared.layer]}}
    found: list[Finding] = []
    read: dict[str, pd.Series] = {}
    for match in mapped.matches:
        field = fields[match.field]
        cells = frame[match.source].reset_index(drop=True)
        values, problems = parse_column(cells, field, match.factor)
        read[match.field] = values
        found += [_value_finding(prepared, match, problem, field) for problem in problems]
    table = pd.DataFrame(read, index=prepared.frame.index, dtype=object)
    return replace(prepared, frame=table).found(*found)


def _value_finding(
    prepared: Prepared, match: ColumnMatch, problem: ValueProblem, field: Field
) -> Finding:
    zh, en = _BAD.get(problem.rule) or NOTES[problem.rule]
    if problem.rule == "value.out_of_range":
        zh += f"(合理范围 {field.least:g}–{field.most:g})"
        en += f" (plausible: {field.least:g}-{field.most:g})"
    return prepared.finding(
        "error" if problem.is_bad else "warning", problem.rule, zh, en,
        position=problem.position, column=match.source, value=problem.value,
    )  # fmt: skip


def _with_kind(prepared: Prepared, kind: str | None) -> Prepared:
    """Kinds of barriers and crossings, from the column or, where it is silent, from the options."""
    known = BARRIER_KINDS if prepared.layer == "barriers" else CROSSING_KINDS
    if kind is not None and kind not in known:
        raise UsageError(
            f"图层 {prepared.layer} 没有类别“{kind}”; 可用: {'、'.join(known)}。",
            f"Layer {prepared.layer} has no kind '{kind}'; known: {', '.join(known)}.",
        )
    frame = prepared.frame.copy()
    if "kind" not in frame:
        frame["kind"] = pd.Series(None, index=frame.index, dtype=object)
    if kind is not None:
        frame["kind"] = frame["kind"].fillna(kind)
    elif frame["kind"].isna().all():
        raise UsageError(
            f"“{prepared.file}”看不出每条{'阻隔' if prepared.layer == 'barriers' else '通道'}的类别; "
            f"请加一列 kind, 或用 --kind 指明, 可用: {'、'.join(known)}。",
            f"'{prepared.file}' does not say of which kind its {prepared.layer} are; "
            f"add a column 'kind' or name it with --kind, known: {', '.join(known)}.",
        )
    return replace(prepared, frame=frame)


def _with_modes(prepared: Prepared) -> Prepared:
    """Management modes that stand in other columns: in the company's name, or by having one."""
    frame = prepared.frame.copy()
    found: list[Finding] = []
    if "special_type" not in frame and "community_type" in frame:
        types = frame["community_type"]
        frame["special_type"] = types.where(types.isin(SPECIAL_TYPES), None)
    if "company_name" in frame:
        had_mode_column = "management_mode" in frame
        if not had_mode_column:
            frame["management_mode"] = pd.Series(None, index=frame.index, dtype=object)
        modes = frame["company_name"].map(lambda n: mode_in_company_name(n) if n else None)
        is_mode = modes.notna() | frame["company_name"].isin(["无", "没有"])
        if is_mode.any():
            modes = modes.where(modes.notna() | ~is_mode, "none")
            filled = frame["management_mode"].where(frame["management_mode"].notna(), modes)
            frame["management_mode"] = filled
            frame["company_name"] = frame["company_name"].where(~is_mode, None)
            found.append(prepared.finding(
                "info", "mode.in_company_column",
                f"企业栏中有 {int(is_mode.sum())} 行写的是管理方式(如“无物业”“社区代管”), 已归入管理方式。",
                f"{int(is_mode.sum())} rows name a way of management where the company should stand; "
                "it was moved to the management mode.",
            ))  # fmt: skip
        if not had_mode_column:
            firm = frame["management_mode"].isna() & frame["company_name"].map(_is_firm)
            frame["management_mode_guess"] = ["professional" if f else None for f in firm]
            if firm.any():
                found.append(prepared.finding(
                    "warning", "mode.from_company",
                    f"没有管理方式一列; 有物业公司名称的 {int(firm.sum())} 行中, "
                    "管理方式未知的按“专业物业”处理, 请核对。",
                    f"There is no column of management modes; of the {int(firm.sum())} rows with a company "
                    "those of unknown mode were taken as professionally managed. Check them.",
                ))  # fmt: skip
    return replace(prepared, frame=frame).found(*found)


def _is_firm(name: object) -> bool:
    return isinstance(name, str) and re.search(r"公司|集团|物业企业", name) is not None
