"""What is said in conversations is read where people talk, and nowhere where money is counted."""

from tests.house.code import MODULES, imports_of, name_of

ABOUT = {
    "server.services.conversations",
    "server.services.inboxes",
    "server.store.conversations",
    "server.store.messages",
}
MAY_KNOW = {
    "server.services.conversation_rules": "what may be written",
    "server.services.conversations": "writes",
    "server.services.inboxes": "shows",
    "server.store.messages": "a message stands in a conversation",
    "server.store.own_records.talking": "shows a person what is theirs",
    "server.store.tables": "lists every table",
    "server.web.admin.conversations": "the brand's pages",
    "server.web.admin.desk": "counts what a brand has not read",
    "server.web.customer.conversations": "the customer's pages",
}
"""Modules that know of conversations, and what they do with them; none counts an amount."""


def test_nobody_else_knows_of_conversations():
    knowing = {
        name_of(path)
        for path in MODULES
        if any(f"{name}.".startswith(f"{one}.") for name in imports_of(path) for one in ABOUT)
    }
    assert knowing == set(MAY_KNOW)
