"""A campaign's draft together with the context of the event that is about it."""

from dataclasses import dataclass, replace

from conversations.admin.change_words import shorten_name
from conversations.core.buttons.campaigns import EditAction, EditButton
from conversations.core.context import Context
from conversations.core.effects.campaigns import SaveCampaignDraft
from conversations.core.replies import PersistentButton
from conversations.editing.changes.block_codes import code_of, text_code
from conversations.editing.changes.edits import languages_of, text_of
from conversations.editing.draft import CampaignDraft, Draft, Edit
from conversations.editing.parts import (
    NewPart,
    Part,
    PicturePart,
    RowPart,
    SettingPart,
    TextPart,
    find_part,
)
from conversations.folder.edits.section_editing import read_sections
from conversations.folder.edits.short_texts import ShortText
from conversations.folder.formats.toml_file import QUESTIONS, TARGETS
from conversations.model.campaigns.campaign_questions import in_language
from conversations.model.campaigns.settings import IN_LANGUAGES
from conversations.model.roles import Role
from conversations.text.languages import own_name

MAX_TITLE = 100
"""How many characters of a draft's title are shown."""

REVISION_DIGITS = 8
"""How many digits of a draft's revision a button carries."""


@dataclass(frozen=True)
class Workbench:
    """A draft, and the context of the event that is about it."""

    context: Context
    slug: str
    draft: Draft

    def after(self, edit: Edit) -> "Workbench":
        """Return what the draft becomes after an edit. Raises FactMissing."""
        found = self.context.fact(CampaignDraft(self.slug, edit))
        return self if found is None else replace(self, draft=found)

    def save(self, what: str) -> SaveCampaignDraft:
        """Return the effect that saves the draft; `what` says in the audit log what changed."""
        draft = self.draft
        name = self.context.facts.profile_name
        content = draft.files.content
        return SaveCampaignDraft(self.slug, content, draft.base, draft.revision, name, what)

    def find_part(self, code: str, language: str) -> Part | None:
        """Return the part with a code, also a name of targets.csv; None if there is none."""
        text = self.draft.text_codes.get(code)
        if text is None or not text.in_table:
            return find_part(self.draft.files, code, language)
        tag = language or next(iter(languages_of(self.draft.files)), "")
        return RowPart(code, text.path[1], tag, text.texts.get(tag, ""))

    def part_of(self, text: ShortText, language: str) -> Part | None:
        """Return the part that a short text is in a language."""
        return self.find_part(text_code(text), language)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the campaign, the original first, and those that were begun."""
        files = self.draft.files
        return tuple(dict.fromkeys((*languages_of(files), *files.languages)))

    def outdated_texts(self, language: str) -> tuple[ShortText, ...]:
        """Return the names and texts of questions that a language lacks, or that are older."""
        return self.draft.texts.outdated_in(language)

    @property
    def title(self) -> str:
        """The title in the draft's original; the slug if it has none."""
        files = self.draft.files
        first = next(iter(languages_of(files)), "")
        return read_sections(text_of(files, first)).get("Title", "")[:MAX_TITLE] or self.slug

    @property
    def is_admin(self) -> bool:
        """Whether the person is an admin."""
        return self.context.facts.role is Role.ADMIN

    @property
    def revision(self) -> str:
        """The first digits of the draft's revision, as buttons carry them."""
        return self.draft.revision[:REVISION_DIGITS]

    @property
    def last_editor(self) -> str:
        """The name of the person who changed the draft last; "" if that is this person."""
        last = self.draft.editors[-1] if self.draft.editors else None
        is_other = last is not None and last.member != self.context.facts.member_id
        return last.name if last is not None and is_other else ""

    def button(
        self,
        key: str,
        action: EditAction,
        part: str = "",
        *,
        language: str = "",
        page: int = 1,
        mark: str = "",
    ) -> PersistentButton:
        """Return a button of the editor, labelled with the text of `key` after `mark`."""
        data = EditButton(action, self.slug, language, part, page)
        return PersistentButton(f"{mark}{self.context.wording.label(key)}", data)

    def name_of(self, array: str, id_: str) -> str:
        """Return the name of a recipient, or the label of a question; the id if it has none."""
        key = "name" if array == TARGETS else "label"
        found = self.draft.text_codes.get(f"{code_of(array, id_)}.{key}")
        texts = {tag: text for tag, text in found.texts.items() if text} if found else {}
        return shorten_name(in_language(texts, self.context.wording.reads) if texts else id_)

    def label_of(self, part: Part) -> str:
        """Return the name of a part, in the language of this chat."""
        label = self.context.wording.label
        match part:
            case TextPart(code, _, _) if code[:1] in "sl" and (code[1:].isdigit() or "+" in code):
                return label(f"edit.part_{code[0]}", number=code[1:])
            case TextPart(code, _, heading):
                return label(f"edit.part_{code}") if code else heading
            case SettingPart(_, setting, path):
                name = label(f"edit.set_{setting.key}")
                in_block = path[0] in (TARGETS, QUESTIONS)
                return f"{self.name_of(path[0], path[1])}: {name}" if in_block else name
            case RowPart(_, target, _, _):
                return f"{self.name_of(TARGETS, target)}: {label('edit.set_name')}"
            case PicturePart():
                return label("edit.part_picture")
            case NewPart(code, _, _):
                return label(f"edit.part_new_{code.rpartition('.')[2][0]}")

    def place_of(self, part: Part) -> str:
        """Return the name of a part, with its language if the campaign has several."""
        name = self.label_of(part)
        several = len(languages_of(self.draft.files)) > 1
        match part:
            case TextPart(_, language, _) | RowPart(_, _, language, _) if several:
                return f"{name} ({own_name(language)})"
            case SettingPart(_, setting, path) if several and setting.key in IN_LANGUAGES:
                return f"{name} ({own_name(path[-1])})"
            case _:
                return name

    @property
    def is_live(self) -> bool:
        """Whether supporters' letters go to the real targets now."""
        return self.slug in self.context.deployment.campaigns and not self.context.tests(self.slug)


def load(context: Context, slug: str, edit: Edit | None = None) -> Workbench | None:
    """Return a campaign's draft, or what an edit makes of it; None if there is none."""
    draft = context.fact(CampaignDraft(slug, edit))
    return None if draft is None else Workbench(context, slug, draft)
