"""/mydata: what is stored of a person."""

from conversations.core.context import Context, Turn
from conversations.core.facts import CopyState, Details
from conversations.core.replies import MAX_MESSAGE_LENGTH, Say
from conversations.model.journey import Step
from conversations.text import countries
from conversations.text.html import Html, length
from conversations.text.wording import own_name, raw


def my_data(context: Context) -> Turn:
    """Answer /mydata: list what is stored of this person, in as many messages as it fills."""
    messages: list[Html] = []
    lines: list[Html] = []
    for line in _stored(context):
        if lines and length(_listed(context, [*lines, line])) > MAX_MESSAGE_LENGTH:
            messages.append(_listed(context, lines))
            lines = []
        lines.append(line)
    messages.append(_listed(context, lines))
    return Turn(context.journey, tuple(Say(message) for message in messages))


def _listed(context: Context, lines: list[Html]) -> Html:
    listed = Html("\n".join(f"• {line}" for line in lines))
    return context.wording.say("mydata.text", held=raw(listed))


def _stored(context: Context) -> list[Html]:
    """Return a line for each thing that is stored of this person."""
    wording, facts = context.wording, context.facts
    lines = _of_journey(context)
    if facts.details:
        lines.append(wording.say("mydata.details", held=_person(context, facts.details)))
    for acted in facts.actions:
        lines.append(
            wording.say(
                "mydata.test" if acted.test else "mydata.action",
                title=context.title(acted.campaign),
                day=wording.day(acted.at.date()),
                state=wording.label(f"state.{acted.state}"),
                held=_person(context, acted.details),
            )
        )
        if acted.copy is not CopyState.NONE:
            lines.append(wording.say("mydata.letter", title=context.title(acted.campaign)))
    for scope in sorted(facts.subscriptions):
        title = wording.label("mydata.every") if scope == "*" else context.title(scope)
        lines.append(wording.say("mydata.updates", title=title))
    if facts.role:
        lines.append(wording.say("mydata.role", role=wording.label(f"role.{facts.role}")))
    lines.append(wording.say("mydata.chat", language=own_name(context.journey.language)))
    return lines


def _of_journey(context: Context) -> list[Html]:
    """Return the answers of the journey under way."""
    wording, answers = context.wording, context.journey.answers
    lines: list[Html] = []
    address = answers.address or answers.typed
    given = list(filter(None, (answers.name, _country(context, answers.country), address)))
    if given and context.journey.step is not Step.SENT:
        lines.append(wording.say("mydata.journey", held=", ".join(given)))
    if words := answers.own_words or answers.rewritten:
        lines.append(wording.say("mydata.words", words=words))
    return lines


def _person(context: Context, details: Details) -> str:
    return ", ".join((details.name, _country(context, details.country), details.address))


def _country(context: Context, code: str) -> str:
    return countries.name(code, context.journey.language) if code else ""
