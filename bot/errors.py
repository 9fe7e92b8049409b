"""What ends a command: mistakes that the person who called it can mend."""

from conversations.model.mistakes import Mistake


class CommandError(Exception):
    """A command cannot go on because of mistakes that the person who called it can mend."""

    def __init__(self, what: str | tuple[Mistake, ...], *, mend: str = "", where: str = "") -> None:
        """Tell one mistake in words, or several."""
        self.mistakes = what if isinstance(what, tuple) else (Mistake(what, mend, where),)
        super().__init__("\n".join(_line(mistake) for mistake in self.mistakes))


def _line(mistake: Mistake) -> str:
    return " · ".join(part for part in (mistake.where, mistake.what, mistake.mend) if part)
