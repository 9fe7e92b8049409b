"""Changes of a campaign are told under the names that the editor has for texts and settings."""

import pytest

from conversations.admin.audit_log import AuditEntry, line
from conversations.admin.change_words import place_in_words, say_changes
from conversations.core.effects.base import AuditedAction
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.edits.changes import find_changes
from conversations.model.campaigns import settings
from conversations.model.campaigns.campaign import CampaignFile, TargetDefaults
from conversations.model.campaigns.campaign_questions import OwnQuestion
from conversations.model.campaigns.targets import Target
from conversations.model.campaigns.text_headings import HEADINGS
from conversations.model.campaigns.versions import Change
from conversations.text.html import plain
from conversations.text.languages import offered
from conversations.text.wording import Wording
from tests.conversations.editing.bench import NOW

STAFF = [each for each in offered() if Wording(each).label("edit.set_goal") != "Goal"]
NAMED = {"en": "Mayor"}


def place(wording: Wording, part: str, file: str = "campaign.toml") -> str:
    return place_in_words(wording, Change(file, part, "", "", NAMED))


@pytest.mark.parametrize("language", ["en", *STAFF])
def test_every_key_has_the_name_that_the_editor_shows(language: str) -> None:
    wording = Wording(language)

    def named(setting: settings.Setting) -> str:
        return wording.label(f"edit.set_{setting.key}")

    for each in settings.ALL.values():
        assert place(wording, each.key) == named(each)
    for each in settings.DEFAULTS:
        table = wording.label("edit.group_table")
        assert place(wording, f"target_defaults.{each.key}") == f"{table}: {named(each)}"
    for array, listed in (("targets", settings.TARGET), ("questions", settings.QUESTION)):
        for each in listed:
            is_text = each.key in settings.IN_LANGUAGES
            part, tag = (".fr", " (Français)") if is_text else ("", "")
            shown = place(wording, f"{array}.goal.{each.key}{part}")
            assert shown == f"Mayor: {named(each)}{tag}"
    option = place(wording, "questions.goal.options.goal.fr")
    assert option == f"Mayor: {named(settings.OPTION)} (Français)"
    for code, heading in HEADINGS.items():
        shown = place(wording, heading, "fr.md")
        assert shown == f"{wording.label(f'edit.part_{code}')} (Français)"


@pytest.mark.parametrize("language", ["en", *STAFF])
def test_no_key_of_a_campaign_is_shown_as_it_is_in_the_file(language: str) -> None:
    wording = Wording(language)
    never_changes = {"slug"}
    keys = [
        *(CampaignFile.model_fields.keys() - never_changes),
        *(f"target_defaults.{key}" for key in TargetDefaults.model_fields),
        *(f"targets.mayor.{key}" for key in Target.model_fields),
        *(f"questions.mayor.{key}" for key in OwnQuestion.model_fields),
    ]
    shown = {key: place(wording, key).rpartition(": ")[2] for key in keys}
    assert [key for key, name in shown.items() if key.rpartition(".")[2] == name] == []
    columns = [f"mayor.{key}" for key in Target.model_fields]
    shown = {key: place(wording, key, "targets.csv").rpartition(": ")[2] for key in columns}
    assert [key for key, name in shown.items() if key.rpartition(".")[2] == name] == []


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    files = (CampaignFiles("river", each) for each in (before, after))
    return [plain(each) for each in say_changes(Wording("en"), find_changes(*files))]


def test_a_recipient_is_called_by_name_even_if_it_is_removed() -> None:
    block = (
        b'[[targets]]\nid = "name"\nname = { en = "The mayor", pt = "O prefeito" }\nhours = "%s"'
    )
    before, after = ({"campaign.toml": block % each} for each in (b"09:00-17:00", b"08:00-16:00"))
    assert changed(before, after) == ["• The mayor: Hours: 09:00-17:00 → 08:00-16:00"]
    assert changed(before, {"campaign.toml": b""}) == [
        "• The mayor, removed: name",
        "• The mayor: Name (English), removed: The mayor",
        "• The mayor: Name (Português), removed: O prefeito",
        "• The mayor: Hours, removed: 09:00-17:00",
    ]


def test_choices_are_told_as_the_buttons_of_the_editor_say_them() -> None:
    lines = (
        'public_counter = %s\ngoal_counts = "%s"\nkeep_until = %s\n'
        '[target_defaults]\nkind = "%s"\n[[questions]]\nid = "q"\nrequired = %s\nkind = "%s"\n'
    )
    before = lines % ("true", "letters", "2026-01-01", "company", "false", "yes_no")
    after = lines % ("false", "people", "2027-01-01", "government", "true", "text")
    assert changed(*({"campaign.toml": each.encode()} for each in (before, after))) == [
        "• Count on other sites: Yes → No",
        "• Goal counts: letters → people",
        "• Data kept until: 2026-01-01 → 2027-01-01",
        "• Defaults of the table: Kind: company → government",
        "• q: Answer required: No → Yes",
        "• q: Kind: yes or no → a text",
    ]


def test_for_people_who_edit_files_everything_is_told_as_in_the_file() -> None:
    files = (CampaignFiles("r", {"campaign.toml": each}) for each in (b"test=true", b"test=false"))
    (told,) = say_changes(Wording("en"), find_changes(*files), as_in_files=True)
    assert plain(told) == "• campaign.toml, test: true → false"


def test_rows_of_tables() -> None:
    head = b"id,name,name_pt,address\n"
    before = {"targets.csv": head + b"m1,The mayor,,mayor@city.example\n"}
    after = {"targets.csv": head + b"m1,The mayor,O prefeito,office@city.example\n"}
    assert changed(before, after) == [
        "• The mayor: Name (Português), new: O prefeito",
        "• The mayor: Address: mayor@city.example → office@city.example",
    ]
    areas = [{"areas.csv": b"prefix,area\n10,%s\n" % each} for each in (b"north", b"south")]
    assert changed(*areas) == ["• Areas: 10: north → south"]


def test_letters_are_numbered_as_in_the_editor() -> None:
    before = {"en.md": b"# Letter\n\nOne\n\n# Letter 3\n\nTwo\n\n# More\n\nOld\n"}
    after = {"en.md": before["en.md"].replace(b"Two", b"Three").replace(b"Old", b"New")}
    assert changed(before, after) == [
        "• Letter 2 (English): Two → Three",
        "• More of the story (English): Old → New",
    ]


def test_what_nobody_knows_is_named_as_in_the_file() -> None:
    wording = Wording("en")
    assert place(wording, "former_key") == "former_key"
    assert place(wording, "targets.mayor.former_key") == "Mayor: former_key"
    assert place(wording, "Heading", "notes.md") == "Heading (notes)"
    assert place(wording, "", "photo.jpg") == "photo.jpg"


@pytest.mark.parametrize(
    ("noted", "shown"),
    [
        ("goal", "Ziel"),
        ("en: Share", "Text zum Teilen (English)"),
        ("targets.mayor.address", "mayor: Adresse"),
        ("version 3", "version 3"),
        ("campaign.toml, en.md", "campaign.toml, en.md"),
        ("areas.csv, targets.csv", "areas.csv, targets.csv"),
    ],
)
def test_the_log_uses_the_same_names(noted: str, shown: str) -> None:
    entry = AuditEntry(NOW, "Olga", AuditedAction("edited_campaign", "river", noted))
    said = plain(line(Wording("de"), entry))
    assert said.endswith(f": {shown}")
