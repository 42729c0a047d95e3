"""The click process: share links, beacons and ``fanfare.js``; start at ``app``.

This is the hottest path of the product, so it is a process of its own: one event loop, SQL with
prepared statements, and one commit for all clicks of a turn of the loop.  It shares the tables and
``rewards.evidence`` with the rest of the server, and nothing else.
"""
