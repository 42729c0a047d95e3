"""What people type to each other: kept as it was said, without the white space around it."""

from server.errors import FieldInvalid


def checked(typed: str, *, most: int) -> str:
    """Return what somebody says, of at most so many characters.

    Raises:
        FieldInvalid: it is nothing, or too long.

    """
    said = typed.replace("\r\n", "\n").strip()
    if not said:
        raise FieldInvalid("words", "Write something first.")
    if len(said) > most:
        raise FieldInvalid("words", "Say it in at most {most} characters.", most=most)
    return said
