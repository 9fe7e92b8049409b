"""Where a letter takes its writer's political opinion, as the consent must say (GDPR).

Political opinion needs explicit consent (Art. 9(2)(a)). People must know who receives their data
(Art. 13(1)(e)) and whether it leaves the European Economic Area (Art. 13(1)(f), 49(1)(a)).
"""

from conversations.model.campaign import Target
from conversations.text import countries
from conversations.text.wording import Wording

EUROPEAN_ECONOMIC_AREA = frozenset(
    (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
        *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
    )
)
"""The countries where the GDPR applies: the European Union, Iceland, Liechtenstein and Norway."""


def transfer(target: Target, wording: Wording) -> str:
    """Return a sentence: the letter shows a political opinion, and where and to whom it goes."""
    place = countries.name(target.country, wording.reads)
    sentence = wording.label(f"transfer.{target.kind}", place=place)
    if target.country in EUROPEAN_ECONOMIC_AREA:
        return sentence
    return f"{sentence}{wording.label('transfer.outside')}"
