"""The description of our APIs for programs (OpenAPI 3.1), made from the views themselves.

flask-openapi3 describes paths and shapes; ``document`` adds what all operations have in common, so
that a view says only what is its own.  Start at ``document``.
"""
