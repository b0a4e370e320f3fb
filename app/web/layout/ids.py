"""Ids of the components that callbacks speak to."""

import json

MAP = "map"
PAGE = "page"
MODE = "mode"
STEPS = "steps"
STEP = "step"
PLAN_STEP = "plan-step"
COMPARE_OPEN = "compare-open"
HOVER = "hover-cards"
TERMS = "terms"
LEVEL = "level"
CORNER = "corner"
YEAR = "year"
MODES = "modes"
CHOICE = "choice"
RESET = "reset-choice"
FIGURES = "figures"
MONTHS = "months"
MONTH_TELL = "month-tell"
THEME = "theme"
THEME_CHOICES = "theme-choices"
LAYERS = "layers"
CLASSES = "classes"
CLASSES_BOX = "classes-box"
HIDDEN = "hidden-classes"
KEPT = "kept-units"
EXPORTED = "exported"
CRUMBS = "crumbs"
SEARCH = "search"
INDEX = "index"
FILTER = "filter"
FILTER_TOLD = "filter-told"
FILTER_CLEAR = "filter-clear"
FILTER_COMPANY = "filter-company"
UNIT_GRID = "grid-units"
CHARTS = "charts"
PRINT_OPEN = "print-open"
STORY_OPEN = "story-open"
COVERAGES = "coverages"
COVERAGE_OPEN = "coverage-open"
COVERAGE_ROWS = "coverage-rows"
FACTS = "facts"
FACTS_OPEN = "facts-open"
FACTS_DRAWER = "facts-drawer"
LEGEND = "legend"
SELECTION_LINE = "selection-line"
EXPLANATION = "explanation"
TABS = "tabs"
ROW_CHOICE = "row-choice"
VERSION = "version"
AREA_GRID = "grid-areas"
LEADING_GRID = "grid-leading"
UNLED_GRID = "grid-unled"
LEFT_OVER_GRID = "grid-left_over"
OUT_OF_SCOPE_GRID = "grid-out_of_scope"
VERIFIED = "verified"
NOTICE = "notice"
EXPORTS = "exports"
LANGUAGE = "language"
GO = "go"
COMPARE_WITH = "compare-with"
COMPARE_FAULT = "compare-fault"
COMPARED = "compared"
COMPARE_CHECKED = "compare-checked"
SCENARIOS = "scenarios"
COMPARE_MAP = "compare-map"
COMPARE_GRID = "grid-compare"
OTHER_MAP = "map-compare"
PLAN_MENU = "plan-menu"
PLAN_LINE = "plan-line"
PLAN_VERDICT = "plan-verdict"
PLAN_STATUS = "plan-status"
PLAN_NAME = "plan-name"
PLAN_SAID = "plan-said"
AUTHOR = "author"
PLAN_RUN = "plan-run-box"
PLAN_TIMER = "plan-timer"
PLANNER = "planner"
PROPOSALS, PROPOSALS_BODY = "proposals", "proposals-body"
PROPOSED = "proposed"
"""Store: id of the run whose plans are shown side by side."""
PROPOSAL_FAULT = "proposal-fault"
KEYS = "page-keys"
KEYS_OPEN = "keys-open"
PLAN_FORM = "plan-form"
PLAN_MORE = "plan-more"
PLAN_BOUNDS = "plan-bounds"
PLAN_FAULT = "plan-fault"
RELAXED = "relaxed"
RELAXED_LIST = "relaxed-list"
PERMIT_FIELDS = "permit-fields"
STARTED = "started"
UNPLACED_GRID = "grid-unplaced"
WALK_TOLD = "walk-told"
PLACING_AT = "placing-at"
PLACING_AUTHOR = "placing-author"
PLACING_REASON = "placing-reason"
PLACING_CONFIRM = "placing-confirm"
PLACING_BUSY = "placing-busy"
PLACING_SAID = "placing-said"
PLACING_TOLD = "placing-told"
PLACING_DONE = "placing-done"
WIZARD = "wizard"
WIZARD_BODY = "wizard-body"
WIZARD_TOKEN = "wizard-token"  # noqa: S105 - an element of the page
WIZARD_TICK = "wizard-tick"
WIZARD_FILE = "wizard-file"
WIZARD_TIMER = "wizard-timer"
READ_ONLY = "read-only"
CORRECTING = "correcting"
CORRECT_OPEN = "correct-open"
CORRECT_CLOSE = "correct-close"
CORRECT_SECTION = "correct-section"
CORRECT_BODY = "correct-body"
CORRECT_TOLD = "correct-told"
CORRECT_AUTHOR = "correct-author"
CORRECT_REASON = "correct-reason"
CORRECT_KEEP = "correct-keep"
CORRECT_BUSY = "correct-busy"
CORRECT_SAID = "correct-said"
CORRECT_STATE = "correct-state"
CORRECT_SHAPE = "correct-shape"
CORRECT_ASKED = "correct-asked"
CORRECT_FILLED = "correct-filled"
CORRECT_OUTLINE = "correct-outline"
CORRECT_DONE = "correct-done"
CORRECT_WORDS = "correct-words"
CORRECTION_GRID = "grid-corrections"
BACK_AUTHOR = "back-author"
BACK_REASON = "back-reason"
BACK_DO = "back-do"
BACK_BUSY = "back-busy"
BACK_SAID = "back-said"
TRAIL = "trail"

