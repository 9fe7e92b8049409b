"""What `check` looks at without talking to anyone: settings and campaigns."""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from bot import settings, signing
from bot.errors import Mistaken
from bot.settings import Settings
from bot.sources import Place, Source, find
from conversations.loading import FILE, SCHEMA, Loaded, load_all, schema, stamp
from conversations.mistakes import Mistake

SKELETON = Path(__file__).parent / "skeleton"
_SLUG = re.compile(r"[a-z0-9-]{1,30}")


def everything(environment: Mapping[str, str]) -> tuple[Mistake, ...]:
    """Return every mistake in settings and campaigns, and in the key that signs mail."""
    source = find(environment)
    given, mistakes = Settings.read(source)
    if given is not None:
        mistakes = tuple(_in_signing(given, source))
    folder = settings.campaigns_folder(environment)
    if folder is None:
        return mistakes
    loaded = load_all(folder)
    if not loaded:
        mend = "Make one: actionbot campaign new my-campaign"
        return (*mistakes, Mistake("There is no campaign.", mend, folder.name))
    told = (mistake for each in loaded for mistake in each.mistakes)
    return (*mistakes, *told, *_unowned(given, loaded))


def _unowned(given: Settings | None, loaded: tuple[Loaded, ...]) -> Iterator[Mistake]:
    """Yield which campaigns want letters to come from domains that the settings do not name."""
    if given is None or given.mail.own_domains:
        return
    for each in loaded:
        if each.campaign and each.campaign.identity == "own":
            what = "No domain is known to be yours, so all go by relay."
            mend = "Name your domains in actionbot.toml: [mail] own_domains"
            yield Mistake(what, mend, f"{each.folder}/{FILE} identity", grave=False)


def _in_signing(given: Settings, source: Source) -> Iterator[Mistake]:
    """Yield what is wrong with the key that signs mail, where the settings name it."""
    try:
        signing.open_signer(given.mail)
    except Mistaken as mistaken:
        where = source.where(Place("mail", "dkim_key"))
        yield from (replace(each, where=where) for each in mistaken.mistakes)


def check_slug(slug: str) -> str:
    """Return `slug` if it can name a campaign. Raises Mistaken."""
    if not _SLUG.fullmatch(slug):
        raise Mistaken(f"“{slug}” is no short name.", mend="Use 1 to 30 of a-z, 0-9 and hyphens.")
    return slug


def make_campaign(folder: Path, slug: str) -> Path:
    """Make a campaign to start from; return its folder. Raises Mistaken."""
    home = folder / check_slug(slug)
    if home.exists():
        raise Mistaken(f"{home} exists already.", mend="Choose another name.")
    shutil.copytree(SKELETON, home)
    file = home / "campaign.toml"
    content = file.read_text(encoding="utf-8")
    file.write_text(content.replace("my-campaign", slug), encoding="utf-8")
    (folder / SCHEMA).write_text(schema(), encoding="utf-8")
    return home


def stamp_translations(folder: Path, slug: str) -> tuple[Path, ...]:
    """Note in a campaign's translations that they are up to date; return which. Raises Mistaken."""
    home = folder / slug
    if not (home / FILE).is_file():
        known = ", ".join(path.parent.name for path in sorted(folder.glob(f"*/{FILE}")))
        raise Mistaken(f"There is no campaign “{slug}”.", mend=f"There are: {known or 'none'}")
    try:
        return stamp(home)
    except (KeyError, ValueError, TypeError):
        raise Mistaken("Its file has mistakes.", mend="Type: actionbot check") from None
