"""What is not checked outlives a file."""

import json

from analysis.bundling.verify.base.verification import Unchecked, Verification, read_verification, verification_document
from analysis.bundling.verify.verdict import proof_note

OPEN = Verification(
    unchecked=(Unchecked("levels", (), "", "", ("household_metres",)), Unchecked("status", (), "", "", ("status",)))
)


NO_STREET = Verification(
    unchecked=(Unchecked("R20", ("u1", "u2"), "", "", ("street",)), Unchecked("R20", ("u2",), "", "", ("district",)))
)


def test_what_is_not_checked_outlives_a_file():
    for found in (OPEN, NO_STREET):
        read = read_verification(json.loads(json.dumps(verification_document(found))))
        assert read == found
        assert proof_note(read, "status") == proof_note(found, "status")
