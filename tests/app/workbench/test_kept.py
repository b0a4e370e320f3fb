"""Results are kept with what they are about, and no longer."""

import gc
import weakref

from app.workbench.kept import MOST, keep_with_owner


class Owner:
    pass


def test_a_result_is_made_once_and_goes_with_its_owner():
    made = []

    @keep_with_owner
    def look(owner, word="x"):
        made.append(word)
        return [owner, word]  # a circle must not keep it

    owner = Owner()
    assert look(owner) is look(owner)
    assert look(owner, "y") != look(owner)
    assert made == ["x", "y"]
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None


def test_not_more_than_a_few_results_are_kept():
    look = keep_with_owner(lambda owner, word: object())
    owner = Owner()
    first = look(owner, 0)
    assert [look(owner, number) for number in range(MOST + 1)]
    assert look(owner, 0) is not first
