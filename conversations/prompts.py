"""What is asked at each step: the same words the first time, after a detour, after a crash."""

from typing import assert_never

from conversations import countries, welcoming
from conversations.answers import read_name
from conversations.campaign import Edits
from conversations.identity import answers, filled
from conversations.journey import Aside, Step
from conversations.known import Details
from conversations.letter import editable
from conversations.play import IN_A_CAMPAIGN, missing
from conversations.replies import Ask, Button, Keyboard, Press, Reply, Show, Standing
from conversations.reviewing import changeable, may_type_subject, present, signature
from conversations.rich import Html, escape, length
from conversations.scene import Scene
from conversations.wording import offered, own_name, raw

MESSAGE = 4096
"""The most that one message holds (Bot API, sendMessage). What is longer is told in two."""

_LIKELY = 9


def prompt(scene: Scene, note: Html | None = None) -> tuple[Reply, ...]:
    """Return what the journey waits for; `note` stands above it. Where it waits for nothing, say
    where the chat stands. The questions of a campaign that is gone cannot be asked any more.
    """
    if _is_gone(scene):
        return (Show(note or scene.wording.say("campaign.closed")),)
    if scene.journey.aside:
        return (_aside(scene, scene.journey.aside, note),)
    match scene.journey.step:
        case Step.IDLE:
            return (Show(note or welcoming.home(scene)),)
        case Step.CHOOSE:
            return (welcoming.choose(scene, note),)
        case Step.WELCOME:
            return (welcoming.welcome(scene, note),)
        case Step.NAME:
            return (_name(scene, note),)
        case Step.COUNTRY:
            return (_country(scene, note),)
        case Step.COUNTRY_CHECK:
            return (_country_check(scene, note),)
        case Step.AT_RISK:
            return (_at_risk(scene, note),)
        case Step.ADDRESS:
            return (_address(scene, note),)
        case Step.ADDRESS_CHECK:
            return (_address_check(scene, note),)
        case Step.CODE:
            return (_code(scene, note),)
        case Step.BOUNCED:
            return (_bounced(scene, note),)
        case Step.REVIEW:
            return _review(scene, note, _review_keyboard(scene))
        case Step.CHANGE:
            return _review(scene, note, _change_keyboard(scene))
        case Step.OWN_WORDS:
            return (_own_words(scene, note),)
        case Step.REWRITE:
            return _rewrite(scene, note)
        case Step.SUBJECT:
            return (_subject(scene, note),)
        case Step.SENT:
            return sent(scene)
        case unreachable:
            assert_never(unreachable)


def sent(scene: Scene) -> tuple[Reply, ...]:
    """Ask what may follow a letter: separate questions, nothing pre-set, each may be ignored."""
    slug, action, known = scene.journey.campaign, scene.journey.action, scene.known
    answers = scene.journey.answers
    replies: list[Reply] = []
    if not known.subscriptions & {slug, "*"}:
        replies.append(Show(scene.wording.say("updates.ask"), updates_keyboard(scene, slug)))
    given = Details(answers.name, answers.country, answers.address, answers.proved)
    if known.details != given:
        keyboard = (
            (
                Standing(scene.wording.label("button.yes"), f"remember:{action}:yes"),
                Standing(scene.wording.label("button.forget_them"), f"remember:{action}:no"),
            ),
        )
        replies.append(Show(scene.wording.say("remember.ask"), keyboard))
    return tuple(replies)


def updates_keyboard(scene: Scene, slug: str) -> Keyboard:
    """Return the answers to whether updates are wanted."""
    label = scene.wording.label
    return (
        (
            Standing(label("button.yes"), f"updates:{slug}:this"),
            Standing(label("button.no"), f"updates:{slug}:no"),
        ),
        (Standing(label("button.updates_all"), f"updates:{slug}:all"),),
    )


def _is_gone(scene: Scene) -> bool:
    journey = scene.journey
    asks = journey.step in IN_A_CAMPAIGN and journey.aside not in (Aside.FORGET, Aside.LANGUAGE)
    return asks and journey.campaign not in scene.house.campaigns


def _under(note: Html | None, text: Html) -> Html:
    return Html(f"{note}\n\n{text}") if note else text


