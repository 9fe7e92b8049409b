"""The first message of a campaign, and what an idle chat is told."""

from urllib.parse import quote

from conversations.core.buttons import journey as buttons
from conversations.core.context import Context
from conversations.core.replies import (
    Ask,
    Button,
    Keyboard,
    LinkButton,
    TurnButton,
)
from conversations.journey.letter_review import test_mark
from conversations.model.campaign import Campaign
from conversations.model.identity import answers, filled
from conversations.model.letter import preview
from conversations.text.html import Html, escape
from conversations.text.wording import Wording, offered

_BAR = 10


def home(context: Context) -> Html:
    """Return what an idle chat is told: which actions are open."""
    campaigns = context.open_campaigns
    if not campaigns:
        return context.wording.say("home.closed")
    return context.wording.say("home.open", count=len(campaigns))


def choose(context: Context, note: Html | None = None) -> Ask:
    """Ask which of the open campaigns."""
    language = context.journey.language
    rows = tuple(
        (TurnButton(campaign.text(language).title, buttons.ChooseCampaign(campaign.slug)),)
        for campaign in context.open_campaigns
    )
    text = home(context)
    return Ask(Html(f"{note}\n\n{text}") if note else text, rows)


def welcome(context: Context, note: Html | None = None) -> Ask:
    """Ask for nothing yet: the story, the goal, and what happens with what is given."""
    if note:
        return Ask(note, _keyboard(context))
    campaign, texts, wording = context.campaign, context.texts, context.wording
    mark = test_mark(context, campaign.target_for("").name_in(wording.language))
    parts = (
        wording.say("welcome.title", label=texts.label, title=texts.title),
        filled(texts.story, campaign, wording),
        filled(texts.ask, campaign, wording),
        counter(context, campaign),
        wording.say(
            "welcome.about",
            answers=wording.label(f"answers.whole.{answers(campaign)}"),
            until=wording.day(campaign.keep_until),
        ),
        wording.say(
            "welcome.links", privacy=campaign.privacy_policy, official=campaign.official_page
        ),
    )
    text = "\n\n".join(part for part in parts if part)
    return Ask(Html(f"{mark}{text}"), _keyboard(context), campaign.picture)


def counter(context: Context, campaign: Campaign) -> Html:
    """Return how many letters were accepted; nothing below `show_counter_from`."""
    accepted = context.facts.accepted.get(campaign.slug, 0)
    if accepted < campaign.show_counter_from:
        return Html("")
    if campaign.goal is None:
        return context.wording.say("welcome.counter", count=accepted)
    full = min(_BAR, accepted * _BAR // campaign.goal)
    bar = "▓" * full + "░" * (_BAR - full)
    return context.wording.say("welcome.goal", count=accepted, goal=campaign.goal, bar=bar)


def example(context: Context) -> Html:
    """Return the letter before anything was asked, with “your name” in place of one."""
    wording = context.wording
    subject, body = preview(
        context.campaign,
        context.journey.language,
        wording.label("example.name"),
        wording.label("example.country"),
    )
    head = wording.say("example.letter", subject=subject)
    return Html(f"{head}\n\n<blockquote>{escape(body)}</blockquote>")


def share(house_username: str, campaign: Campaign, wording: Wording) -> LinkButton:
    """Return the button that opens Telegram's own share dialogue with the campaign's deep link."""
    link = quote(f"https://t.me/{house_username}?start={campaign.slug}__share", safe="")
    text = quote(campaign.text(wording.language).share, safe="")
    return LinkButton(
        wording.label("button.share"), f"https://t.me/share/url?url={link}&text={text}"
    )


def _keyboard(context: Context) -> Keyboard:
    press, details, texts = context.press, context.facts.details, context.texts
    rows: list[tuple[Button, ...]] = []
    if details:
        rows.append((press("button.write_as", buttons.ReuseDetails(), name=details.name),))
    rows.append((press("button.write", buttons.WriteLetter()),))
    more = (press("button.more", buttons.ShowMore()),) if texts.more else ()
    rows.append((*more, press("button.see", buttons.ShowLetter())))
    language = (press("button.language", buttons.ShowLanguages()),) if len(offered()) > 1 else ()
    rows.append((press("button.safe", buttons.ShowSafety()), *language))
    return tuple(rows)
