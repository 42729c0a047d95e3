"""The click process, met over HTTP, and what the worker makes of its visits."""
