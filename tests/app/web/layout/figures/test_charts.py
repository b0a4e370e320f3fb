"""One box a chart, and none without charts."""

from app.i18n import load_words
from app.web.layout.figures.charts import charts_view


def test_without_charts_nothing_is_drawn():
    assert charts_view((), load_words("zh")) == []
