"""The record of processing activities (GDPR, article 30), from settings, campaigns and rules."""

from collections.abc import Iterator, Sequence

from bot.cli.privacy.section import Section
from bot.mail.incoming.imap import parse_imap_url
from bot.mail.smtp.server import parse_smtp_url
from bot.settings.addresses import TELEGRAM_API
from bot.settings.model import Settings
from conversations.model.campaigns.campaign import Campaign
from conversations.model.campaigns.campaign_questions import in_language
from conversations.model.campaigns.placeholders import placeholder_names
from conversations.model.letters.transfer import EUROPEAN_ECONOMIC_AREA
from conversations.text import countries
from storage.engine import urls
from storage.retention.rules import RULES

Campaigns = Sequence[Campaign]

_PURPOSES = (
    (
        "Send a letter to a campaign's target in a supporter's name",
        "supporters",
        "name, country, email address, the letter with its writer's words, Telegram account, "
        "language. The letter shows a political opinion (article 9)",
        "consent, asked before the letter is sent (articles 6(1)(a) and 9(2)(a)) [confirm]",
    ),
    (
        "Confirm that an email address belongs to the supporter; stop misuse",
        "supporters; owners of addresses that others typed",
        "email address while a code is mailed; keyed hashes of addresses and accounts",
        "[legal basis]",
    ),
    (
        "Pass on replies and report mail that came back",
        "supporters; people who reply for a target",
        "email address, the reply's text",
        "[legal basis]",
    ),
    (
        "Keep details for the next letter, if asked to",
        "supporters",
        "name, country, email address",
        "consent, a separate question (article 6(1)(a)) [confirm]",
    ),
    (
        "Send updates to subscribers, if asked to",
        "subscribers",
        "Telegram account, language, which campaigns",
        "consent, a separate question (article 6(1)(a)) [confirm]",
    ),
    (
        "Show that consent was given (article 7(1))",
        "supporters, subscribers",
        "what was agreed to or refused, on which day, a digest of the notice",
        "[legal basis]",
    ),
    (
        "Run the bot: roles, approvals, audit log, alerts",
        "members of the team",
        "Telegram account, name, what they did",
        "[legal basis]",
    ),
    ("Count letters and steps", "none: figures name nobody", "counts", "none needed [confirm]"),
)
"""Each purpose with whose data it needs, which data, and the legal basis."""


def sections(settings: Settings, campaigns: Campaigns) -> list[Section]:
    """Return the record, in the order of article 30(1)."""
    return [
        Section(
            "Record of processing activities",
            level=1,
            paragraphs=(
                "Draft under GDPR, article 30(1), made from this bot's settings and campaigns. What"
                " only the organisation knows is left blank, in [brackets]. Make it again when"
                " settings or campaigns change.",
            ),
        ),
        _controller(campaigns),
        Section(
            "Purposes, people and data (30(1)(b), (c))",
            columns=("purpose", "whose data", "which data", "legal basis"),
            rows=(*_PURPOSES, *_own_purposes(campaigns)),
        ),
        Section(
            "Recipients and transfers (30(1)(d), (e))",
            paragraphs=(
                "The consent names the target, its country, and whether that is outside the"
                " European Economic Area.",
            ),
            columns=("recipient", "what it gets", "where", "safeguard or agreement"),
            rows=tuple(_recipients(settings, campaigns)),
        ),
        _time_limits(campaigns),
        Section(
            "Security measures (30(1)(g), 32)",
            columns=("measure", "here"),
            rows=tuple(measures(settings)),
        ),
    ]


def _own_purposes(campaigns: Campaigns) -> Iterator[tuple[str, ...]]:
    """Yield what each campaign asks in addition, and what for."""
    for campaign in campaigns:
        for each in campaign.questions:
            label, purpose = in_language(each.label, "en"), in_language(each.purpose, "en")
            basis = "consent, a separate question (article 6(1)(a))" if each.consent else _EXPLICIT
            what = f"answer to “{label}”{'' if each.required else ', optional'}"
            yield (purpose, f"supporters of {campaign.slug}", what, f"{basis} [confirm]")


_EXPLICIT = "explicit consent (articles 6(1)(a), 9(2)(a))"


def own_questions(campaigns: Campaigns) -> Iterator[str]:
    """Yield a sentence about what each campaign asks in addition."""
    for campaign in campaigns:
        if campaign.questions:
            asked = "; ".join(in_language(each.label, "en") for each in campaign.questions)
            yield f"In addition, {campaign.slug} asks for: {asked}. [Why the letters need it.]"


def _controller(campaigns: Campaigns) -> Section:
    named = dict.fromkeys((each.organisation, each.contact) for each in campaigns)
    return Section(
        "Controller (30(1)(a))",
        columns=("who", "contact"),
        rows=(
            *named,
            ("[address and representative of the controller]", "[contact]"),
            ("[data protection officer, if there is one]", "[contact]"),
            ("[joint controllers, if there are any]", "[contact]"),
        ),
    )


