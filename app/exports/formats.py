"""The formats a plan is exported in, one table that the command line and the page's menu are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, get_args

from app.i18n import say
from geo.errors import UsageError

Level = Literal["city", "district", "street"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""What the files of an export may be cut by."""

ALL = "all"
"""Stands for every format of the table."""


@dataclass(frozen=True)
class ExportFormat:
    """One format; its texts are `export.<key>`, `export.<key>_hint` and `export.<key>_file` of `app.i18n`.

    Parameters
    ----------
    key
        As `--format` takes it.
    suffix
        Of its files, with the dot.
    writer
        "module:function" of what writes one part of a plan; called as
        ``function(request, part, folder)`` with an `app.exports.request.ExportRequest`, one of its `ExportPart`
        and the folder to write to; returns the paths written. Imported when it is needed.
    levels
        What its files may be cut by; the first where nothing is asked for.
    is_internal
        Whether its files are for those who work on a plan alone, so that there are none for the public.
    """

    key: str
    suffix: str
    writer: str
    levels: tuple[Level, ...] = LEVELS
    is_internal: bool = False

    def load_writer(self) -> Callable[..., Any]:
        """The function that writes one part of a plan."""
        module, _, name = self.writer.partition(":")
        function: Callable[..., Any] = getattr(import_module(module), name)
        return function


FORMATS: tuple[ExportFormat, ...] = (
    ExportFormat("geojson", ".geojson", "app.exports.gis.geojson:write_geojson", ("district", "city", "street")),
    ExportFormat("gpkg", ".gpkg", "app.exports.gis.gpkg:write_gpkg"),
    ExportFormat("gdb", ".zip", "app.exports.gis.gdb:write_gdb"),
    ExportFormat("shp", ".zip", "app.exports.gis.shapefile:write_shp"),
    ExportFormat("dxf", ".dxf", "app.exports.gis.dxf:write_dxf"),
    ExportFormat("xlsx", ".xlsx", "app.exports.office.xlsx:write_xlsx", ("city", "district", "street")),
    ExportFormat("indicators", ".xlsx", "app.exports.office.xlsx:write_indicators", ("city",)),
    ExportFormat("docx", ".docx", "app.exports.office.proposal:write_proposal", ("district", "city", "street")),
    ExportFormat("special", ".docx", "app.exports.office.special:write_special", ("city", "district", "street"), True),
    ExportFormat(
        "consultation",
        ".docx",
        "app.exports.office.consultation:write_consultation",
        ("street", "district", "city"),
        True,
    ),
    ExportFormat("company", ".docx", "app.exports.office.company:write_company", ("city", "district", "street"), True),
    ExportFormat("pdf", ".pdf", "app.exports.pdf.write_pdf:write_pdf", ("district", "city", "street")),
    ExportFormat("html", ".html", "app.exports.offline.page:write_html"),
)
"""In the order of the menu. Whoever adds a format adds its line here, and its texts."""

FORMAT_KEYS = tuple(one.key for one in FORMATS)


def find_format(key: str) -> ExportFormat:
    """The format of a key.

    Raises
    ------
    KeyError
        If there is none: a programmer's mistake.
    """
    return {one.key: one for one in FORMATS}[key]


def choose_formats(key: str, *, is_public: bool = False) -> tuple[ExportFormat, ...]:
    """The format of a key, or all of them; for the public those that are not internal.

    Parameters
    ----------
    key
        Of a format, or "all".
    is_public
        Whether the files are for the public.

    Raises
    ------
    UsageError
        If the one format asked for has no files for the public.

    Examples
    --------
    >>> [one.key for one in choose_formats("html")], choose_formats("all") == FORMATS
    (['html'], True)
    """
    chosen = FORMATS if key == ALL else (find_format(key),)
    found = tuple(one for one in chosen if not (is_public and one.is_internal))
    if not found:
        raise UsageError(*say("export.internal", format=key))
    return found
