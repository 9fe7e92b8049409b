"""The first message of a campaign: its story and goal, before anything is asked."""

from dataclasses import replace

from conversations.core.buttons.journey import (
    AskDiscreet,
    ReuseDetails,
    ShowLanguages,
    ShowLetter,
    ShowMore,
    ShowSafety,
    WriteLetter,
)
from conversations.core.buttons.packing import TurnButtonData, UnknownButton
from conversations.core.context import Context, Turn
from conversations.core.replies import MAX_CAPTION, Ask, Button, Keyboard, Reply
from conversations.core.turns import toast
from conversations.journey import discreet, language_choice
from conversations.journey.flow.question import Question
from conversations.journey.flow.transitions import ask, forward, interrupt
from conversations.journey.letters.counter import counter
from conversations.journey.letters.letter_review import test_mark
from conversations.journey.letters.recipients import names
from conversations.model.journey import Aside, Step
from conversations.model.letters.identity import answers, filled
from conversations.model.letters.letter import preview, states_country
from conversations.model.stats.funnel import FunnelStage
from conversations.text.html import Html, escape, fold, length

_NAMED = 4
"""How many recipients are named at most."""


class WelcomeQuestion(Question):
    """Show the campaign, and wait for the supporter to begin."""

    step = Step.WELCOME
    stage = FunnelStage.OPENED
    reminder = "welcome.reminder"

    def prompt(self, context: Context, note: Html | None = None) -> tuple[Reply, ...]:
        """Return the story, the goal and what happens with the answers; `note` in their place."""
        if note:
            return (Ask(note, _keyboard(context)),)
        return (Ask(story(context), _keyboard(context), context.campaign.picture),)

    def pressed(self, context: Context, button: TurnButtonData | UnknownButton) -> Turn | None:
        """Begin the letter, or show more of the campaign."""
        match button:
            case WriteLetter():
                return forward(context, context.journey.answers)
            case ReuseDetails():
                return _reuse_details(context)
            case ShowMore():
                return ask(context, Step.WELCOME, note=more(context))
            case ShowLetter():
                return ask(context, Step.WELCOME, note=example_letter(context))
            case ShowSafety():
                return _explain_safety(context)
            case AskDiscreet():
                return interrupt(context, Aside.DISCREET, pressed=True)
            case ShowLanguages():
                return interrupt(context, Aside.LANGUAGE, pressed=True)
            case _:
                return None


def _explain_safety(context: Context) -> Turn:
    """Answer whether taking part is safe, and offer a discreet conversation."""
    note = context.with_original(_safety)
    asked = Ask(note, (*_keyboard(context), *discreet.offer(context)))
    turn = ask(context, Step.WELCOME, note=note)
    return replace(turn, replies=(*turn.replies[:-1], asked))


def _safety(context: Context) -> Html:
    return _filled(context, context.texts.safety)


def example_letter(context: Context) -> Html:
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


def story(context: Context) -> Html:
    """Return the first message: the story, the goal and what happens with the answers.

    The story is folded, so that the button is seen without scrolling. A story that a picture's
    caption can't hold is behind “Read more”.
    """
    whole = _first_message(context, fold(_filled(context, context.texts.story)))
    return _first_message(context, Html("")) if _is_too_long(context, whole) else whole


def _first_message(context: Context, story: Html) -> Html:
    campaign, texts, wording = context.campaign, context.texts, context.wording
    title = wording.say("welcome.title", label=texts.label, title=texts.title)
    ask = _filled(context, texts.ask)
    links = wording.say(
        "welcome.links", privacy=campaign.privacy_policy, official=campaign.official_page
    )
    reached = counter(context, campaign)
    asked = f"{ask}\n{reached}" if reached else ask
    parts = (
        f"{title}\n{story}\n{asked}" if story else f"{title}\n\n{asked}",
        wording.say("welcome.discreet") if context.journey.is_discreet else "",
        f"{_recipient(context)}\n{_about(context)}\n{links}",
    )
    mark = test_mark(context, campaign.target_for("").name_in(wording.reads))
    text = "\n\n".join(part for part in parts if part)
    return Html(f"{mark}{text}")


def _recipient(context: Context) -> Html:
    """Return who gets the letter; each, where that depends on the supporter's country."""
    wording, targets = context.wording, context.campaign.targets
    if len(targets) > _NAMED:
        return wording.say("welcome.to", target=names(targets, wording))
    each = dict.fromkeys(target.name_in(wording.reads) for target in targets)
    return wording.say("welcome.to", target=" / ".join(each))


def _about(context: Context) -> Html:
    """Return what taking part takes, and what the recipient learns."""
    campaign, wording = context.campaign, context.wording
    hidden = context.journey.answers.hides_address
    return wording.say(
        "welcome.about",
        carries=wording.label(f"carries.{states_country(campaign)}"),
        answers=wording.label(f"answers.whole.{answers(campaign, hidden=hidden)}"),
        until=wording.day(campaign.keep_until),
    )


def _is_too_long(context: Context, text: Html) -> bool:
    return context.campaign.picture is not None and length(text) > MAX_CAPTION


def more(context: Context) -> Html:
    """Return the rest of the story; the whole story where the first message can't hold it."""
    texts = context.texts
    whole = _first_message(context, fold(_filled(context, texts.story)))
    told = (texts.story,) if _is_too_long(context, whole) else ()
    rest = (texts.more,) if texts.more else ()
    return Html("\n\n".join(_filled(context, text) for text in (*told, *rest)))


def _filled(context: Context, text: Html) -> Html:
    hidden = context.journey.answers.hides_address
    return filled(text, context.campaign, context.wording, hidden=hidden)


def _keyboard(context: Context) -> Keyboard:
    press, details = context.press, context.facts.details
    rows: list[tuple[Button, ...]] = []
    if details:
        rows.append((press("button.write_as", ReuseDetails(), name=details.name),))
    rows.append((press("button.write", WriteLetter()),))
    read_more = (press("button.more", ShowMore()),) if more(context) else ()
    rows.append((*read_more, press("button.see", ShowLetter())))
    language = (
        (press("button.language", ShowLanguages()),)
        if len(language_choice.choices(context)) > 1
        else ()
    )
    rows.append((press("button.safe", ShowSafety()), *language))
    return tuple(rows)


def _reuse_details(context: Context) -> Turn:
    details = context.facts.details
    if details is None:
        return toast(context, "toast.forgotten")
    reused = replace(
        context.journey.answers,
        name=details.name,
        country=details.country,
        address=details.address,
        proved=details.proved,
    )
    return forward(context, reused)
