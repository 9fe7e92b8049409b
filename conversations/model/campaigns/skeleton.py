"""Find the texts of a new campaign that nobody has replaced yet.

`actionbot campaign new` copies a skeleton whose texts tell the author what to write. Supporters
must not read them, so a campaign that still has one can't go live.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from conversations.model.campaigns.campaign import Campaign, Texts

_ORGANISATION = "Your organisation"
_DOMAIN = "organisation.example"
_TARGET_ADDRESSES = (
    "minister@government.example",
    "office@company.example",
    "representative@parliament.example",
)

INSTRUCTIONS = {
    "title": ("What this is about, in a few words",),
    "story": (
        "What happened, and who is affected, in one or two short sentences.",
        "Why a letter helps now. (Up to 200 characters in all.)",
    ),
    "more": ("Everything else worth knowing.",),
    "ask": ("Email the people who can change it.", "(Up to 80 characters.)"),
    "subjects": ("The subject line of the email",),
    "letters": ("Say here why you are writing.",),
    "demands": ("do this;", "do that."),
    "responsible": ("with your postal address.",),
    "recipient": ("Say what that means for your supporters.",),
}
"""The skeleton's instructions, by the names of the texts (`Texts`, `Notice`). All templates have
the same ones.
"""

ENGLISH = {
    "letters": ("Yours sincerely,",),
    "contact": ("A person reads it.",),
    "kept": ("That you wrote is kept until", "You can delete your details sooner with /forget."),
    "rights": ("You can see, correct and delete what we hold about you",),
    "consent": ("you explicitly consent.",),
    "thanks": ("Every letter counts.",),
    "share": ("I've just written a letter.",),
    "at_risk": ("The people whom this letter criticises will read your name in it.",),
    "safety": ("I ask for your name, country and email address, nothing else.",),
}
"""Sentences of the skeleton that an English campaign can keep: in other languages they are left."""


@dataclass(frozen=True)
class SkeletonText:
    """A text of the skeleton that is still in a campaign."""

    name: str
    """A key of `campaign.toml`, or a field of `Texts` or `Notice`."""

    language: str = ""
    """The language of the text file; "" for a key of `campaign.toml`."""


def skeleton_texts(campaign: Campaign) -> Iterator[SkeletonText]:
    """Yield the texts and values that are still those of the skeleton."""
    if campaign.organisation.strip() == _ORGANISATION:
        yield SkeletonText("organisation")
    for key in ("contact", "official_page", "privacy_policy"):
        if _DOMAIN in getattr(campaign, key).lower():
            yield SkeletonText(key)
    for number, target in enumerate(campaign.targets):
        if target.address.lower() in _TARGET_ADDRESSES:
            yield SkeletonText(f"targets.{number}.address")
    for language, texts in campaign.texts.items():
        is_english = language.partition("-")[0] == "en"
        for name in INSTRUCTIONS if is_english else {**INSTRUCTIONS, **ENGLISH}:
            known = INSTRUCTIONS.get(name, ()) + (() if is_english else ENGLISH.get(name, ()))
            written = _written(texts, name)
            if any(sentence in written for sentence in known):
                yield SkeletonText(name, language)


def _written(texts: Texts, name: str) -> str:
    """Return the text of this name, or all its variants."""
    value = getattr(texts if name in Texts.model_fields else texts.notice, name) or ""
    return "\n".join(value) if isinstance(value, tuple) else str(value)
