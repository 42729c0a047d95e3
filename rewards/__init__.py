"""The rewards engine: facts in, decisions out, whole numbers only.

A customer's link sets orders and visits in motion; the people it brings may share on, and so a
forest of participants grows.  This package says what each of them earns, keeps the payout of an
offer within its budget at every moment, and explains every amount.  It is pure: the standard
library and itself, no clock, no database, no random source, and in money no floating-point number.

Start at ``engine``: ``apply(forest, fact)`` is the one entrance.  Then read ``schedule`` (the
rule), ``forest`` (the state) and ``budget`` (what is admitted).  The mathematics is in
docs/ENGINE.md.
"""
