"""What is asked at each step: the same words the first time, after a detour, after a crash."""

from typing import assert_never

from conversations.core.buttons.journey import (
    AcceptRisk,
    Back,
    Cancel,
    ChooseCountry,
    ChooseSubject,
    ChooseUpdates,
    CodeNotThere,
    EraseEverything,
    GoTo,
    OtherAddress,
    OtherCountry,
    ReadOnIn,
    RememberDetails,
    RemoveOwnWords,
    ResendCode,
    RestoreLetter,
    SendLetter,
    ShowLetter,
    StartOver,
    Stay,
    SwitchCampaign,
    TakePartUnnamed,
    TakeSuggestedAddress,
    TakeTypedAddress,
    UpdatesChoice,
    UseAddress,
    UseName,
)
from conversations.core.context import Context
from conversations.core.facts import Details
from conversations.core.replies import (
    Ask,
    Button,
    Keyboard,
    PersistentButton,
    Reply,
    Say,
    TurnButton,
)
from conversations.journey import welcome
from conversations.journey.letter_review import (
    changeable,
    may_type_subject,
    present,
    signature,
)
from conversations.journey.play import IN_A_CAMPAIGN, missing
from conversations.model.campaign import Edits
from conversations.model.identity import answers, filled
from conversations.model.journey import Aside, Step
from conversations.model.letter import editable
from conversations.text import countries
from conversations.text.html import Html, escape, length
from conversations.text.typed_answers import read_name
from conversations.text.wording import offered, own_name, raw

MESSAGE = 4096
"""The most that one message holds (Bot API, sendMessage). What is longer is told in two."""

_LIKELY = 9


def prompt(context: Context, note: Html | None = None) -> tuple[Reply, ...]:
    """Return what the journey waits for; `note` stands above it. Where it waits for nothing, say
    where the chat stands. The questions of a campaign that is gone cannot be asked any more.
    """
    if _is_gone(context):
        return (Say(note or context.wording.say("campaign.closed")),)
    if context.journey.aside:
        return (_aside(context, context.journey.aside, note),)
    match context.journey.step:
        case Step.IDLE:
            return (Say(note or welcome.home(context)),)
        case Step.CHOOSE:
            return (welcome.choose(context, note),)
        case Step.WELCOME:
            return (welcome.welcome(context, note),)
        case Step.NAME:
            return (_name(context, note),)
        case Step.COUNTRY:
            return (_country(context, note),)
        case Step.COUNTRY_CHECK:
            return (_country_check(context, note),)
        case Step.AT_RISK:
            return (_at_risk(context, note),)
        case Step.ADDRESS:
            return (_address(context, note),)
        case Step.ADDRESS_CHECK:
            return (_address_check(context, note),)
        case Step.CODE:
            return (_code(context, note),)
        case Step.BOUNCED:
            return (_bounced(context, note),)
        case Step.REVIEW:
            return _review(context, note, _review_keyboard(context))
        case Step.CHANGE:
            return _review(context, note, _change_keyboard(context))
        case Step.OWN_WORDS:
            return (_own_words(context, note),)
        case Step.REWRITE:
            return _rewrite(context, note)
        case Step.SUBJECT:
            return (_subject(context, note),)
        case Step.SENT:
            return sent(context)
        case unreachable:
            assert_never(unreachable)


def sent(context: Context) -> tuple[Reply, ...]:
    """Ask what may follow a letter: separate questions, nothing pre-set, each may be ignored."""
    slug, action, facts = context.journey.campaign, context.journey.action, context.facts
    answers = context.journey.answers
    replies: list[Reply] = []
    if not facts.subscriptions & {slug, "*"}:
        replies.append(Say(context.wording.say("updates.ask"), updates_keyboard(context, slug)))
    given = Details(answers.name, answers.country, answers.address, answers.proved)
    if facts.details != given:
        keyboard = (
            (
                PersistentButton(
                    context.wording.label("button.yes"),
                    RememberDetails(action, remember=True),
                ),
                PersistentButton(
                    context.wording.label("button.forget_them"),
                    RememberDetails(action, remember=False),
                ),
            ),
        )
        replies.append(Say(context.wording.say("remember.ask"), keyboard))
    return tuple(replies)


def updates_keyboard(context: Context, slug: str) -> Keyboard:
    """Return the answers to whether updates are wanted."""
    label = context.wording.label
    return (
        (
            PersistentButton(label("button.yes"), ChooseUpdates(slug, UpdatesChoice.THIS)),
            PersistentButton(label("button.no"), ChooseUpdates(slug, UpdatesChoice.NO)),
        ),
        (PersistentButton(label("button.updates_all"), ChooseUpdates(slug, UpdatesChoice.ALL)),),
    )


