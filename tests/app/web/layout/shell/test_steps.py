"""The path of steps: five buttons that say what is done, and a page of controls for each but adjusting."""

from app.i18n import load_words
from app.session.progress import STEPS, StepState
from app.web.layout import ids
from app.web.layout.shell.steps import step_class, step_pages, step_title, steps_line
from tests.app.drawn import each_part, ids_in

ZH = load_words("zh")


def test_every_step_is_a_button_and_says_how_it_stands(bench):
    assert [one for one in ids_in(steps_line(bench, ZH)) if isinstance(one, dict)] == [ids.step(one) for one in STEPS]
    buttons = [part for part in each_part(steps_line(bench, ZH)) if isinstance(getattr(part, "id", None), dict)]
    assert all(button.title for button in buttons)
    assert not any(button.disabled for button in buttons)


def test_before_there_are_data_no_step_can_be_pressed():
    buttons = [part for part in each_part(steps_line(None, ZH)) if isinstance(getattr(part, "id", None), dict)]
    assert all(button.disabled for button in buttons)


def test_what_waits_comes_before_what_is_open():
    waiting = StepState("check", is_done=False, waiting=6)
    assert "6" in step_title(waiting, ZH)
    assert step_class(waiting) == "path-step waits"
    assert step_class(StepState("plan", is_done=True)) == "path-step done"


def test_every_step_but_adjusting_has_a_page(data):
    names = [page.className.rsplit("of-", 1)[1] for page in step_pages(data, ZH)]
    assert names == [step for step in STEPS if step != "adjust"]
