"""/mydata: what is stored of a person, read from the records themselves."""

from conversations.core.context import Context, Turn
from conversations.core.fact_requests import TeamMembers
from conversations.core.facts import ActionTaken, CopyState, Details
from conversations.core.replies import MAX_MESSAGE_LENGTH, Document, Say
from conversations.journey.letters.states import states
from conversations.journey.personal_data import consents, data_file, own_answers
from conversations.journey.personal_data.held_records import Decision, HeldRecords, OwnRecords
from conversations.model.journey import IN_CAMPAIGN, UNDER_WAY, Step
from conversations.text import countries
from conversations.text.html import Html, length, plain
from conversations.text.languages import own_name
from conversations.text.typed.addresses import readable
from conversations.text.wording import raw


def my_data(context: Context) -> Turn:
    """Answer /mydata: list what is stored of this person, in as many messages as it fills."""
    messages: list[Html] = []
    lines: list[Html] = []
    for line in _stored(context):
        if lines and length(_listed(context, [*lines, line])) > MAX_MESSAGE_LENGTH:
            messages.append(_listed(context, lines))
            lines = []
        lines.append(line)
    last = _listed(context, lines)
    said = (*map(Say, messages), Say(last, consents.keyboard(context)))
    return Turn(context.journey, said)


def file(context: Context) -> Turn:
    """Send what /mydata lists as a file, with a warning that files stay on the phone."""
    lines = tuple(plain(line) for line in _stored(context))
    content = data_file.content(context, context.fact(OwnRecords()), lines)
    document = Document(data_file.NAME, content, context.wording.say("mydata.file"))
    return Turn(context.journey, (document,))


def _listed(context: Context, lines: list[Html]) -> Html:
    listed = Html("\n".join(f"• {line}" for line in lines))
    return context.wording.say("mydata.text", held=raw(listed))


def _stored(context: Context) -> list[Html]:
    """Return a line for each thing that is stored of this person. Raises FactMissing."""
    wording, facts, records = context.wording, context.facts, context.fact(OwnRecords())
    lines = _of_journey(context)
    if facts.details:
        lines.append(wording.say("mydata.details", held=_person(context, facts.details)))
    for acted in facts.actions:
        lines += _of_action(context, acted, records)
    for scope in sorted(facts.subscriptions):
        title = wording.label("mydata.every") if scope == "*" else context.title(scope)
        lines.append(wording.say("mydata.updates", title=title))
    for slug in records.answer_questions:
        lines.append(wording.say("mydata.answer", title=context.title(slug)))
    if facts.language:
        lines.append(wording.say("mydata.language", language=own_name(facts.language)))
    lines += _of_role(context, records)
    lines += [_of_decision(context, each) for each in records.decisions]
    if records.blocked_on:
        lines.append(wording.say("mydata.blocked", day=wording.day(records.blocked_on)))
    held = {
        "received": records.received,
        "codes": records.codes,
        "disowned": records.disowned,
        "asked": records.asked,
        "reminder": records.reminder,
        "chat": True,
        "deletions": True,
        "cleared": any(each.discreet != "off" for each in context.deployment.campaigns.values()),
    }
    return [*lines, *(wording.say(f"mydata.{key}") for key, is_held in held.items() if is_held)]


def _of_decision(context: Context, decision: Decision) -> Html:
    """Return a line about a yes or no of the person."""
    wording = context.wording
    every = decision.scope in ("", "*")
    title = wording.label("mydata.every") if every else context.title(decision.scope)
    key = f"mydata.{'agreed' if decision.given else 'refused'}_{decision.kind}"
    question = consents.question_label(context, decision)
    return wording.say(key, day=wording.day(decision.day), title=title, question=question)


def _of_action(context: Context, acted: ActionTaken, records: HeldRecords) -> list[Html]:
    """Return what is stored of a letter."""
    wording, title = context.wording, context.title(acted.campaign)
    line = wording.say(
        _action_key(acted),
        title=title,
        day=wording.day(acted.at.date()),
        state=states(acted, wording),
        held=_person(context, acted.details) if acted.details else "",
    )
    if source := records.sources.get(acted.action):
        line = Html(f"{line} {wording.say('mydata.source', source=source)}")
    lines = [line]
    if any(each.archived for each in acted.letters):
        archived = wording.say("mydata.archived", title=title)
        campaign = context.deployment.campaigns.get(acted.campaign)
        has_answers = campaign is not None and bool(campaign.questions)
        also = wording.say("archive.answers") if has_answers else ""
        lines.append(Html(f"{archived}{also}"))
    lines += own_answers.lines(context, acted.campaign, acted.own)
    if any(each.action in records.texts for each in acted.letters):
        lines.append(wording.say("mydata.letter_text", title=title))
    if any(each.copy is not CopyState.NONE for each in acted.letters):
        lines.append(wording.say("mydata.letter", title=title))
    return lines


def _of_role(context: Context, records: HeldRecords) -> list[Html]:
    """Return what is stored of a person of the team, and of one who was in it."""
    wording, role = context.wording, context.facts.role
    lines: list[Html] = []
    if role:
        members = context.fact(TeamMembers())
        settled = any(each.settled for each in members if each.id == context.facts.member_id)
        key = "mydata.role_settled" if settled else "mydata.role"
        lines.append(wording.say(key, role=wording.label(f"role.{role}")))
    if records.zone:
        lines.append(wording.say("mydata.zone", zone=records.zone))
    held = {
        "written": records.written,
        "digest": records.digest,
        "alerts": records.alerts,
        "invited": records.invited,
        "logged": records.logged,
    }
    return [*lines, *(wording.say(f"mydata.{key}") for key, is_held in held.items() if is_held)]


def _action_key(acted: ActionTaken) -> str:
    if acted.details is None:
        return "mydata.action_settled"
    return "mydata.test" if acted.test else "mydata.action"


def _of_journey(context: Context) -> list[Html]:
    """Return the answers of the journey under way."""
    wording, answers = context.wording, context.journey.answers
    lines: list[Html] = []
    address = readable(answers.address or answers.typed or answers.suggested)
    given = list(filter(None, (answers.name, _country(context, answers.country), address)))
    if given and context.journey.step is not Step.SENT:
        lines.append(wording.say("mydata.journey", held=", ".join(given)))
    if words := answers.own_words or answers.rewritten:
        lines.append(wording.say("mydata.words", words=words))
    if context.journey.step in UNDER_WAY:
        lines += own_answers.of_journey(context)
    if context.journey.source and context.journey.step in IN_CAMPAIGN:
        lines.append(wording.say("mydata.link", source=context.journey.source))
    return lines


def _person(context: Context, details: Details) -> str:
    return ", ".join((details.name, _country(context, details.country), readable(details.address)))


def _country(context: Context, code: str) -> str:
    return countries.name(code, context.journey.language) if code else ""
