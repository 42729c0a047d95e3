"""Every row that is about one member, a kind at a time, as that member may see it.

Each kind is one statement with the bound value ``member_id``, which names its columns as the person
reads them.  What would tell one person about another is not selected: visitor keys, tokens, the
references and totals of orders that others placed, the links of those who brought them.
"""
