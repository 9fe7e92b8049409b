"""Every screen of a campaign, one message each, for the campaigner who asks: nothing is counted.

The buttons are left out, since they would act on a letter; the texts are those that supporters
read, with an invented supporter's answers.
"""

from collections.abc import Iterator
from dataclasses import replace

from conversations.core.buttons.admin import ScreensButton
from conversations.core.context import Context, Turn
from conversations.core.paging import page_of
from conversations.core.replies import (
    MAX_CAPTION,
    MAX_MESSAGE_LENGTH,
    Ask,
    PersistentButton,
    Picture,
    Reply,
    Say,
)
from conversations.core.turns import put, show, toast
from conversations.journey import language_choice
from conversations.journey.flow import own_questions
from conversations.journey.flow.question import QUESTIONS
from conversations.journey.letters.letter_review import notice, present
from conversations.journey.letters.letter_status import StatusFacts, status
from conversations.journey.letters.recipients import recipients
from conversations.journey.letters.share import share_button
from conversations.journey.questions.letter.own_words import prompts
from conversations.journey.questions.warning import warning
from conversations.journey.questions.welcome import example_letter, story
from conversations.model.campaigns.campaign import Campaign
from conversations.model.journey import Answers, Journey, Step
from conversations.model.letters.delivery import LetterState
from conversations.model.letters.identity import filled
from conversations.model.letters.reminder_letters import has_reminders
from conversations.text import countries
from conversations.text.html import Html, escape, length
from conversations.text.languages import own_name
from conversations.text.wording import raw

_ADDRESS = "name@mail.example"


def listed(context: Context) -> Turn:
    """Answer /screens: ask for a campaign, or for the language of the only one."""
    campaigns = tuple(context.deployment.campaigns.values())
    if not campaigns:
        return show(context, context.wording.say("home.closed"))
    if len(campaigns) == 1:
        return _ask_or_show(context, campaigns[0])
    return _ask_campaign(context)


def pressed(context: Context, button: ScreensButton) -> Turn:
    """Show the screens of a campaign in a language; ask for the language if there are several."""
    if not button.campaign:
        return _ask_campaign(context, button.page)
    campaign = context.deployment.campaigns.get(button.campaign)
    if campaign is None or (button.language and button.language not in campaign.languages):
        return toast(context, "toast.gone")
    if button.language:
        return _show(context, campaign, button.language)
    return _ask_or_show(context, campaign, button.page)


def _ask_campaign(context: Context, page: int = 0) -> Turn:
    buttons = [
        PersistentButton(context.title(slug), ScreensButton(slug))
        for slug in context.deployment.campaigns
    ]
    text = context.wording.say("screens.campaign")
    return _ask(context, text, buttons, ScreensButton("", page=page), columns=1)


def _ask_or_show(context: Context, campaign: Campaign, page: int = 0) -> Turn:
    if len(campaign.languages) == 1:
        return _show(context, campaign, campaign.languages[0])
    buttons = [
        PersistentButton(language_choice.label(tag), ScreensButton(campaign.slug, tag))
        for tag in campaign.languages
    ]
    asked = context.wording.say("screens.language", title=context.title(campaign.slug))
    text = language_choice.with_mark_explained(context, asked, campaign.languages)
    shown = ScreensButton(campaign.slug, page=page)
    return _ask(context, text, buttons, shown, columns=language_choice.COLUMNS)


def _ask(
    context: Context,
    text: Html,
    buttons: list[PersistentButton],
    shown: ScreensButton,
    *,
    columns: int,
) -> Turn:
    """Ask in a new message, or turn to the page that `shown` names."""
    more = context.wording.label("button.more_choices")

    def turn(number: int, _: int) -> PersistentButton:
        return PersistentButton(more, replace(shown, page=number))

    keyboard = page_of(buttons, shown.page, columns, turn)
    return put(context, text, keyboard) if shown.page else show(context, text, keyboard)


def _show(context: Context, campaign: Campaign, language: str) -> Turn:
    """Send every screen, each under its name in the reader's own language."""
    reader = context.wording
    screens = screens_of(context, campaign, language)
    replies: list[Reply] = []
    for number, (key, text) in enumerate(screens, 1):
        name = reader.label(f"screens.{key}")
        head = reader.say("screens.head", number=number, total=len(screens), name=name)
        picture = campaign.picture if key == "first" else None
        replies += _message(Html(f"{head}\n\n{text}"), head, text, picture)
    link = share_button(context.deployment.username, campaign, reader)
    end = reader.say("screens.end", title=context.title(campaign.slug), language=own_name(language))
    return Turn(context.journey, (*replies, Say(end, ((link,),))))


