"""What the planning panel begins with: the plan shown as it was made, or the policy's values."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.model.sizes import bounds_from_rules
from app.desks.plans.menu import NO_PLANS, PlanMenu
from app.i18n import Words, say
from app.planning.bound_options import bound_texts, bound_values
from app.planning.child import RunKind
from app.planning.objective_options import ObjectiveFields, objective_fields, objective_text
from app.planning.options import OPTIONS, RELAXABLE, PlanOptions
from app.planning.request import PlanRequest, read_request
from app.store.records import MOST_NAME
from app.workbench.workbench import Workbench
from geo.errors import UsageError

_MOST_STREETS = 2
"""Streets that the name of a plan lists."""
_ADVICE_FIELDS = ("lower", "upper", "bound_lower", "bound_upper", "areas", "permit_streets")
"""Kinds of advice that fill in, or empty, a field of the panel."""


@dataclass(frozen=True)
class RelaxedRule:
    """What the next run relaxes: one rule, or two that bring something together.

    Parameters
    ----------
    what
        As in the `advice` of a plan: of each "kind", and "value" or the streets of a permit.
    zh, en
        The sentence.
    """

    what: tuple[Mapping[str, Any], ...]
    zh: str
    en: str

    @property
    def needs_permit(self) -> bool:
        """Whether a document must be named first."""
        return any(one.get("kind") == "permit_streets" for one in self.what)

    @property
    def record(self) -> dict[str, Any]:
        """As the page keeps it."""
        return {"what": [dict(one) for one in self.what], "zh": self.zh, "en": self.en}


@dataclass(frozen=True)
class PlanForm:
    """What the fields of the panel begin with, and what they offer.

    Parameters
    ----------
    options
        What the plan shown was made with, of what the page offers; bounds and objective stand apart.
    bounds
        Value of each field of further bounds, see `bound_options`.
    aims
        Objectives of the plan shown.
    usual_opening
        Household-metres that opening an area costs by the policy.
    usual_seconds
        Search time when none is named.
    start
        Id of the version to start from.
    starts
        (id, label) of the versions to start from.
    street_names
        (code, name) of the streets.
    relaxed
        Rules the plan shown relaxed.
    """

    options: PlanOptions
    bounds: Mapping[str, int | None]
    aims: ObjectiveFields
    usual_opening: int
    usual_seconds: float
    start: str | None
    starts: tuple[tuple[str, str], ...]
    street_names: tuple[tuple[str, str], ...]
    relaxed: tuple[RelaxedRule, ...]

    @property
    def is_special(self) -> bool:
        """Whether something is chosen that rarely is."""
        return self.aims.kind != "usual" or self.options.opening is not None or self.options.areas is not None


def build_plan_form(bench: Workbench, menu: PlanMenu, words: Words) -> PlanForm:
    """The panel for what a page shows.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    menu
        The plans of the store.
    words
        Texts in the reader's language.
    """
    modes = bench.units["management_mode"].dropna()
    made: Mapping[str, Any] = bench.plan["rules"] if bench.plan else {}
    base = rules_from_policy(
        bench.policy,
        company_limit=made["company_growth"] is not None if "company_growth" in made else None,
        management_known=bool((modes != "unknown").any()),
    )
    rules: Mapping[str, Any] = {**vars(base), **made}
    is_priced = not rules["objective"] and rules["area_worth"] != base.area_worth
    streets = bench.street_names
    shown = {one.name: rules[one.name] for one in OPTIONS if one.option.page is not None and one.name in rules}
    special = {
        "lower": int(rules["lower"]),
        "upper": int(rules["upper"]),
        "streets": tuple(code for code in rules["streets"] if code in streets),
        "bounds": None,
        "objective": None,
        "opening": int(rules["area_worth"]) if is_priced else None,
        "company_limit": rules["company_growth"] is not None,
        "seed": int(bench.plan["seed"]) if bench.plan else 0,
    }
    return PlanForm(
        options=PlanOptions(**{**shown, **special}),
        bounds=bound_values(bounds_from_rules(rules)),
        aims=objective_fields(rules["objective"]),
        usual_opening=base.area_worth,
        usual_seconds=float(bench.policy.value("search.seconds")),
        start=None,
        starts=_starts(menu, words),
        street_names=tuple(sorted(streets.items())),
        relaxed=tuple(
            _relaxed_rule(name, rules[name]) for name in RELAXABLE if rules.get(name) not in (None, vars(base)[name])
        ),
    )


def apply_advice(
    bench: Workbench, number: int, relaxed: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], str | None]:
    """The rules relaxed with an advice of the plan shown added, and the version to start from.

    Parameters
    ----------
    bench
        What the page shows.
    number
        Place of the advice in the plan.
    relaxed
        Records of `RelaxedRule` there are already.

    Raises
    ------
    UsageError
        If the plan has no such advice.
    """
    advice = list(bench.plan.get("advice", ())) if bench.plan else []
    if not 0 <= number < len(advice) or advice[number]["kind"] != "relax":
        raise UsageError(*say("planning.no_such_advice"))
    row = advice[number]
    new = RelaxedRule(tuple(row["what"]), row["sentence_zh"], row["sentence_en"]).record
    kinds = {one["kind"] for one in row["what"]}
    kept = [dict(one) for one in relaxed if not kinds & {part["kind"] for part in one["what"]}]
    return [*kept, new], bench.version.id if bench.version else None


def list_relaxed_fields(relaxed: Sequence[Mapping[str, Any]]) -> list[tuple[str, Any]]:
    """The fields of the panel that relaxed rules fill in, each with its value.

    Examples
    --------
    >>> list_relaxed_fields([{"what": [{"kind": "lower", "value": 500}, {"kind": "radius_m", "value": 1200}]}])
    [('lower', 500)]
    """
    found: list[tuple[str, Any]] = []
    for part in (part for one in relaxed for part in one.get("what", ())):
        kind = str(part.get("kind"))
        if kind in ("lower", "upper"):
            found.append((kind, part.get("value")))
        elif kind in ("bound_lower", "bound_upper"):
            found.append((f"bound_{part.get('weight')}_{kind.removeprefix('bound_')}", part.get("value")))
        elif kind == "areas":
            found.append(("areas", None))
    return found


def can_apply(what: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the panel can do what an advice says: a rule's value, or a permit between streets."""
    return all(one["kind"] in _ADVICE_FIELDS or one["kind"] in RELAXABLE for one in what)


