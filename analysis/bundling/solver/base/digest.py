"""What tells subproblems apart: a digest of all that their solutions depend on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from hashlib import sha256

import numpy as np

from analysis.bundling.solver.base.subproblem import Subproblem


def digest_parts(parts: Sequence[Subproblem]) -> bytes:
    """The same for parts that are solved alike, wherever in the problem they are.

    Parameters
    ----------
    parts
        In an order that counts.
    """
    digest = sha256()
    for part in parts:
        for one in fields(part):
            value = getattr(part, one.name)
            if one.name == "units":
                continue
            if isinstance(value, np.ndarray):
                digest.update(repr((one.name, value.shape)).encode() + np.ascontiguousarray(value).tobytes())
            else:
                digest.update(repr((one.name, value)).encode())
    return digest.digest()
