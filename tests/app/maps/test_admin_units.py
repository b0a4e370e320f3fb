"""Streets and districts wear the class and the colour of their figure."""

from analysis.figures.figure import CURRENT
from analysis.indicators.registry import compute_figures
from app.i18n import load_words
from app.maps.admin_units import make_place_bands, make_place_record, read_admin_units
from app.web.layout.shell.sidebar import legend
from app.workbench.scenario import BASE_SCENARIO, MODES, Scenario, compute_scoreboard

ZH = load_words("zh")


WIDER = Scenario(changes=((MODES, ("professional", "standard_grade", "quasi")),))


def test_every_place_has_its_class_at_every_level(bench):
    places, record = read_admin_units(bench.context), make_place_record(bench)
    assert places.levels == ["street", "district", "city"]
    for key, rows in record.items():
        theme, _, method = key.partition("~")
        assert len(rows) == len(places.frame)
        for level in places.levels:
            bands = make_place_bands(bench, theme, level, ZH, method=method or "policy")
            assert sum(band.n_units for band in bands) == (places.frame["level"] == level).sum()


def test_a_place_wears_the_value_of_its_figure(bench):
    frame, rows = read_admin_units(bench.context).frame, make_place_record(bench)["professional_coverage"]
    facts = compute_scoreboard(bench, BASE_SCENARIO).entries[0].facts
    told = {
        (level, f.admin_code): f.value
        for level in ("street", "district", "city")
        for f in compute_figures((facts,), level=level, keys=["professional_coverage_rate"])
        if f.roster == CURRENT
    }
    for (level, code), (_, _, text) in zip(frame[["level", "code"]].to_numpy(), rows, strict=True):
        assert text == f"{100 * told[level, code]:.2f}%"


def test_the_switch_recolours_places_and_their_legend(bench, data):
    assert make_place_record(bench) != make_place_record(bench, WIDER)
    plain, tried = (str(legend(data, "professional_coverage", ZH, "unit", choice)) for choice in (BASE_SCENARIO, WIDER))
    assert plain != tried
    assert "个街道" in str(legend(data, "professional_coverage", ZH, "street"))