def _is_gone(context: Context) -> bool:
    journey = context.journey
    asks = journey.step in IN_A_CAMPAIGN and journey.aside not in (Aside.FORGET, Aside.LANGUAGE)
    return asks and journey.campaign not in context.deployment.campaigns


def _under(note: Html | None, text: Html) -> Html:
    return Html(f"{note}\n\n{text}") if note else text


def _aside(context: Context, aside: Aside, note: Html | None) -> Ask:
    wording, press, journey = context.wording, context.press, context.journey
    rows: Keyboard
    match aside:
        case Aside.SWITCH:
            here = context.texts.title
            there = context.title(journey.aside_campaign)
            text = wording.say("switch.ask", here=here, there=there)
            rows = (
                (press("button.switch", SwitchCampaign()),),
                (press("button.stay", Stay()),),
            )
        case Aside.FORGET:
            text = wording.say("forget.ask")
            rows = (
                (press("button.erase", EraseEverything()),),
                (press("button.keep", Stay()),),
            )
        case Aside.RESUME:
            text = wording.say(f"resume.{missing(context)}", title=context.texts.title)
            rows = (
                (
                    press("button.go_on", Stay()),
                    press("button.start_over", StartOver()),
                ),
            )
        case Aside.LANGUAGE:
            text = wording.say("language.ask")
            tags = tuple((TurnButton(own_name(tag), ReadOnIn(tag)),) for tag in offered())
            rows = (*tags, (press("button.back", Stay()),))
        case unreachable:
            assert_never(unreachable)
    return Ask(_under(note, text), rows)


def _name(context: Context, note: Html | None) -> Ask:
    suggestion = context.journey.answers.name or context.facts.profile_name
    name = read_name(suggestion)
    usable = name == suggestion
    use = ((context.press("button.use", UseName(), name=suggestion),),) if usable else ()
    return Ask(_under(note, context.wording.say("name.ask")), (*use, *context.ways_out()))


def _country(context: Context, note: Html | None) -> Ask:
    language, chosen = context.journey.language, context.journey.answers.country
    likely = dict.fromkeys(filter(None, (chosen, *context.campaign.likely_countries)))
    buttons = [_country_button(country, language) for country in [*likely][:_LIKELY]]
    rows = tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
    return Ask(_under(note, context.wording.say("country.ask")), (*rows, *context.ways_out()))


def _country_button(country: str, language: str) -> TurnButton:
    label = f"{countries.flag(country)} {countries.name(country, language)}"
    return TurnButton(label, ChooseCountry(country))


def _country_check(context: Context, note: Html | None) -> Ask:
    language, candidates = context.journey.language, context.journey.answers.candidates
    another = context.press("button.another", OtherCountry())
    if len(candidates) == 1:
        text = context.wording.say("country.check", country=countries.name(candidates[0], language))
        yes = context.press("button.yes", ChooseCountry(candidates[0]))
        return Ask(_under(note, text), ((yes, another), *context.ways_out()))
    rows = tuple((_country_button(country, language),) for country in candidates)
    text = context.wording.say("country.which")
    return Ask(_under(note, text), (*rows, (another,), *context.ways_out()))


def _at_risk(context: Context, note: Html | None) -> Ask:
    target = context.campaign.target_for(context.journey.answers.country)
    warning = filled(context.texts.at_risk, context.campaign, context.wording, target)
    press = context.press
    rows: Keyboard = (
        (press("button.go_on", AcceptRisk()),),
        (press("button.without_name", TakePartUnnamed()),),
        (press("button.stop_erase", EraseEverything()),),
        (press("button.back", Back()),),
    )
    return Ask(_under(note, context.wording.say("risk.ask", warning=raw(warning))), rows)


def _address(context: Context, note: Html | None) -> Ask:
    wording, address = context.wording, context.journey.answers.address
    if context.journey.mends:
        text = wording.say("copy.address")
        return Ask(_under(note, text), ((context.press("button.cancel", Cancel()),),))
    told = wording.say(f"answers.{answers(context.campaign)}")
    keep = ((context.press("button.use", UseAddress(), name=address),),) if address else ()
    text = wording.say("address.ask", answers=raw(told))
    return Ask(_under(note, text), (*keep, *context.ways_out()))


