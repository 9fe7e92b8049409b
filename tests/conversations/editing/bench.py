"""A person who edits the sample campaign, without a database."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conversations.broadcasts.draft_facts import OwnTimezone
from conversations.core.context import Context, Turn
from conversations.core.effects.campaigns import SaveCampaignDraft
from conversations.core.events import Event, PersistentButtonPressed
from conversations.core.fact_requests import CountriesMatching, Fact, TeamMembers, UploadedFile
from conversations.core.facts import Deployment, Facts
from conversations.core.replies import Button, EditMessage, PersistentButton, Say
from conversations.editing.changes.block_codes import text_code
from conversations.editing.changes.edits import languages_of
from conversations.editing.draft import CampaignDraft, Draft, EditRefused
from conversations.folder.campaign_files import CampaignFiles, read_folder
from conversations.folder.edits.changes import find_changes
from conversations.folder.edits.short_texts import note_changes, read_short_texts
from conversations.folder.loading import load_files
from conversations.model.journey import Journey
from conversations.model.roles import Role
from conversations.staff_router import advance
from conversations.text import countries
from conversations.text.html import plain

NOW = datetime(2027, 5, 14, 12, tzinfo=UTC)
SAMPLE = Path(__file__).parents[3] / "conversations" / "campaigns" / "hong-kong"
LONGEST_SLUG = "rights-with-the-longest-name-1"


def sample(slug: str = LONGEST_SLUG) -> CampaignFiles:
    """Return the sample's files under another slug."""
    files = read_folder(SAMPLE)
    toml = files.text("campaign.toml")[0].replace('slug = "hong-kong"', f'slug = "{slug}"')
    return CampaignFiles(slug, {**files.content, "campaign.toml": toml.encode()})


TABLE = (
    b"id,name,address,country,languages,for_countries\n"
    b"mayor,the Mayor,mayor@city-hk.example,HK,en,MO\n"
)
"""A `targets.csv` of the sample."""


def with_question() -> bytes:
    """Return the sample's campaign.toml with a question of its own."""
    files = sample()
    said = ", ".join(f'{tag} = "{{0}}"' for tag in languages_of(files))

    def text(typed: str) -> str:
        return f"{{ {said.replace('{0}', typed)} }}"

    return f"""{files.text("campaign.toml")[0]}
[[questions]]
id = "the-question-with-a-long-id"
kind = "choice"
label = {text("Topic")}
text = {text("Which one?")}
purpose = {text("The letter names it.")}
options = {{ a = {text("Rivers")}, b = {text("Forests")} }}
""".encode()


class Bench(dict[Fact[Any], Any]):
    """What the editor asks for, and a chat with it."""

    def __init__(self, files: CampaignFiles | None = None, role: Role = Role.ADMIN) -> None:
        super().__init__()
        self.published = files or sample()
        self.files = self.published
        campaign = load_files(self.published).campaign
        assert campaign is not None
        self.deployment = Deployment({campaign.slug: campaign}, "bot", "a@b.test", "t@b.test")
        self.facts = Facts("Olga", "en", "en", role=role, member_id="a1")
        self.journey = Journey("a" * 32, "en")
        self.uploads: dict[str, bytes] = {}
        self._loaded: tuple[CampaignFiles, Draft] | None = None

    def __missing__(self, request: Fact[Any]) -> Any:
        match request:
            case CampaignDraft(_, edit):
                return self._draft(edit)
            case OwnTimezone():
                return "Asia/Taipei"
            case CountriesMatching(text, exactly=True):
                return countries.find_exact(text)
            case TeamMembers():
                return ()
            case UploadedFile(file_id, _):
                return self.uploads.get(file_id)
        raise KeyError(request)

    def _draft(self, edit: Any) -> Draft:
        """Return a draft; the same one for as long as the files are the same."""
        if edit is None and self._loaded and self._loaded[0] is self.files:
            return self._loaded[1]
        draft = self._load(edit)
        if edit is None:
            self._loaded = (self.files, draft)
        return draft

    def _load(self, edit: Any) -> Draft:
        files, refused = self.files, None
        if edit is not None:
            try:
                files = note_changes(files, edit.apply(files))
            except EditRefused as why:
                refused = why
        changes = find_changes(self.published, files)
        revision = "0123456789abcdef" if self.files is not self.published else ""
        texts = read_short_texts(files)
        codes = {text_code(each): each for each in texts.every}
        loaded = load_files(files, NOW.date())
        return Draft(
            loaded, 1, revision, changes=changes, texts=texts, text_codes=codes, refused=refused
        )

    def answer(self, event: Event) -> Turn:
        """Answer an event, and keep what it saves."""
        context = Context(self.deployment, self.journey, self.facts, NOW, 0, self)
        turn = advance(context, event)
        assert turn is not None
        self.journey = turn.journey
        for effect in turn.effects:
            if isinstance(effect, SaveCampaignDraft):
                self.files = CampaignFiles(self.files.name, effect.content)
        return turn

    def press(self, button: PersistentButton) -> Turn:
        """Press a button."""
        return self.answer(PersistentButtonPressed(button.data))


def texts_of(turn: Turn) -> list[str]:
    """Return the plain texts of a turn's messages."""
    return [plain(each.text) for each in turn.replies if isinstance(each, Say | EditMessage)]


def buttons_of(turn: Turn) -> list[Button]:
    """Return the buttons of a turn's last message."""
    keyboards = [each.keyboard for each in turn.replies if isinstance(each, Say | EditMessage)]
    return [button for row in (keyboards[-1] if keyboards else ()) for button in row]
