"""The groups of the page "My data": what each is for, and which consents stand in it."""

from collections.abc import Mapping

from server.services.sentences import Sentence, say

GROUPS: Mapping[str, tuple[Sentence, Sentence]] = {
    "signing-in": (
        say("Signing in"),
        say(
            "So that we know you again when you come back. We ask your identity provider for no"
            " name, no e-mail address and no picture."
        ),
    ),
    "sharing": (
        say("Sharing"),
        say(
            "So that your links work, friends learn who sent them if you want that, and you are"
            " rewarded for what you set in motion."
        ),
    ),
    "friend": (
        say("Being a friend, and who brought you"),
        say(
            "So that whoever brought you is rewarded for it. It never changes what you pay or earn."
        ),
    ),
    "rewards": (
        say("Rewards and codes"),
        say("So that you get what you earned, once, and can check every amount."),
    ),
    "questions": (
        say("Questions and answers"),
        say("So that what suits you is shown first. An answer never changes an amount."),
    ),
    "apps": (
        say("Connected apps"),
        say("So that programs that you allowed can act for you, and you can end that."),
    ),
    "messages": (
        say("Messages and cases"),
        say(
            "So that a person can look into what seems wrong, and nothing is decided by a machine."
        ),
    ),
    "requests": (
        say("Requests"),
        say("So that you get what you ask of us, in time."),
    ),
    "work": (
        say("Working for brands"),
        say("So that a brand knows who may do what, and who did what."),
    ),
}
"""The groups of the page in their order, each with its title and why it is there."""

PURPOSES: Mapping[str, tuple[str, Sentence]] = {
    "share": ("sharing", say("Sharing")),
    "referral": ("friend", say("Who brought you")),
    "question": ("questions", say("A question")),
    "conversation": ("messages", say("A conversation")),
    "review": ("messages", say("Review of a case by a person")),
}
"""In which group a consent stands, and what it is about."""

SURFACES: Mapping[str, Sentence] = {
    "site": say("on this site"),
    "extension": say("in the browser extension"),
}
"""Where somebody agreed."""