def _address_check(context: Context, note: Html | None) -> Ask:
    local, _, domain = context.journey.answers.suggested.rpartition("@")
    text = context.wording.say("address.check", local=local, domain=domain)
    press = context.press
    row = (
        press("button.yes", TakeSuggestedAddress()),
        press("button.keep_mine", TakeTypedAddress()),
    )
    return Ask(_under(note, text), (row, *context.ways_out()))


def _code(context: Context, note: Html | None) -> Ask:
    press = context.press
    text = context.wording.say(
        "code.ask",
        address=context.journey.answers.address,
        organisation=context.campaign.organisation,
    )
    see = () if context.journey.mends else (press("button.see_mine", ShowLetter()),)
    rows: Keyboard = (
        (*see, press("button.not_there", CodeNotThere())),
        (
            press("button.resend", ResendCode()),
            press("button.other_address", OtherAddress()),
        ),
        *context.ways_out(),
    )
    return Ask(note or text, rows)


def _bounced(context: Context, note: Html | None) -> Ask:
    text = context.wording.say("bounced.ask", address=context.journey.answers.typed)
    rows: Keyboard = ((context.press("button.mend", OtherAddress()),), *context.ways_out())
    return Ask(_under(note, text), rows)


def _review(context: Context, note: Html | None, keyboard: Keyboard) -> tuple[Reply, ...]:
    shown, agreement = present(context)
    whole = _under(note, Html(f"{shown}\n———\n{agreement}"))
    if length(whole) <= MESSAGE:
        return (Ask(whole, keyboard),)
    return (Say(_under(note, shown)), Ask(agreement, keyboard))


def _review_keyboard(context: Context) -> Keyboard:
    press = context.press
    edit: tuple[tuple[Button, ...], ...]
    match context.campaign.edits:
        case Edits.ADD:
            has = bool(context.journey.answers.own_words)
            key = "button.own_words_change" if has else "button.own_words"
            edit = ((press(key, GoTo(Step.OWN_WORDS)),),)
        case Edits.FREE:
            edit = ((press("button.rewrite", GoTo(Step.REWRITE)),),)
        case Edits.NONE:
            edit = ()
        case unreachable:
            assert_never(unreachable)
    last = (
        press("button.change", GoTo(Step.CHANGE)),
        press("button.cancel", Cancel()),
    )
    return ((press("button.send", SendLetter()),), *edit, last)


def _change_keyboard(context: Context) -> Keyboard:
    press, campaign = context.press, context.campaign
    choices = changeable(campaign, context.journey.answers, context.journey.language)
    subject = (
        (press("button.subject", GoTo(Step.SUBJECT)),)
        if choices or may_type_subject(campaign)
        else ()
    )
    return (
        (
            press("button.name", GoTo(Step.NAME)),
            press("button.country", GoTo(Step.COUNTRY)),
        ),
        (press("button.address", GoTo(Step.ADDRESS)), *subject),
        (press("button.back", Back()),),
    )


def _own_words(context: Context, note: Html | None) -> Ask:
    words = context.journey.answers.own_words
    text = context.wording.say("own_words.ask")
    rows: Keyboard = context.ways_out()
    if words:
        now = context.wording.say("own_words.now", words=words)
        text = Html(f"{text}\n\n{now}")
        rows = ((context.press("button.own_words_remove", RemoveOwnWords()),), *rows)
    return Ask(_under(note, text), rows)


def _rewrite(context: Context, note: Html | None) -> tuple[Reply, ...]:
    """Show the text as a block that one tap copies, and take what comes back."""
    campaign, rewritten = context.campaign, context.journey.answers.rewritten
    text = editable(campaign, signature(context.journey)) if rewritten is None else rewritten
    key = "rewrite.ask_locked" if campaign.lock_demands else "rewrite.ask"
    original = (
        ((context.press("button.original", RestoreLetter()),),) if rewritten is not None else ()
    )
    asked = Ask(_under(note, context.wording.say(key)), (*original, *context.ways_out()))
    # With a note the block stands above already.
    return (asked,) if note else (Say(Html(f"<pre>{escape(text)}</pre>")), asked)


def _subject(context: Context, note: Html | None) -> Ask:
    choices = changeable(context.campaign, context.journey.answers, context.journey.language)
    typed = may_type_subject(context.campaign)
    text = context.wording.say("subject.type" if typed else "subject.choose")
    listed = "\n".join(f"{number}. {escape(line)}" for number, line in enumerate(choices, 1))
    numbers = tuple(
        TurnButton(str(index + 1), ChooseSubject(index)) for index in range(len(choices))
    )
    rows = (numbers,) if numbers else ()
    whole = Html(f"{text}\n\n{listed}") if listed else text
    return Ask(_under(note, whole), (*rows, *context.ways_out()))
