"""Charging places chosen from the page are kept, and keep the plan."""

import pytest

from app.desks.charging.selection import (
    choose_under_budget,
    format_gap,
    list_chosen,
    make_gap_rows,
    read_chosen_sites,
    selection_geojson,
    store_chosen_sites,
    summarise_selection,
)
from app.desks.corrections.correction_form import CorrectionForm
from app.i18n import load_words
from app.workbench.scenario import BASE_SCENARIO, select_figures
from geo.errors import UsageError
from geo.storage.dataset import open_dataset, write_dataset

ZH = load_words("zh")


def number(text):
    return float(str(text).replace(",", ""))


def told(section, unit="C011", shape=None, **fields):
    return CorrectionForm(section, unit, fields, shape, "王工", "核对")


def test_a_choice_of_charging_places_is_kept_and_keeps_the_plan(shown):
    data = shown.current_page()
    rows = make_gap_rows(data.bench, ZH)
    assert sum(row["gap"] for row in rows) > 0
    assert "[S 三(五)25]" in format_gap(data.bench, ZH)
    best = choose_under_budget(data.bench, "12")
    listed = list_chosen(data.bench, dict(best.sites))
    assert sum(row["places"] for row in listed) == len(best.sites)
    assert sum(row["ports"] for row in listed) == best.ports
    assert best.cost_yuan <= 120_000
    labels = {label: value for label, value, _ in summarise_selection(data.bench, best.sites, ZH).rows}
    assert labels["新增端口"] == f"{best.ports:,}"
    store_chosen_sites(shown, data.version, best.sites, "王工")
    assert read_chosen_sites(data.bench.dataset) == best.sites
    assert shown.current_page().version == data.version
    store_chosen_sites(shown, data.version, {}, "王工")
    assert read_chosen_sites(data.bench.dataset) == {}
    for wrong in ("x", "-1"):
        with pytest.raises(UsageError):
            choose_under_budget(data.bench, wrong)
    with pytest.raises(UsageError):
        store_chosen_sites(shown, data.version, best.sites, " ")


def test_an_empty_choice_is_told_before_any_place_is_screened(shown, monkeypatch):
    monkeypatch.setattr("app.desks.charging.selection.find_siting", lambda _: pytest.fail("screened"))
    bench = shown.current_page().bench
    told = {label: value for label, value, _ in summarise_selection(bench, {}, ZH).rows}
    assert (told["选定场地"], told["新增端口"], told["造价"]) == ("0", "0", "0 元")
    lacking = number(told["现缺端口 (车数有记录)"]) + number(told["另缺 (车数按户数估)"])
    assert number(told["选后仍缺 (两项合计)"]) == lacking > 0
    assert selection_geojson(bench, {})["features"] == []


def test_bikes_that_nobody_recorded_lack_ports_apart_from_the_figure_of_the_scorecard(shown):
    dataset = open_dataset(shown.folder)
    worst = make_gap_rows(shown.current_page().bench, ZH)[0]
    stock = dataset.layer("ebike_stock")
    unrecorded = stock[stock["unit_id"].ne(worst["id"])]
    assert len(unrecorded) < len(stock)
    write_dataset(dataset.folder, dataset.manifest, {"ebike_stock": unrecorded})
    bench = shown.current_page().bench
    rows = {row["id"]: row for row in make_gap_rows(bench, ZH)}
    by_label = {label: value for label, value, _ in summarise_selection(bench, {}, ZH).rows}
    recorded, guessed = by_label["现缺端口 (车数有记录)"], by_label["另缺 (车数按户数估)"]
    scored = next(f for f in select_figures(bench, BASE_SCENARIO, "city") if f.key == "ebike_port_gap")
    assert number(recorded) == scored.value
    assert number(guessed) == number(rows[worst["id"]]["gap"]) > 0
    assert f"缺 {recorded} 个端口" in format_gap(bench, ZH)
    assert f"缺 {guessed} 个 [A]" in format_gap(bench, ZH)