def request_from_form(fields: Mapping[str, Any], relaxed: Sequence[Mapping[str, Any]]) -> PlanRequest:
    """What the panel asks for.

    Parameters
    ----------
    fields
        Value of each field.
    relaxed
        Records of `RelaxedRule`.

    Raises
    ------
    UsageError
        If something is missing or out of range.
    """
    named: dict[str, Any] = {
        key: value
        for key, value in fields.items()
        if value not in (None, "") and key not in ("document_no", "reason") and not key.startswith(("aim", "bound_"))
    }
    bounds = {key: value for key, value in fields.items() if key.startswith("bound_")}
    if fields.get("method") == "least_change":
        named.pop("opening", None)  # the panel hides objectives then, and says why
    else:
        named["objective"] = objective_text(fields)
    named["streets"] = tuple(named.get("streets") or ())
    rules: dict[str, Any] = {}
    for part in (part for one in relaxed for part in one.get("what", ())):
        what = dict(part)
        kind = what.pop("kind", None)
        if kind == "permit_streets":
            number = fields.get("document_no")
            if not number:
                raise UsageError(*say("planning.no_permit_number"))
            named["permit"] = {**what, "document_no": number, "reason": fields.get("reason") or ""}
        elif kind in ("lower", "upper"):
            named[kind] = what.get("value")
        elif kind in ("bound_lower", "bound_upper"):
            bounds[f"bound_{what.get('weight')}_{kind.removeprefix('bound_')}"] = what.get("value")
        elif kind == "areas":
            named.pop("areas", None)
        else:
            rules[str(kind)] = what.get("value")
    named["bounds"] = bound_texts({**bounds, "weight": fields.get("weight")})
    return read_request({**named, "relaxed": rules})