WORK_GRID = "grid-strays"
WORK_COUNTS = "work-counts"
WORK_PRINT = "work-print"
WORK_CHOSEN = "work-chosen"
WORK_ONE = "work-one"
WORK_KEEP = "work-keep"
WORK_BACK = "work-back"
WORK_BUSY = "work-busy"
WORK_SAID = "work-said"

CHARGE_GRID = "grid-charging"
CHARGE_LINE = "charge-line"
CHARGE_TOTALS = "charge-totals"
CHARGE_BUDGET = "charge-budget"
CHARGE_CHOOSE = "charge-choose"
CHARGE_BUSY = "charge-busy"
CHARGE_PROOF = "charge-proof"
CHARGE_UNDO = "charge-undo"
CHARGE_CLEAR = "charge-clear"
CHARGE_UNIT = "charge-unit"
CHARGE_AUTHOR = "charge-author"
CHARGE_KEEP = "charge-keep"
CHARGE_SAID = "charge-said"
CHARGE_SET = "charge-set"
CHARGE_ROW = "charge-row"


def step(name: str) -> dict[str, str]:
    """The button of a step of the work."""
    return {"type": "step", "name": name}


def charge_site(site: str) -> dict[str, str]:
    """The button that takes a charging place or leaves it."""
    return {"type": "charge-site", "site": site}


def work_filter(what: str) -> dict[str, str]:
    """A filter of the work list: "street", "stage" or "agrees"."""
    return {"type": "work-filter", "what": what}


def work_field(what: str) -> dict[str, str]:
    """A field of the record of a talk: "agrees", "stage", "author", "date" or "note"."""
    return {"type": "work-field", "what": what}


def work_walk(unit: str, anchor: str) -> dict[str, str]:
    """The button that draws the walk between a building and an anchor.

    Parameters
    ----------
    unit, anchor
        Ids.
    """
    return {"type": "work-walk", "unit": unit, "anchor": anchor}


def again(output_id: str) -> dict[str, str]:
    """The button that asks anew for what a callback did not bring."""
    return {"type": "again", "of": output_id}


def correct_field(name: str) -> dict[str, str]:
    """A control of the panel that corrects."""
    return {"type": "correct-field", "name": name}


def correct_tool(tool: str) -> dict[str, str]:
    """A button of the panel that starts a tool of the map."""
    return {"type": "correct-tool", "tool": tool}


def correct_advice(number: int) -> dict[str, str | int]:
    """The button that opens the correction an advice of the plan needs, by its number there."""
    return {"type": "correct-advice", "number": number}


def barred_pair(pair: str) -> dict[str, str]:
    """A pair that a barrier keeps apart, in the panel of corrections: a button that goes to it."""
    return {"type": "barred-pair", "pair": pair}


def pair_fate(fate: str, pair: str) -> dict[str, str]:
    """A button under what is reported of a pair of units.

    Parameters
    ----------
    fate
        What the button makes of the pair.
    pair
        Ids of both units, "A|B".
    """
    return {"type": "pair-fate", "fate": fate, "pair": pair}


EDITOR = "editor"
EDIT_PANEL = "edit-panel"
EDIT_TOOLS = "edit-tools"
EDIT_STATUS = "edit-status"
EDIT_FILTER = "edit-filter"
EDIT_GRID = "grid-edit-units"


def show_units(key: str) -> dict[str, str]:
    """The button of an indicator that marks the units behind it."""
    return {"type": "show-units", "key": key}


