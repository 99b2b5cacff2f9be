"""The contract suites assert like tests do."""

import pytest

for subject in ("messages", "channels", "memberships", "personal", "reading", "inbox", "epoch"):
    pytest.register_assert_rewrite(f"tests.store.contract_{subject}")
