"""What Schemathesis checks besides its own: loaded by it, by way of ``SCHEMATHESIS_HOOKS``."""

import schemathesis


@schemathesis.check
def good_data_has_a_good_shape(ctx, response, case):
    """Never call a request malformed that has the documented shape.

    Business may still refuse it, with 422 too: a code that is unknown, a currency of another brand.
    """
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code == 422 and "problem+json" in response.headers["content-type"][0]:
        problem = response.json()
        assert not problem["type"].endswith("/problems/invalid-body"), problem
