"""Files that are sent while a campaign is edited: a text such as pt.md, or the whole campaign."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from conversations.core.context import Context, Turn
from conversations.core.events import Event, MediaSent, SentFile
from conversations.core.fact_requests import Fact
from conversations.core.replies import Say
from conversations.core.turns import show
from conversations.editing.changes.edits import SetValue, languages_of, text_of
from conversations.editing.draft import EditRefused
from conversations.editing.views import pages
from conversations.editing.workbench import load
from conversations.folder.campaign_files import CAMPAIGN_FILE, CampaignFiles
from conversations.folder.edits.translation_marks import keep_marks
from conversations.model.mistakes import Mistake
from conversations.model.staff_inputs import AdminInput, AwaitedInput


@dataclass(frozen=True)
class FilesInUpload(Fact[CampaignFiles | Mistake]):
    """The files of a campaign that were sent, or why they can't be used."""

    file: SentFile


@dataclass(frozen=True)
class ReplaceFiles:
    """Put other files in the place of some of a campaign's, or of all."""

    content: tuple[tuple[str, bytes], ...] = field(repr=False)
    """The name and the content of each file."""

    def apply(self, files: CampaignFiles) -> CampaignFiles:
        """Return the files after the change. A campaign's own facts take the place of all files.

        A new language is added to the campaign's. Translations that aren't sent note first which of
        their sections were current. Raises EditRefused.
        """
        sent = dict(self.content)
        is_whole = len(sent) > 1 and CAMPAIGN_FILE in sent
        content = sent if is_whole else {**_with_marks(files, sent), **sent}
        after = CampaignFiles(files.name, content)
        listed = languages_of(after)
        new = [name.removesuffix(".md") for name in sent if name.endswith(".md")]
        if not is_whole and listed and (others := [each for each in new if each not in listed]):
            return SetValue(("languages",), (*listed, *others)).apply(after)
        return after


def _with_marks(files: CampaignFiles, sent: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the content of files whose translations note what was current, if that changes."""
    content = dict(files.content)
    first, *others = languages_of(files) or ("",)
    if f"{first}.md" not in sent:
        return content
    for each in others:
        if f"{each}.md" in content:
            marked = keep_marks(text_of(files, first), text_of(files, each))
            content[f"{each}.md"] = marked.encode()
    return content


def typed(context: Context, awaits: AwaitedInput, event: Event) -> Turn | None:
    """Take a file that is sent on the first page of the editor; None for other events.

    Raises FactMissing.
    """
    match event:
        case MediaSent(file=file) if file is not None:
            found = context.fact(FilesInUpload(file))
        case _:
            return None
    if isinstance(found, Mistake):
        text = context.wording.say("new.refused", problem=found.problem, fix=found.fix)
        return show(context, text)
    if found.name and found.name != awaits.campaign:
        text = context.wording.say("new.other", slug=found.name)
        return show(context, text)
    return replace_files(context, awaits.campaign, found)


def replace_files(context: Context, slug: str, files: CampaignFiles) -> Turn:
    """Put files that were sent into the draft of a campaign, and show what they change."""
    bench = load(context, slug)
    if bench is None:
        return show(context, context.wording.say("edit.gone"))
    after = bench.after(ReplaceFiles(tuple(sorted(files.content.items()))))
    if after.draft.refused is not None:
        why: EditRefused = after.draft.refused
        return show(context, context.wording.say(why.key, **why.values))
    if after.draft.files == bench.draft.files:
        return show(context, context.wording.say("edit.same"))
    before = bench.draft.files.content
    changed = {name for name, each in files.content.items() if before.get(name) != each}
    names = ", ".join(sorted(changed or files.content))
    said = pages.home_message(after, context.wording.say("edit.saved", name=names))
    journey = context.journey.awaiting(AwaitedInput(AdminInput.CAMPAIGN_FILES, slug))
    return Turn(journey, (Say(said.text, said.keyboard),), (after.save(names),))
