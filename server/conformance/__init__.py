"""The partner contract as checks that run against any deployment, over HTTP and nothing else.

A group of promises is a file, a promise is a function; start at ``run``.
"""
