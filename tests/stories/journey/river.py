"""The sample campaign about a river: its letter may be rewritten, and ministries read it."""

from tests.chat import Chat
from tests.stage import Stage

MINISTRY = "gabinete@ministerio-ambiente.example"
RIVER_HELP = "\n\nIf you’d like a person to help, write to gente@amigos-do-amieiro.example."


async def reviews_the_river(stage: Stage) -> Chat:
    """Return the chat of a supporter who reviews her letter."""
    stage.opens("river")
    maria = stage.person("Maria", "Silva")
    await maria.comes_to_the_review("river")
    return maria
