"""A workbook to fill in: a sheet for each table a bureau keeps, with lists to choose from and what a column is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter

from app.exports.workbook import make_workbook
from app.i18n import Words
from geo.schema import Field
from geo.tables.header_synonyms import LAYER_NAMES
from geo.tables.headers import find_field
from geo.tables.ledger_fields import LEDGER_FIELDS

FORM_COLUMNS: dict[str, tuple[str, ...]] = {
    "communities": (
        "name",
        "external_code",
        "district_name",
        "street_name",
        "neighbourhood_name",
        "address",
        "lon",
        "lat",
        "households",
        "floor_area_m2",
        "built_year",
        "building_count",
        "management_mode",
        "company_name",
        "community_type",
        "special_type",
        "property_unit",
        "owners_body",
        "merge_willingness",
        "renewal_status",
        "fee_yuan_m2_month",
        "collection_rate",
        "contracts.end_date",
        "owners_bodies.established_date",
        "ebike_stock.ebikes",
        "ebike_sites.ports",
        "parking.bays_fixed",
        "parking.bays_public",
    ),
    "companies": ("name", "uscc", "credit_rating", "blacklisted", "staff_total", "staff_professional", "has_party_org"),
    "contracts": ("community_name", "company_name", "start_date", "end_date", "filed", "fee_yuan_m2_month"),
    "owners_bodies": ("community_name", "body_type", "established_date", "member_count", "party_member_count"),
    "ebike_sites": ("community_name", "ports", "piles", "in_service", "operator"),
    "ebike_stock": ("community_name", "ebikes", "method", "counted_date"),
    "parking": ("community_name", "bays_fixed", "bays_public", "cars_registered", "ev_bays_built", "ev_bays_reserved"),
    "consents": ("community_name", "agrees", "consulted_date", "owner_share", "area_share", "document_no"),
}
"""Columns of each sheet in their order: fields of the layer, of other layers, and helping fields that name a place."""

EXAMPLES = {
    "name": "鹿苑小区",
    "community_name": "鹿苑小区",
    "company_name": "示例物业服务有限公司",
    "district_name": "示例区",
    "street_name": "示例街道",
    "neighbourhood_name": "示例社区",
    "external_code": "150203001001",
    "address": "示例路 1 号",
    "lon": "109.8401",
    "lat": "40.6574",
    "households": "486",
    "floor_area_m2": "38500",
    "built_year": "1998",
    "uscc": "91150203MA0ABCDE1Q",
    "collection_rate": "85%",
    "owner_share": "72%",
    "area_share": "70%",
    "fee_yuan_m2_month": "0.6",
    "property_unit": "示例厂",
    "operator": "示例充电公司",
    "document_no": "示例发〔2026〕1号",
}
_ROWS = 3000
"""Rows below the head that lists and formats hold for."""
_HELPERS = {
    "lon": Field("lon", "number", "经度", least=73, most=136),
    "lat": Field("lat", "number", "纬度", least=3, most=54),
    "community_name": Field("community_name", "text", "小区名称", required=True),
    "company_name": Field("company_name", "text", "物业企业"),
}


@dataclass(frozen=True)
class FormColumn:
    """A column to fill in.

    Parameters
    ----------
    field
        What it holds.
    head
        What stands on top: a word the importer knows.
    choices
        Words to choose from, in the order of the field's keys; empty for free values.
    example
        One value as it may be written; "" where the list says it.
    other
        The layer it goes into, where that is not the sheet's own: a sheet of its own may hold it too.
    """

    field: Field
    head: str
    choices: tuple[str, ...]
    example: str
    other: str | None = None


def form_columns(layer: str, words: Words) -> tuple[FormColumn, ...]:
    """The columns of a sheet.

    Parameters
    ----------
    layer
        A key of `FORM_COLUMNS`.
    words
        Texts of a language; choices are in Chinese whatever it is, as the importer reads them.
    """
    return tuple(_form_column(name, layer, words) for name in FORM_COLUMNS[layer])


def _form_column(name: str, layer: str, words: Words) -> FormColumn:
    field = _HELPERS.get(name) or find_field(layer, name)
    if field is None:
        raise KeyError(name)
    head = LAYER_NAMES[layer][name][0] if name in LAYER_NAMES[layer] else field.zh
    choices = tuple(_word(field.name, key, words) for key in field.choices if key != "unknown")
    if field.kind == "boolean":
        choices = (words("facts.yes"), words("facts.no"))
    example = EXAMPLES.get(field.name, {"date": "2026-06-30", "integer": "12"}.get(field.kind, ""))
    other = LEDGER_FIELDS[name].layer if name in LEDGER_FIELDS else None
    return FormColumn(field, head, choices, "" if choices else example, other)


def _word(field: str, key: str, words: Words) -> str:
    """The word for a key of a code list; ratings of companies are written as they are."""
    if field == "credit_rating" and key != "unrated":
        return key
    return words(f"management.{key}") if field == "management_mode" else words(f"code.{field}_{key}")


def make_blank_form(words: Words, layers: Sequence[str] = tuple(FORM_COLUMNS)) -> bytes:
    """The workbook as the bytes of its file.

    Parameters
    ----------
    words
        Texts in Chinese.
    layers
        Sheets wanted, keys of `FORM_COLUMNS`.
    """

    def fill(book: xlsxwriter.Workbook) -> None:
        for layer in layers:
            _add_sheet(book, layer, form_columns(layer, words), words)

    return make_workbook(fill)


def _add_sheet(book: xlsxwriter.Workbook, layer: str, columns: Sequence[FormColumn], words: Words) -> None:
    """A head with what to fill in as notes of its cells; below it lists, and text where digits are no number."""
    needed = book.add_format({"bold": True, "bg_color": "#D9E8F5", "border": 1, "text_wrap": True, "valign": "top"})
    wished = book.add_format({"bold": True, "bg_color": "#F2F2F2", "border": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(words(f"import_layer.{layer}"))
    for k, column in enumerate(columns):
        sheet.write_string(0, k, column.head, needed if column.field.required else wished)
        sheet.write_comment(0, k, _explain(column, words), {"x_scale": 2, "y_scale": 1.5})
        sheet.set_column(k, k, 14 if len(column.head) < 6 else 20, text if column.field.kind == "text" else None)
        if column.choices:
            rule = {"validate": "list", "source": list(column.choices), "ignore_blank": True, "error_type": "warning"}
            sheet.data_validation(1, k, _ROWS, k, rule)
    sheet.freeze_panes(1, 1)


def _explain(column: FormColumn, words: Words) -> str:
    """What the column is for, in the reader's language: needed or not, plausible range, choices, an example."""
    parts = [words("form.needed") if column.field.required else words("form.wished")]
    if column.choices:
        parts.append(words("form.choices", choices="、".join(column.choices)))
    if column.field.least is not None and column.field.kind != "share":
        parts.append(words("form.range", least=f"{column.field.least:,.0f}", most=f"{column.field.most:,.0f}"))
    if column.other:
        parts.append(words("form.other_sheet", sheet=words(f"import_layer.{column.other}")))
    if column.example:
        parts.append(words("form.example", example=column.example))
    return "\n".join(parts)
