"""Notices about people's data: plain messages in a fixed frame, to everybody whom the bot knows.

Telegram's terms for bots and Article 34 of the GDPR require one after a breach. The frame, and the
lack of other links and of buttons, make a notice useless for anything else.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from conversations.core.fact_requests import Fact
from conversations.core.facts import Deployment
from conversations.model.broadcast import Audience, Broadcast, BroadcastKind, Media, Part
from conversations.text import links
from conversations.text.html import Html
from conversations.text.wording import Wording

MAX_NOTICE = 1000
"""How many characters the text of a notice can have, without the frame."""

EVERYBODY = Audience("*")
"""The audience of a notice. It goes to everybody who is known, subscribed or not."""

_PHONE_NUMBER = re.compile(r"\+\d[\d\s().-]{5,}")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
"""Control characters, among them those that reverse the order of letters; not the line feed."""


@dataclass(frozen=True)
class NoticeById(Fact[Broadcast | None]):
    """A notice that was sent; None if there is none with this id."""

    id: str


def new_notice(id_: str, versions: dict[str, str]) -> Broadcast:
    """Return a notice with these texts, by language: the first is for all other languages."""
    parts = {language: (Part(Media.TEXT, text),) for language, text in versions.items()}
    return Broadcast(id_, EVERYBODY, parts, next(iter(versions)), kind=BroadcastKind.NOTICE)


def find_problem(deployment: Deployment, text: str) -> str:
    """Return the key of the text that says why `text` is no notice; "" if it is one."""
    if not text.strip():
        return "notice.empty"
    if len(text) > MAX_NOTICE:
        return "notice.long"
    policies = " ".join(each.privacy_policy for each in deployment.campaigns.values())
    if links.find_link(text, policies) or _PHONE_NUMBER.search(text) or _CONTROL.search(text):
        return "notice.link"
    return ""


def framed(deployment: Deployment, notice: Broadcast, language: str) -> Html:
    """Return the whole message for a person who speaks `language`."""
    spoken = language if language in notice.versions else notice.default
    (part,) = notice.versions[spoken]
    campaigns = deployment.campaigns.values()
    return deployment.wording(spoken).say(
        "notice.frame",
        organisation=_list(each.organisation for each in campaigns),
        text=part.text.strip(),
        policy=_list(each.privacy_policy for each in campaigns),
    )


def covered(wording: Wording) -> Html:
    """Return what a discreet chat shows in place of a notice, until it is tapped."""
    return wording.say("notice.covered")


def _list(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(values))
