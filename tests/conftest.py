"""What holds for all tests."""

from hypothesis import settings

# The time of one example says nothing on a machine that does other things too. The rest is as Hypothesis decides:
# under CI the examples are the same every time.
settings.register_profile("maru", settings(deadline=None))
settings.load_profile("maru")