def _aside(scene: Scene, aside: Aside, note: Html | None) -> Ask:
    wording, press, journey = scene.wording, scene.press, scene.journey
    rows: Keyboard
    match aside:
        case Aside.SWITCH:
            here = scene.texts.title
            there = scene.title(journey.aside_campaign)
            text = wording.say("switch.ask", here=here, there=there)
            rows = ((press("button.switch", "switch"),), (press("button.stay", "stay"),))
        case Aside.FORGET:
            text = wording.say("forget.ask")
            rows = ((press("button.erase", "erase"),), (press("button.keep", "stay"),))
        case Aside.RESUME:
            text = wording.say(f"resume.{missing(scene)}", title=scene.texts.title)
            rows = ((press("button.go_on", "stay"), press("button.start_over", "restart")),)
        case Aside.LANGUAGE:
            text = wording.say("language.ask")
            tags = tuple((Press(own_name(tag), f"lang:{tag}"),) for tag in offered())
            rows = (*tags, (press("button.back", "stay"),))
        case unreachable:
            assert_never(unreachable)
    return Ask(_under(note, text), rows)


def _name(scene: Scene, note: Html | None) -> Ask:
    suggestion = scene.journey.answers.name or scene.known.profile_name
    name = read_name(suggestion)
    usable = name == suggestion
    use = ((scene.press("button.use", "use", name=suggestion),),) if usable else ()
    return Ask(_under(note, scene.wording.say("name.ask")), (*use, *scene.ways_out()))


def _country(scene: Scene, note: Html | None) -> Ask:
    language, chosen = scene.journey.language, scene.journey.answers.country
    likely = dict.fromkeys(filter(None, (chosen, *scene.campaign.likely_countries)))
    buttons = [_country_button(country, language) for country in [*likely][:_LIKELY]]
    rows = tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
    return Ask(_under(note, scene.wording.say("country.ask")), (*rows, *scene.ways_out()))


def _country_button(country: str, language: str) -> Press:
    label = f"{countries.flag(country)} {countries.name(country, language)}"
    return Press(label, f"country:{country}")


def _country_check(scene: Scene, note: Html | None) -> Ask:
    language, candidates = scene.journey.language, scene.journey.answers.candidates
    another = scene.press("button.another", "another")
    if len(candidates) == 1:
        text = scene.wording.say("country.check", country=countries.name(candidates[0], language))
        yes = scene.press("button.yes", f"country:{candidates[0]}")
        return Ask(_under(note, text), ((yes, another), *scene.ways_out()))
    rows = tuple((_country_button(country, language),) for country in candidates)
    text = scene.wording.say("country.which")
    return Ask(_under(note, text), (*rows, (another,), *scene.ways_out()))


def _at_risk(scene: Scene, note: Html | None) -> Ask:
    target = scene.campaign.target_for(scene.journey.answers.country)
    warning = filled(scene.texts.at_risk, scene.campaign, scene.wording, target)
    press = scene.press
    rows: Keyboard = (
        (press("button.go_on", "accept"),),
        (press("button.without_name", "without"),),
        (press("button.stop_erase", "erase"),),
        (press("button.back", "back"),),
    )
    return Ask(_under(note, scene.wording.say("risk.ask", warning=raw(warning))), rows)


def _address(scene: Scene, note: Html | None) -> Ask:
    wording, address = scene.wording, scene.journey.answers.address
    if scene.journey.mends:
        text = wording.say("copy.address")
        return Ask(_under(note, text), ((scene.press("button.cancel", "cancel"),),))
    told = wording.say(f"answers.{answers(scene.campaign)}")
    keep = ((scene.press("button.use", "keep", name=address),),) if address else ()
    text = wording.say("address.ask", answers=raw(told))
    return Ask(_under(note, text), (*keep, *scene.ways_out()))


def _address_check(scene: Scene, note: Html | None) -> Ask:
    local, _, domain = scene.journey.answers.suggested.rpartition("@")
    text = scene.wording.say("address.check", local=local, domain=domain)
    press = scene.press
    row = (press("button.yes", "yes"), press("button.keep_mine", "mine"))
    return Ask(_under(note, text), (row, *scene.ways_out()))


