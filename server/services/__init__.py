"""What the product does: no HTTP, no commit.

Every function takes the transaction first and then facts by name, with ``now`` among them, and
returns frozen results.  Read as ``redemptions.redeem(...)``: import modules, not functions.
"""
