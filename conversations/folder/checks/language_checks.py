"""Check the languages that `campaign.toml` names: those of the campaign and those of the bot."""

from collections.abc import Callable, Iterator

from conversations.model.campaigns.campaign import CampaignFile
from conversations.model.mistakes import Mistake, suggest
from conversations.text.languages import is_reviewed, match, offered, own_name


def check_languages(file: CampaignFile, locate: Callable[[str], str]) -> Iterator[Mistake]:
    """Yield tags that mean nothing here, and languages that supporters won't see as written."""
    yield from _untranslated(file, locate)
    yield from _unknown(file, locate)
    yield from _not_offered(file, locate)


def _untranslated(file: CampaignFile, locate: Callable[[str], str]) -> Iterator[Mistake]:
    """Yield the campaign's languages in which the bot itself says nothing."""
    for language in file.languages:
        if match(language, offered()) is None:
            fallback = match(file.fallback, offered()) if file.fallback else None
            problem = (
                f"The bot isn't translated into “{language}” yet; "
                f"its own messages will be in {_english_name(fallback)}."
            )
            fix = "Translate its catalogue, or set fallback to another language."
            yield Mistake(problem, fix, locate("languages"), is_error=False)


def _english_name(language: str | None) -> str:
    return f"“{language}” ({own_name(language)})" if language else "English"


def _unknown(file: CampaignFile, locate: Callable[[str], str]) -> Iterator[Mistake]:
    """Yield tags of languages that neither the campaign nor the bot has."""
    if file.fallback and match(file.fallback, offered()) is None:
        problem = f"The bot isn't translated into “{file.fallback}”."
        yield Mistake(problem, suggest(file.fallback, offered()), locate("fallback"))
    known = tuple(dict.fromkeys((*file.languages, *offered())))
    for language in file.accept_unreviewed:
        if language not in known:
            problem = f"“{language}” is a language of neither the campaign nor the bot."
            yield Mistake(problem, suggest(language, known), locate("accept_unreviewed"))


def _not_offered(file: CampaignFile, locate: Callable[[str], str]) -> Iterator[Mistake]:
    """Yield the campaign's languages that nobody can choose: see `spoken.may_be_offered`."""
    if not file.at_risk:
        return
    for language in file.languages[1:]:
        if not is_reviewed(language) and language not in file.accept_unreviewed:
            problem = (
                f"Supporters can't choose “{language}”: with at_risk, the bot's messages must have "
                "been checked by a native speaker."
            )
            fix = f'Have them checked, or add "{language}" to accept_unreviewed.'
            yield Mistake(problem, fix, locate("languages"), is_error=False)