def _code(scene: Scene, note: Html | None) -> Ask:
    press = scene.press
    text = scene.wording.say(
        "code.ask",
        address=scene.journey.answers.address,
        organisation=scene.campaign.organisation,
    )
    see = () if scene.journey.mends else (press("button.see_mine", "see"),)
    rows: Keyboard = (
        (*see, press("button.not_there", "not_there")),
        (press("button.resend", "resend"), press("button.other_address", "other")),
        *scene.ways_out(),
    )
    return Ask(note or text, rows)


def _bounced(scene: Scene, note: Html | None) -> Ask:
    text = scene.wording.say("bounced.ask", address=scene.journey.answers.typed)
    rows: Keyboard = ((scene.press("button.mend", "mend"),), *scene.ways_out())
    return Ask(_under(note, text), rows)


def _review(scene: Scene, note: Html | None, keyboard: Keyboard) -> tuple[Reply, ...]:
    shown, agreement = present(scene)
    whole = _under(note, Html(f"{shown}\n———\n{agreement}"))
    if length(whole) <= MESSAGE:
        return (Ask(whole, keyboard),)
    return (Show(_under(note, shown)), Ask(agreement, keyboard))


def _review_keyboard(scene: Scene) -> Keyboard:
    press = scene.press
    edit: tuple[tuple[Button, ...], ...]
    match scene.campaign.edits:
        case Edits.ADD:
            has = bool(scene.journey.answers.own_words)
            key = "button.own_words_change" if has else "button.own_words"
            edit = ((press(key, "own_words"),),)
        case Edits.FREE:
            edit = ((press("button.rewrite", "rewrite"),),)
        case Edits.NONE:
            edit = ()
        case unreachable:
            assert_never(unreachable)
    last = (press("button.change", "change"), press("button.cancel", "cancel"))
    return ((press("button.send", "send"),), *edit, last)


def _change_keyboard(scene: Scene) -> Keyboard:
    press, campaign = scene.press, scene.campaign
    choices = changeable(campaign, scene.journey.answers, scene.journey.language)
    subject = (press("button.subject", "subject"),) if choices or may_type_subject(campaign) else ()
    return (
        (press("button.name", "name"), press("button.country", "country")),
        (press("button.address", "address"), *subject),
        (press("button.back", "back"),),
    )


def _own_words(scene: Scene, note: Html | None) -> Ask:
    words = scene.journey.answers.own_words
    text = scene.wording.say("own_words.ask")
    rows: Keyboard = scene.ways_out()
    if words:
        now = scene.wording.say("own_words.now", words=words)
        text = Html(f"{text}\n\n{now}")
        rows = ((scene.press("button.own_words_remove", "remove"),), *rows)
    return Ask(_under(note, text), rows)


def _rewrite(scene: Scene, note: Html | None) -> tuple[Reply, ...]:
    """Show the text as a block that one tap copies, and take what comes back."""
    campaign, rewritten = scene.campaign, scene.journey.answers.rewritten
    text = editable(campaign, signature(scene.journey)) if rewritten is None else rewritten
    key = "rewrite.ask_locked" if campaign.lock_demands else "rewrite.ask"
    original = ((scene.press("button.original", "original"),),) if rewritten is not None else ()
    asked = Ask(_under(note, scene.wording.say(key)), (*original, *scene.ways_out()))
    # With a note the block stands above already.
    return (asked,) if note else (Show(Html(f"<pre>{escape(text)}</pre>")), asked)


def _subject(scene: Scene, note: Html | None) -> Ask:
    choices = changeable(scene.campaign, scene.journey.answers, scene.journey.language)
    typed = may_type_subject(scene.campaign)
    text = scene.wording.say("subject.type" if typed else "subject.choose")
    listed = "\n".join(f"{number}. {escape(line)}" for number, line in enumerate(choices, 1))
    numbers = tuple(Press(str(index + 1), f"subject:{index}") for index in range(len(choices)))
    rows = (numbers,) if numbers else ()
    whole = Html(f"{text}\n\n{listed}") if listed else text
    return Ask(_under(note, whole), (*rows, *scene.ways_out()))
