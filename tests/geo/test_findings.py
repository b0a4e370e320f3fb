"""The report of an import keeps every word."""

from hypothesis import given
from hypothesis import strategies as st

from geo.findings import Finding, count_by_severity, from_frame, to_frame

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1)
findings = st.builds(
    Finding,
    severity=st.sampled_from(["error", "warning", "info"]),
    rule=texts,
    zh=texts,
    en=texts,
    file=st.none() | texts,
    row=st.none() | st.integers(1, 10**6),
    value=st.none() | texts,
)


@given(st.lists(findings, max_size=5))
def test_table_and_back_is_the_identity(some):
    assert from_frame(to_frame(some)) == tuple(some)


@given(st.lists(findings, max_size=5))
def test_counts_add_up(some):
    assert sum(count_by_severity(some).values()) == len(some)
