"""Ports of this machine for the servers that tests start."""

import random
import socket

_RANDOM = random.SystemRandom()
BELOW_OUTGOING = range(15_000, 32_000)
"""From above these, systems give ports to connections that go out, at any moment."""


def free_port() -> int:
    """Return a port on which nobody listens, and which nobody is given by accident meanwhile."""
    for port in _RANDOM.sample(BELOW_OUTGOING, 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("Somebody listens on each of a hundred ports.")
