from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.pii import detect_pii, is_identity_number, remove_pii


def identity(seventeen):
    weights = [2 ** (17 - i) % 11 for i in range(17)]
    return seventeen + "10X98765432"[sum(int(d) * w for d, w in zip(seventeen, weights, strict=True)) % 11]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["13800138000", "15847212345", ""], "telephone"),
        ([13800138000.0, 15847212345], "telephone"),
        (["0472-5123456", "0472-2123456转8", "无"], "telephone"),
        ([identity("15020319800101123"), identity("15020419790630002")], "identity"),
        (["蒙B·12345", "蒙BD12345", None], "plate"),
        (["3-2-501", "1-1-101", "12号楼1单元302室"], "room"),
        (["150203001001", "150203001002"], None),
        (["60-120", "0.5-0.8"], None),
        (["2024-05-01", "2024-06-01"], None),
        (["6", "12", "100"], None),
        (["91150203MA0N1234X1", "91150203MA0N1234X2"], None),
        (["13800138000", "红星小区", "绿园", "东风"], None),
        ([], None),
    ],
)
def test_a_column_is_personal_by_what_most_of_its_cells_are(cells, kind):
    assert detect_pii(cells) == kind


def test_18_digits_with_a_wrong_check_digit_are_no_identity_number():
    right = identity("15020319800101123")
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    assert is_identity_number(right)
    assert not is_identity_number(wrong)
    assert remove_pii(f"编号{wrong}号") == f"编号{wrong}号"


@given(
    st.text(alphabet="红星路号院 ,，", max_size=8),
    st.text(alphabet="红星路号院 ,，", max_size=8),
    st.sampled_from(
        ["13800138000", "138-0013-8000", "0472-5123456", "蒙B12345", "蒙B·D1234", identity("15020319800101123")]
    ),
)
def test_numbers_of_persons_are_taken_out_of_any_sentence_and_nothing_else(before, after, number):
    assert remove_pii(f"{before} {number} {after}") == f"{before}  {after}"


@given(st.text(alphabet="红星路号院0123456789-.㎡户年", max_size=9))
def test_short_figures_stay_as_they_are(text):
    assert remove_pii(text) == text
