"""What changes around a chat while it goes on: campaigns, letters, what the tables know."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from conversations.core.facts import AddressFacts, CodeWait, Details
from conversations.model.campaigns.campaign import Campaign, Edits, Texts
from conversations.model.campaigns.targets import Target
from conversations.model.letters.delivery import LetterState
from tests.conversations.play import HONG_KONG, NOW, OPEN_FOREST, OWN_QUESTIONS, RIVER, Chat

CAMPAIGNS = (HONG_KONG, RIVER, OPEN_FOREST)
MARIA = "maria@mail.example"


def some(random: Random) -> dict[str, Campaign]:
    """Return one campaign or several, each now and then with other settings than its folder's."""
    chosen = random.sample(CAMPAIGNS, random.choice((1, 2, 3, 3)))
    return {each.slug: _other_settings(random, each) for each in chosen}


def _other_settings(random: Random, campaign: Campaign) -> Campaign:
    campaign = campaign.model_copy(update={"copies": random.random() < 0.7})
    if random.random() < 0.5:
        return campaign
    proof = {"allow_letters_in_other_peoples_names": random.random() < 0.5}
    return campaign.model_copy(update={"edits": random.choice(tuple(Edits)), **proof})


def change(random: Random, chat: Chat) -> str:
    """Change something; return what."""
    changed = random.choice(_CHANGES)
    changed(random, chat)
    return changed.__name__.strip("_")


def _change_campaign(random: Random, chat: Chat) -> None:
    if not chat.campaigns:
        return
    slug = random.choice(sorted(chat.campaigns))
    campaign = chat.campaigns[slug]
    texts = campaign.texts["en"]
    update = random.choice(
        (
            {"closes": NOW - timedelta(days=1)},
            {"opens": NOW + timedelta(days=1)},
            {"closes": None, "opens": None},
            {"edits": random.choice(tuple(Edits))},
            {"at_risk": ("PT", "BR", "HK")},
            {"languages": ("en",), "texts": {"en": texts}},
            {"texts": {**campaign.texts, "en": _changed(texts, random)}},
            {"allow_letters_in_other_peoples_names": random.random() < 0.5},
            {"lock_demands": random.random() < 0.5},
            {"test": random.random() < 0.5},
            {"copies": random.random() < 0.5},
            {"targets": campaign.targets, "write_to": "one"},
            {"targets": _several(campaign), "write_to": random.choice(("all", 1, 2, 2))},
            {"targets": _several(campaign), "write_to": random.choice((1, 2))},
        )
    )
    chat.campaigns = {**chat.campaigns, slug: campaign.model_copy(update=update)}


def _several(campaign: Campaign) -> tuple[Target, ...]:
    """Return targets of everyone, which a campaign had not before."""
    first = campaign.target_for("")
    more = (first.model_copy(update={"id": f"t{n}", "name": {"en": f"Office {n}"}}) for n in "123")
    return (first, *more)


def _changed(texts: Texts, random: Random) -> Texts:
    number = random.randrange(3)
    letter = f"To {{target}}: {number}.\n\n{{own_words}}\n\n{{demands}}\n\n{{name}}"
    notice = texts.notice.model_copy(update={"kept": f"Kept {number} days."})
    update = random.choice(({"letters": (letter,)}, {"notice": notice}))
    return texts.model_copy(update=update)


def _close_this(random: Random, chat: Chat) -> None:
    if here := chat.campaigns.get(chat.journey.campaign):
        closed = here.model_copy(update={"closes": NOW})
        chat.campaigns = {**chat.campaigns, here.slug: closed}


def doubt_this(random: Random, chat: Chat) -> None:
    """The address is to be proved now, a risk, question or choice is new, or one is gone."""
    if here := chat.campaigns.get(chat.journey.campaign):
        risky = (*here.likely_countries, "HK", "CN", "CD", "CG")
        proof = {"allow_letters_in_other_peoples_names": False}
        at_risk = {"at_risk": random.choice((risky, risky, ()))}
        asked = {
            "questions": random.choice((OWN_QUESTIONS, OWN_QUESTIONS[:4], OWN_QUESTIONS[4:], ()))
        }
        chosen = {"targets": _several(here), "write_to": random.choice((1, 2))}
        update = random.choice((at_risk, proof, asked, chosen))
        chat.campaigns = {**chat.campaigns, here.slug: here.model_copy(update=update)}


def _take_away(random: Random, chat: Chat) -> None:
    kept = {slug: each for slug, each in chat.campaigns.items() if random.random() < 0.6}
    chat.campaigns = kept


def _bring_back(random: Random, chat: Chat) -> None:
    chat.campaigns = {each.slug: each for each in CAMPAIGNS}


def _letter_moves(random: Random, chat: Chat) -> None:
    state = random.choice(tuple(LetterState))
    acted = {slug: replace(each, state=state, number=7) for slug, each in chat.facts.acted.items()}
    tried = tuple(replace(each, state=state) for each in chat.facts.tried)
    chat.facts = replace(chat.facts, acted=acted, tried=tried)


def _purge(random: Random, chat: Chat) -> None:
    chat.facts = replace(chat.facts, acted={}, tried=(), details=None)


def _address(random: Random, chat: Chat) -> None:
    chat.address = AddressFacts(
        taken=random.random() < 0.3,
        disowned=random.random() < 0.3,
    )
    chat.next_code = CodeWait(random.choice((0, 0, 30, 3000)), is_pending=random.random() < 0.3)


def _profile(random: Random, chat: Chat) -> None:
    details = Details(
        "Maria Silva", random.choice(("PT", "HK", "CH")), MARIA, random.random() < 0.8
    )
    chat.facts = replace(
        chat.facts,
        profile_name=random.choice(("Maria Silva", "<b>", "", "🙂", "x" * 128)),
        profile_language=random.choice(("", "en", "zh-hant", "xx", "zh-TW")),
        details=random.choice((None, details)),
        accepted={each.slug: random.choice((0, 7, 10**9)) for each in CAMPAIGNS},
    )


_CHANGES: tuple[Callable[[Random, Chat], None], ...] = (
    *[_close_this] * 4,
    *[doubt_this] * 5,
    _change_campaign,
    _change_campaign,
    _change_campaign,
    _take_away,
    _bring_back,
    _bring_back,
    _letter_moves,
    _purge,
    _address,
    _address,
    _profile,
    _profile,
)
