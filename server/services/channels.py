"""Where people share, and what each network takes: the one table for the site and the extension.

Addresses are those that the networks document for links on other sites:

- X: developer.x.com, "Web intents"; a link counts 23 characters, wide characters count two.
- LinkedIn: learn.microsoft.com, "Share on LinkedIn"; it takes the link and no text.
- Pinterest: developers.pinterest.com, "Save button".  Reddit: its submit page, with a title.
- Mastodon: docs.joinmastodon.org, ``/share``; a link counts 23.  Bluesky: docs.bsky.app, "Action
  intent links".  WhatsApp: "click to chat".  Telegram: core.telegram.org/widgets/share.
- Facebook: Meta allows nothing to be filled in, so that its page opens empty and people paste.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to share: its name for people, and where its own share dialog opens.

    ``dialog`` has places for ``{text}`` and ``{link}``, each only where the network takes it, and
    for ``{host}`` where people have servers of their own.  ``text_limit`` counts characters, 0 is
    no limit; a link counts ``link_length`` of them, or as many as it has with 0.
    """

    key: str
    title: str
    dialog: str = ""
    text_limit: int = 0
    link_length: int = 0
    counts_wide: bool = False


CHANNELS = {
    channel.key: channel
    for channel in (
        Channel("copy", "Copy the link"),
        Channel("qr", "QR code, in person"),
        Channel("whatsapp", "WhatsApp", "https://wa.me/?text={text}%20{link}"),
        Channel("telegram", "Telegram", "https://t.me/share/url?url={link}&text={text}"),
        Channel("email", "E-mail", "mailto:?body={text}%0A%0A{link}"),
        Channel(
            "x",
            "X",
            "https://x.com/intent/post?text={text}&url={link}",
            text_limit=280,
            link_length=23,
            counts_wide=True,
        ),
        Channel(
            "bluesky",
            "Bluesky",
            "https://bsky.app/intent/compose?text={text}%20{link}",
            text_limit=300,
        ),
        Channel(
            "mastodon",
            "Mastodon",
            "https://{host}/share?text={text}%20{link}",
            text_limit=500,
            link_length=23,
        ),
        Channel("facebook", "Facebook", "https://www.facebook.com/"),
        Channel(
            "linkedin",
            "LinkedIn",
            "https://www.linkedin.com/sharing/share-offsite/?url={link}",
        ),
        Channel(
            "reddit",
            "Reddit",
            "https://www.reddit.com/submit?url={link}&title={text}",
            text_limit=300,
        ),
        Channel(
            "pinterest",
            "Pinterest",
            "https://www.pinterest.com/pin/create/button/?url={link}&description={text}",
            text_limit=500,
        ),
        Channel("sheet", "Another app"),
    )
}
