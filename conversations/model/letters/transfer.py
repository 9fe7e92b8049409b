"""Where a letter takes its writer's political opinion, as the consent must say (GDPR).

Political opinion needs explicit consent (Art. 9(2)(a)). People must know who receives their data
(Art. 13(1)(e)) and whether it leaves the European Economic Area (Art. 13(1)(f), 49(1)(a)).
"""

from collections.abc import Sequence

from conversations.model.campaigns.targets import Target
from conversations.text import countries
from conversations.text.wording import Wording

EUROPEAN_ECONOMIC_AREA = frozenset(
    (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
        *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
    )
)
"""The countries where the GDPR applies: the European Union, Iceland, Liechtenstein and Norway."""


def transfer(targets: Sequence[Target], wording: Wording) -> str:
    """Return a sentence for each kind of target: the letters show a political opinion, and where
    and to whom they go.
    """
    places: dict[str, dict[str, None]] = {}
    for target in targets:
        places.setdefault(target.kind, {})[target.country] = None
    sentences = [
        wording.label(
            f"transfer.{kind}",
            place=wording.all_of([countries.name(code, wording.reads) for code in codes]),
        )
        for kind, codes in places.items()
    ]
    if any(target.country not in EUROPEAN_ECONOMIC_AREA for target in targets):
        sentences[-1] += wording.label("transfer.outside")
    return " ".join(sentences)
