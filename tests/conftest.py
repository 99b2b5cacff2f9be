"""What holds for all tests."""

import pytest
from gevent import monkey
from hypothesis import settings

# The time of one example says nothing on a machine that does other things too. The rest is as Hypothesis decides:
# under CI the examples are the same every time.
settings.register_profile("maru", settings(deadline=None))
settings.load_profile("maru")


def pytest_collection_finish(session: pytest.Session) -> None:
    """A module that patches the standard library when imported would break the tests of all others, one by one."""
    if monkey.is_module_patched("threading"):
        raise pytest.UsageError(
            "Some test imported a module that calls gevent's patch_all: run it as a process."
        )