def screens_of(context: Context, campaign: Campaign, language: str) -> tuple[tuple[str, Html], ...]:
    """Return the name of each screen, as part of its catalogue key, and its text.

    `campaign` may differ from the one that is served.
    """
    campaigns = {**context.deployment.campaigns, campaign.slug: campaign}
    edited = replace(context, deployment=replace(context.deployment, campaigns=campaigns))
    return tuple(_screens(_as_supporter(edited, campaign, language), campaign))


def _message(whole: Html, head: Html, text: Html, picture: bytes | None) -> list[Reply]:
    """Return a screen as one message; split it where it is longer than a message may be."""
    if picture is not None and length(whole) <= MAX_CAPTION:
        return [Picture(picture, whole, ())]
    shown: list[Reply] = [Picture(picture, Html(""), ())] if picture is not None else []
    if length(whole) <= MAX_MESSAGE_LENGTH:
        return [*shown, Say(whole)]
    return [*shown, Say(head), Say(text)]


def _as_supporter(context: Context, campaign: Campaign, language: str) -> Context:
    """Return the context of an invented supporter at the review, who speaks `language`."""
    wording = context.deployment.wording(language, campaign.slug)
    country = next(iter(campaign.likely_countries), next(iter(sorted(countries.all_codes()))))
    answers = Answers(
        name=wording.label("example.name"),
        country=country,
        risk_accepted=True,
        address=_ADDRESS,
        proved=True,
    )
    journey = Journey(
        context.journey.id, language, step=Step.REVIEW, campaign=campaign.slug, answers=answers
    )
    # Staff read fewer languages than supporters do.
    return replace(context, journey=journey, is_staff=False)


def _questions(context: Context) -> Iterator[Html]:
    """Yield the campaign's own questions."""
    for step in (Step.OWN_BEFORE, Step.OWN_AFTER):
        for place in own_questions.places(context, step):
            yield _asked(context, step, place.question)


def _asked(context: Context, step: Step, question: str = "") -> Html:
    """Return what a question says."""
    journey = replace(context.journey, step=step, question=question)
    replies = QUESTIONS[step].prompt(context.within(journey))
    return Html("\n\n".join(reply.text for reply in replies if isinstance(reply, Ask)))


def _choice(context: Context) -> Html:
    """Return the question for the recipients; "" if supporters have no choice."""
    has_choice = QUESTIONS[Step.TARGETS].is_changeable(context)
    return _asked(context, Step.TARGETS) if has_choice else Html("")


def _reminder(context: Context) -> Html:
    """Return the reminder letter as it is shown before it is sent."""
    target = next(iter(recipients(context)), context.campaign.targets[0])
    letter, _ = present(context.within(replace(context.journey, reminds=target.id)))
    name = target.name_in(context.wording.reads)
    return Html(f"{context.wording.say('reminder_letter.begin', target=name)}\n\n{letter}")


def _screens(context: Context, campaign: Campaign) -> Iterator[tuple[str, Html]]:
    """Yield the name of each screen, as part of its catalogue key, and its text."""
    texts, wording = context.texts, context.wording
    yield "first", story(context)
    if texts.more:
        yield "more", filled(texts.more, campaign, wording)
    yield "letter", example_letter(context)
    yield "safety", filled(texts.safety, campaign, wording)
    if campaign.at_risk:
        yield "warning", warning(context)
        at_risk = filled(texts.at_risk, campaign, wording)
        yield "at_risk", wording.say("risk.ask", warning=raw(at_risk))
    for question in _questions(context):
        yield "question", question
    if choice := _choice(context):
        yield "targets", choice
    letter, agreement = present(context)
    yield "review", letter
    if prompts(context):
        yield "own_words", _asked(context, Step.OWN_WORDS)
    yield "consent", agreement
    sent = StatusFacts(
        "", campaign.slug, LetterState.ACCEPTED, context.now, context.now, copy=campaign.copies
    )
    yield "thanks", status(context.deployment, wording.reads, sent).text
    yield "share", escape(texts.share)
    if has_reminders(campaign):
        yield "reminder", _reminder(context)
    yield "notice", notice(campaign, wording)
