"""What may be said in a case, by whoever asks and whoever answers."""

from server.errors import FieldInvalid

MOST = 2000


def checked(typed: str) -> str:
    """Return what somebody says in a case.

    Raises:
        FieldInvalid: it is nothing, or too long.

    """
    said = typed.replace("\r\n", "\n").strip()
    if not said:
        raise FieldInvalid("words", "Write something first.")
    if len(said) > MOST:
        raise FieldInvalid("words", "Say it in at most {most} characters.", most=MOST)
    return said