def chart(key: str) -> dict[str, str]:
    """A chart: "spread", "ranking" or "progress"."""
    return {"type": "chart", "key": key}


def filter_field(what: str) -> dict[str, str]:
    """A field of the filter: "street", "mode", "kind", "year_from" and so on."""
    return {"type": "filter-field", "what": what}


def tried_number(key: str) -> dict[str, str]:
    """The field of a number of the policy that may be tried."""
    return {"type": "tried-number", "key": key}


def tried_switch(key: str) -> dict[str, str]:
    """The switch of the policy that may be tried."""
    return {"type": "tried-switch", "key": key}


def month_field(what: str) -> dict[str, str]:
    """A field of the form that keeps a month: "month", "lock", "reason" or "keep"."""
    return {"type": "month-field", "what": what}


def plan_action(action: str, version: str) -> dict[str, str]:
    """A button of the menu of plans: "rename" or "archive" the plan of a version.

    Parameters
    ----------
    action
        "rename" or "archive".
    version
        Id of the version.
    """
    return {"type": "plan-action", "action": action, "version": version}


def plan_open(place: str) -> dict[str, str]:
    """A button that opens the planning panel: in the header, or where there is no plan."""
    return {"type": "plan-open", "place": place}


def plan_field(what: str) -> dict[str, str]:
    """A field of the planning panel, by the name of what it asks."""
    return {"type": "plan-field", "what": what}


def plan_advice(number: int) -> dict[str, str | int]:
    """The button that fills in what an advice of the plan says, by its number there."""
    return {"type": "plan-advice", "number": number}


def plan_least(version: str) -> dict[str, str]:
    """The button that mends a version by the least change."""
    return {"type": "plan-least", "version": version}


def curve(part: str, job: str) -> dict[str, str]:
    """A part of the curve of a run: "slider", "graph" or "cards".

    Parameters
    ----------
    part
        Which.
    job
        Id of the run.
    """
    return {"type": f"curve-{part}", "job": job}


def take_proposal(job: str, key: str) -> dict[str, str]:
    """The button that takes one of the plans of a run as the plan.

    Parameters
    ----------
    job
        Id of the run.
    key
        Of the plan in it.
    """
    return {"type": "take-proposal", "job": job, "key": key}


def plan_run(action: str) -> dict[str, str]:
    """A button of the planning panel: "start", "proposals", "curve" or "unrelax"."""
    return {"type": "plan-run", "action": action}


def run_button(action: str, job: str) -> dict[str, str]:
    """A button of one planning run.

    Parameters
    ----------
    action
        "see", "stop" or "dismiss".
    job
        Id of the run.
    """
    return {"type": "run-button", "action": action, "job": job}


def element_id(component_id: dict[str, str]) -> str:
    """The id that the browser's document has for a component whose id is a dictionary."""
    return json.dumps(component_id, sort_keys=True, separators=(",", ":"))


def placing_back(override: str) -> dict[str, str]:
    """The button that takes a placement back."""
    return {"type": "placing-back", "override": override}


def wizard_open(place: str) -> dict[str, str]:
    """A button that opens the wizard: in the header, or in the welcome."""
    return {"type": "wizard-open", "place": place}


def wizard_step(step: str) -> dict[str, str]:
    """A button of the wizard that starts or ends a step."""
    return {"type": "wizard-step", "step": step}


def wizard_answer(question: str, file: str) -> dict[str, str]:
    """The control with which a planner answers a question about a file; "all" for all files.

    Parameters
    ----------
    question
        Its key.
    file
        Key of the file, or "all".
    """
    return {"type": "wizard-answer", "question": question, "file": file}


def wizard_column(file: str, layer: int, column: int) -> dict[str, str | int]:
    """The control that says what a column is: its layer's number in the file, its own in the layer.

    Parameters
    ----------
    file
        Key of the file.
    layer
        Number of the layer in the file.
    column
        Number of the column in the layer.
    """
    return {"type": "wizard-column", "file": file, "layer": layer, "column": column}


def wizard_row(action: str, file: str) -> dict[str, str]:
    """A button of a file's row: "show" or "remove".

    Parameters
    ----------
    action
        "show" or "remove".
    file
        Key of the file.
    """
    return {"type": "wizard-row", "action": action, "file": file}


def wizard_about(what: str) -> dict[str, str]:
    """A field about the dataset: "name" or "data_date"."""
    return {"type": "wizard-about", "what": what}
