"""How many cases a default test run tries of each property; ``make prove`` tries more."""

from hypothesis import settings

settings.register_profile("quick", deadline=None)
settings.load_profile("quick")