def request_note(request: PlanRequest, relaxed: Sequence[Mapping[str, Any]], words: Words) -> str:
    """What a version says of how it was asked for.

    Parameters
    ----------
    request
        What was asked for.
    relaxed
        Rules that were relaxed.
    words
        Texts in the reader's language.
    """
    parts = [words(f"planner.method_{request.options.method}")]
    if request.options.streets:
        parts.append(words("planner.note_streets", n=len(request.options.streets)))
    parts += [words.pick(str(one.get("zh")), str(one.get("en"))) for one in relaxed]
    return " · ".join(parts)


def _relaxed_rule(name: str, value: Any) -> RelaxedRule:
    key = RELAXABLE[name]
    return RelaxedRule(({"kind": name, "value": value},), f"{key} = {value}", f"{key} = {value}")


def _starts(menu: PlanMenu, words: Words) -> tuple[tuple[str, str], ...]:
    found = {}
    listed = [menu.shown] if menu.shown else []
    for version in [*listed, *(one.plan.newest for one in menu.plans)]:
        number = words("store.number", n=version.number)
        found[version.id] = f"{version.plan_name} · {number}"
    return tuple(found.items())


def least_change_request(bench: Workbench, words: Words) -> PlanRequest:
    """What mends the plan shown: the least change from it, by the rules it was made by.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.

    Raises
    ------
    UsageError
        If the plan is of no store.
    """
    version = bench.version
    if version is None:
        raise UsageError(*say("carry.not_stored"))
    form = build_plan_form(bench, NO_PLANS, words)
    names = ("mode", "scope", "within", "weight", "lower", "upper", "streets", "areas", "seed")
    fields = {
        **{name: getattr(form.options, name) for name in names},
        **form.bounds,
        "name": version.plan_name,
        "method": "least_change",
        "start": version.id,
        "company_limit": "on" if form.options.company_limit else "off",
    }
    return request_from_form(fields, [one.record for one in form.relaxed])


def make_plan_name(bench: Workbench, fields: Mapping[str, Any], kind: RunKind, words: Words) -> str:
    """A name that says for which streets, in which way and when a plan is made.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    fields
        Value of each field of the panel.
    kind
        Whether one plan is made or several.
    words
        Texts in the reader's language.
    """
    chosen = fields.get("streets") or ()
    names = [bench.street_names.get(code, code) for code in chosen]
    where = words("planner.name_all") if not names else "、".join(names[:_MOST_STREETS])
    if len(names) > _MOST_STREETS:
        where = words("planner.name_more", where=where, n=len(names))
    method = fields.get("method")
    if kind != "plan":
        way = words(f"run.make_{kind}")
    elif method in (None, "search"):
        way = words(f"planner.name_{fields.get('mode') or 'area'}")
    else:
        way = words(f"planner.name_{method}")
    when = datetime.datetime.now().astimezone().strftime("%m-%d %H:%M")
    return words("planner.new_name", where=where, way=way, when=when)[:MOST_NAME]


def several_request(fields: Mapping[str, Any]) -> PlanRequest:
    """What a run of several plans heeds of the panel: name, streets, time and seed.

    Parameters
    ----------
    fields
        Value of each field.

    Raises
    ------
    UsageError
        If one is out of range.
    """
    named = {key: fields.get(key) for key in ("name", "seconds", "seed") if fields.get(key) not in (None, "")}
    return read_request({**named, "streets": tuple(fields.get("streets") or ())})
