"""How much is tried, and with what: the same examples at every `make test`, others in long runs."""

import tempfile

from hypothesis import HealthCheck, configuration, settings

configuration.set_hypothesis_home_dir(tempfile.gettempdir() + "/hypothesis-of-slv")
_COMMON = settings(
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("short", _COMMON, derandomize=True)
settings.register_profile("long", _COMMON, derandomize=False, max_examples=500)
settings.load_profile("short")
