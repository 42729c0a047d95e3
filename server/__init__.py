"""The Flask server, the click process and the worker; start reading at ``server.app``."""
