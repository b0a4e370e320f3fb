"""A verdict counts what was not checked apart from what is broken."""

from analysis.bundling.verify.base.verification import Unchecked, Verification
from analysis.bundling.verify.verdict import make_verdict

SAID = {"zh": "由求解器给出, 未复核", "en": "by the solver, not checked"}


OPEN = Verification(
    unchecked=(Unchecked("levels", (), "", "", ("household_metres",)), Unchecked("status", (), "", "", ("status",)))
)


NO_STREET = Verification(
    unchecked=(Unchecked("R20", ("u1", "u2"), "", "", ("street",)), Unchecked("R20", ("u2",), "", "", ("district",)))
)


def test_the_verdict_counts_bounds_apart_from_other_things():
    other = Unchecked("names", (), "", "")
    said = make_verdict(Verification(unchecked=(*OPEN.unchecked, other)))
    assert said.zh.endswith(f"“最优”{SAID['zh']}; 1 个下界{SAID['zh']}; 另有 1 项未核验。")


def test_rules_are_not_all_met_where_one_was_not_checked():
    said = make_verdict(NO_STREET)
    assert said.zh == "独立核验通过: 所核规则均满足; 2 个单元的街道/旗县区不明, R20 未核。"
    assert said.en == (
        "Verified independently: every rule checked is met; "
        "R20 not checked for 2 units without a known street or district."
    )
    assert (said.word_zh, said.word_en) == ("符合所核规则 (有未核)", "rules checked met, some not checked")
