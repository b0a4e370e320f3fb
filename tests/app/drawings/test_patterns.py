"""Signs of a legend: told apart in grey print, each with its text."""

from app.drawings.frames import make_frame
from app.drawings.patterns import class_pattern, draw_sign
from app.drawings.plan_map import draw_unit_map
from app.i18n import LANGUAGES, load_words

ZH = load_words("zh")


def test_classes_without_order_differ_in_grey(data):
    theme = data.theme("owners_body")
    patterns = [class_pattern(theme, number) for number in range(len(theme.palette)) if theme.bands[number].n_units]
    assert len(set(patterns)) == len(patterns)


def test_every_sign_of_a_drawing_has_a_sign_and_a_text_in_the_legend(bench, data):
    kinds = set(bench.dataset.layer("barriers")["kind"])
    signs = draw_unit_map(bench, data.themes[0], make_frame(bench), "x", ZH).signs
    assert ("railway" in signs) == ("railway" in kinds)
    assert ("river" in signs) == bool({"river", "canal"} & kinds)
    for sign in signs:
        assert draw_sign(sign).startswith("<svg")
        assert all(load_words(language)(f"legend.print_{sign}") for language in LANGUAGES)
