"""The panel of comparing has its places before two plans are chosen."""

from app.i18n import load_words
from app.web.layout import ids
from app.web.layout.plans.comparing import comparing_parts
from tests.app.drawn import ids_in


def test_what_callbacks_fill_is_there_from_the_beginning():
    assert {ids.COMPARE_WITH, ids.COMPARED, ids.SCENARIOS} <= {
        one for one in ids_in(comparing_parts(load_words("zh"))) if isinstance(one, str)
    }
