"""Tables and their queries, a file a table.

Rows never leave a service; services return frozen results.  ``connection`` opens databases,
``tables`` imports every table so that migrations and tests see all of them.
"""