def _recipients(settings: Settings, campaigns: Campaigns) -> Iterator[tuple[str, ...]]:
    for campaign in campaigns:
        for target in campaign.targets:
            place = countries.name(target.country, "en")
            inside = target.country in EUROPEAN_ECONOMIC_AREA
            yield (
                f"{target.name_in('en')} ({target.kind}), in {campaign.slug}",
                f"the letter with the writer's name and country{_shown_address(campaign)}"
                f"{_shown_answers(campaign)}",
                place if inside else f"{place}, outside the European Economic Area",
                "inside the European Economic Area" if inside else _CONSENT,
            )
        if campaign.reply_to == "organisation" or campaign.late_replies == "organisation":
            what = "all replies" if campaign.reply_to == "organisation" else "late replies"
            yield (f"{campaign.organisation}: {campaign.contact}", what, "[where]", "[agreement]")
    yield ("Telegram", "the whole chat, phone number and account", "[where]", "[agreement]")
    if settings.telegram.api != TELEGRAM_API:
        yield ("operator of the Bot API server", "all messages", "[where]", "[agreement]")
    smtp = parse_smtp_url(settings.smtp.url.get_secret_value()).host
    yield (f"mail server {smtp}", "letters, codes, replies", "[where]", "[agreement]")
    if settings.mail.imap is not None:
        imap = parse_imap_url(settings.mail.imap.get_secret_value()).host
        yield (f"mailbox at {imap}", "replies and returned mail", "[where]", "[agreement]")
    if host := _database_host(settings):
        yield (f"database server {host}", "encrypted values only", "[where]", "[agreement]")
    yield ("operator of the bot's server", "what the bot handles", "[where]", "[agreement]")


_CONSENT = "explicit consent, which names it (article 49(1)(a)) [confirm]"


def _shown_address(campaign: Campaign) -> str:
    """Return what the target sees of the email address."""
    if campaign.identity != "relay" or campaign.reply_to == "supporter":
        return ", and the email address unless it is hidden"
    return ""


def _shown_answers(campaign: Campaign) -> str:
    """Return which answers to the campaign's own questions its letters contain."""
    letters = [letter for texts in campaign.texts.values() for letter in texts.letters]
    used = {name for letter in letters for name in placeholder_names(letter)}
    shown = [in_language(each.label, "en") for each in campaign.questions if each.id in used]
    return f", and the answers to: {', '.join(shown)}" if shown else ""


def _time_limits(campaigns: Campaigns) -> Section:
    ends = tuple(
        f"{each.slug}: keep_until is {each.keep_until}; settle_days is {each.settle_days}; archive"
        f" is {each.archive}{'; a test, so nothing goes to the target' if each.test else ''}."
        for each in campaigns
    )
    return Section(
        "Time limits for erasure (30(1)(f))",
        paragraphs=(*ends, "These rules delete the data; `actionbot purge --dry-run` counts it."),
        columns=("what", "kept", "why"),
        rows=tuple((rule.what, rule.term(), rule.why) for rule in RULES),
    )


def measures(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the technical measures, with their settings, and blanks for organisational ones."""
    keys, telegram, mail = settings.keys, settings.telegram, settings.mail
    yield (
        "personal values are encrypted and padded",
        "always; the keys are in a file of their own",
    )
    yield ("people and addresses are found by keyed hashes", "always, one for each purpose")
    yield ("keys age, and old ones are destroyed", f"backup_days is {keys.backup_days}")
    yield ("details are deleted when a letter is settled", "always; see settle_days above")
    yield ("mail to servers elsewhere is encrypted", "always: TLS is required")
    yield ("the connection to the database is protected", _database(settings))
    yield ("addresses are confirmed by a code", "see the risks; limits on codes always apply")
    yield ("colleagues approve broadcasts", f"to more than {telegram.second_eyes_above} people")
    yield ("roles end unless they are confirmed", "after 90 days, except those in the settings")
    yield ("actions of the team are logged", "always, in a chained log")
    signed = f"yes, with {mail.dkim_selector}" if mail.dkim_key else "not by the bot"
    yield ("letters are signed (DKIM)", signed)
    yield ("replies and returned mail reach the bot", "yes" if mail.reads_replies else "no")
    yield ("[organisational measures: training, access to the server, backups]", "[here]")


def _database(settings: Settings) -> str:
    if settings.database.file is not None:
        return "a file on the same machine"
    if settings.database.insecure_database:
        return "no certificate is verified (insecure_database)"
    return "over a Unix socket, on the same machine, or with a verified certificate"


def _database_host(settings: Settings) -> str:
    if settings.database.file is not None:
        return ""
    host = urls.parse(settings.database.url.get_secret_value()).host or ""
    return "" if host in ("", "localhost", "127.0.0.1", "::1") else host
