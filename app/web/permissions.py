"""Who may ask for what: every address and every callback has a line here, and what has none is refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from app.store.access import Role

Permission = Literal[
    "anyone", "signed_in", "read", "plan", "correct", "shared", "comment", "audit", "operate", "company", "api"
]
"""What a request needs: no account, any account; the page and its files; plans and runs of the own place; data of the
own place; data all places share; opinions on plans; who did what; how the server is; the page of a company; reading by
programs."""

_BUREAU: tuple[Permission, ...] = ("signed_in", "read", "plan", "correct", "comment", "api")
GRANTS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        "city": frozenset({*_BUREAU, "shared", "audit", "operate"}),
        "district": frozenset(_BUREAU),
        "street": frozenset(_BUREAU),
        "company": frozenset({"signed_in", "company"}),
        "viewer": frozenset({"signed_in", "read", "api"}),
    }
)
"""What an account of a role may ask for; for which place is the store's to say (`app.store.access`)."""


def _lines(table: Mapping[Permission, Iterable[str]]) -> Mapping[str, Permission]:
    return MappingProxyType({name: permission for permission, names in table.items() for name in names})


ROUTES = _lines(
    {
        "anyone": (
            "static",
            "_dash_assets.static",
            "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
            "/_reload-hash",
            "/_favicon.ico",
            "component",
            "vendor",
            "switch_language",
            "healthz",
            "show_sign_in",
            "sign_in",
            "begin_sign_on",
            "finish_sign_on",
        ),
        "signed_in": ("sign_out", "show_password", "change_password"),
        "read": (
            "/",
            "/<path:path>",
            "/_dash-layout",
            "/_dash-dependencies",
            "/_dash-update-component",  # then by `CALLBACKS`
            "geo",
            "base_tile",
            "base_tiles",
            "blank_form",
            "rules_template",
            "export",
            "start_export",
            "follow_export",
            "fetch_export",
            "single_buildings",
            "charging",
            "start",
            "check",
            "repair_edit",
            "document",
            "verified",
            "briefing",
            "printed",
            "approval",
            "approval_audit",
        ),
        "plan": ("save", "read_plan_file", "keep_plan_file", "move_plan", "answer_comment"),
        "comment": ("add_comment",),
        "audit": ("whole_audit",),
        "operate": ("status",),
        "company": ("company",),
        "api": (
            "api_definition",
            "api_plans",
            "api_landing",
            "api_conformance",
            "api_collections",
            "api_collection",
            "api_items",
            "api_item",
            "api_tilesets",
            "api_tileset",
            "api_tile",
            "metrics",
        ),
        "shared": ("receive_file", "findings", "rejected"),
    }
)
"""By the endpoint of the address."""

CALLBACKS = _lines(
    {
        "read": (
            "legend.children",
            "grid-areas.rowData",
            "coverages.children",
            "coverage-rows.children",
            "grid-left_over.rowData",
            "verified.children",
            "step.children",
            "map.drawn",
            "map.selected",
            "map.counted",
            "charts.children",
            "facts.children",
            "relaxed.data",
            "relaxed-list.children",
            "plan-run-box.children",
            "proposals.opened",
            "plan-menu.children",
            "compare-with.data",
            "compared.children",
            "compare-checked.children",
            "figures.children",
            "modes.value",
            "trail.children",
            "correct-state.data",
            "correct-shape.data",
            "correcting.hidden",
            "correct-field.value",
            "correct-told.children",
            "grid-strays.rowData",
            "work-chosen.data",
            "work-one.children",
            "grid-charging.rowData",
            "charge-set.data",
            "charge-totals.children",
            "charge-row.data",
            "charge-unit.children",
        ),
        "plan": ("started.data", "go.data"),
        "correct": ("placing-said.children", "correct-said.children", "back-said.children", "work-said.children"),
        "shared": ("wizard.opened", "wizard-body.children", "months.children", "charge-said.children"),
    }
)
"""By the first output of the callback; of outputs made by a pattern by their type."""


def first_output(output: str) -> str:
    """The first of the outputs of a callback, as `CALLBACKS` names it.

    Parameters
    ----------
    output
        As Dash writes it.

    Examples
    --------
    >>> first_output("..legend.children...hidden-classes.data.."), first_output("started.data@4966")
    ('legend.children', 'started.data')
    >>> first_output('{"level":"city","type":"coverage-rows"}.children')
    'coverage-rows.children'
    """
    first = output.removeprefix("..").removesuffix("..").split("...")[0].split("@")[0]
    name, _, prop = first.rpartition(".")
    if name.startswith("{"):
        try:
            name = str(json.loads(name)["type"])
        except (ValueError, KeyError, TypeError):
            return ""
    return f"{name}.{prop}"
