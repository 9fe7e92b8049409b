"""A draft of a data protection impact assessment (GDPR, article 35(7)), from live settings."""

from collections.abc import Iterator, Sequence

from bot.cli.privacy.processing_record import measures, own_questions
from bot.cli.privacy.section import Section
from bot.settings.model import Settings
from conversations.model.campaigns.campaign import Campaign
from conversations.text import countries

Campaigns = Sequence[Campaign]

_RATE = "[likelihood, severity]"


def sections(settings: Settings, campaigns: Campaigns) -> list[Section]:
    """Return the draft, in the order of article 35(7)."""
    return [
        Section(
            "Data protection impact assessment: draft",
            level=1,
            paragraphs=(
                "Letters show political opinions, and some supporters may be at risk, so an"
                " assessment is likely to be needed (GDPR, article 35). This draft says what the"
                " bot does under these settings. What only the organisation can judge is left"
                " blank, in [brackets].",
            ),
        ),
        _description(campaigns),
        Section(
            "Necessity and proportionality (35(7)(b))",
            paragraphs=(
                "The bot asks for name, country and email address; own words are optional. Each of"
                " letter, saved details and updates has a question and a consent of its own, and"
                " ends with one tap.",
                *own_questions(campaigns),
                "[Why letters need a name, a country and an address in each campaign.]",
                "[Why the periods of retention are as short as possible.]",
            ),
        ),
        Section(
            "Risks to people, and measures (35(7)(c), (d))",
            columns=("risk", "what the bot does", "what remains", "rating"),
            rows=tuple((*each, _RATE) for each in _risks(settings, campaigns)),
        ),
        Section(
            "Technical measures (35(7)(d))",
            columns=("measure", "here"),
            rows=tuple(measures(settings)),
        ),
        Section(
            "Advice and decision",
            paragraphs=(
                "[Advice of the data protection officer (35(2)).]",
                "[Views of supporters or their representatives (35(9)).]",
                "[Whether the remaining risk is acceptable, or the authority is consulted (36).]",
                "[Date, name, and when this is reviewed.]",
            ),
        ),
    ]


def _description(campaigns: Campaigns) -> Section:
    return Section(
        "Description (35(7)(a))",
        paragraphs=(
            "A supporter answers questions in Telegram, reads the letter and the privacy notice,"
            " and presses Send. The bot emails the letter to the target and deletes the details"
            " when it is settled. Purposes, data, recipients and periods are in the record of"
            " processing activities.",
        ),
        columns=("campaign", "target", "warns people in", "discreet chats", "state"),
        rows=tuple(
            (
                each.slug,
                ", ".join(target.name_in("en") for target in each.targets),
                ", ".join(countries.name(code, "en") for code in each.at_risk) or "no country",
                each.discreet,
                "its file says test" if each.test else "its file says live",
            )
            for each in campaigns
        ),
    )


def _risks(settings: Settings, campaigns: Campaigns) -> Iterator[tuple[str, str, str]]:
    """Yield each risk, what the bot does, and what remains."""
    yield (
        "Somebody steals the database, or a backup",
        "personal values are encrypted, people are found by keyed hashes",
        "numbers of letters, subscribers and staff",
    )
    yield (
        "Somebody takes over the server, or steals the keys as well",
        "details of settled letters are gone; keys age",
        "letters that are not settled, saved details, subscriptions",
    )
    yield (
        "The target acts against a supporter",
        "a warning before the first question where countries are at risk; the address can be"
        " hidden",
        "the target has the name and the country, and keeps them as it likes",
    )
    yield (
        "Somebody sees the supporter's phone",
        "discreet chats clear themselves; messages of the last 48 hours can be deleted",
        "what the chat still shows, saved files, what Telegram keeps",
    )
    yield (
        "A member of the team misuses a role, or loses a phone",
        f"broadcasts to more than {settings.telegram.second_eyes_above} people need approval; no"
        " command shows names; roles end; an audit log",
        "smaller broadcasts",
    )
    yield from _risks_of_settings(settings)
    for campaign in campaigns:
        yield from _risks_of_campaign(campaign)


def _risks_of_settings(settings: Settings) -> Iterator[tuple[str, str, str]]:
    if settings.database.insecure_database:
        yield (
            "Somebody between bot and database reads or changes the traffic",
            "values are encrypted before they are stored",
            "insecure_database is true: a false server is not noticed",
        )
    if not settings.mail.reads_replies:
        yield (
            "Somebody gives another person's address",
            "a code is emailed before a letter is sent",
            "replies don't reach the bot, so the owner can't answer “this wasn't me”",
        )
    if settings.figures.small_countries:
        yield (
            "Figures show that somebody in a small country acted",
            "figures have no names",
            "small_countries is true: counts below five are shown",
        )


def _risks_of_campaign(campaign: Campaign) -> Iterator[tuple[str, str, str]]:
    slug = campaign.slug
    if campaign.allow_letters_in_other_peoples_names:
        yield (
            f"{slug}: letters are sent in other people's names",
            "limits for each account",
            "allow_letters_in_other_peoples_names is true: addresses are not confirmed",
        )
    if not campaign.at_risk:
        yield (
            f"{slug}: people at risk are not warned",
            "“Is it safe for me?” answers",
            "at_risk names no country",
        )
    if campaign.discreet == "off":
        yield (f"{slug}: traces on the phone", "messages can be deleted", "discreet is off")
    if campaign.archive == "sealed":
        yield (
            f"{slug}: the archive's private key or its exports are stolen",
            "only that key opens the archive; it is not on the server",
            "[who has the private key, and where exports are kept]",
        )
    if campaign.forward == "full":
        yield (
            f"{slug}: a reply harms its reader",
            "replies are limited and their HTML is sanitised",
            "forward is full: attachments are passed on",
        )
    if campaign.copies:
        yield (
            f"{slug}: somebody reads a supporter's mailbox",
            "copies go to confirmed addresses only, and only if asked for",
            "copies is true: a copy of the letter may be in the mailbox",
        )
