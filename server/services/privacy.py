"""What we say about Global Privacy Control, on every host of ours (w3c.github.io/gpc)."""

import json

PATH = "/.well-known/gpc.json"
DOCUMENT = {"gpc": True, "lastUpdate": "2026-11-24"}
WRITTEN = json.dumps(DOCUMENT).encode()
