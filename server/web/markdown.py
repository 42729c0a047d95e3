"""Markdown of brands as HTML: no HTML of theirs, no pictures from elsewhere, no code.

Headings begin below the page's own; links lead outside, without our address and without a hold on
our window.
"""

from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markupsafe import Markup

_LINKED = {"https", "http", "mailto"}
_SMALLEST_HEADING = 6


class _Markdown(MarkdownIt):
    """The Markdown that may be shown."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library calls it so
        """Let a link lead to a whole address of a known kind, and nowhere else."""
        try:
            return urlsplit(url).scheme.lower() in _LINKED
        except ValueError:
            return False


_MARKDOWN = _Markdown("commonmark", {"html": False}).disable(["image", "html_block", "html_inline"])


def as_html(words: str) -> Markup:
    """Return Markdown as safe HTML."""
    found = _MARKDOWN.parse(words)
    for token in found:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(_SMALLEST_HEADING, int(token.tag[1:]) + 1)}"
        for child in token.children or []:
            if child.type == "link_open":
                child.attrSet("rel", "noopener nofollow noreferrer")
    drawn = _MARKDOWN.renderer.render(found, _MARKDOWN.options, {})
    return Markup(drawn)  # noqa: S704 - the parser escapes everything that is not its own
