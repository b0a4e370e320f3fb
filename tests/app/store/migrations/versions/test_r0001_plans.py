"""No step back drops plans."""

import pytest

from app.store.errors import StoreError


def test_no_step_back_drops_plans():
    from app.store.migrations.versions.r0001_plans import downgrade

    with pytest.raises(StoreError):
        downgrade()
