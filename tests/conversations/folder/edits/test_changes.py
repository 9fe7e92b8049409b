"""What a version of a campaign changes, as campaigners read it."""

from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.edits.changes import find_changes
from conversations.model.campaigns.versions import Change

TOML = """
slug = "river"
goal = 3000
languages = ["en", "pt"]

[[targets]]
id = "mayor"
address = "mayor@town.example"
[targets.name]
en = "the mayor"
"""
TEXTS = "# Title\n\nSave the river\n\n# Story\n\nIt is clean.\n"


def files(toml: str = TOML, **others: bytes) -> CampaignFiles:
    texts = {"en.md": TEXTS.encode(), **{name.replace("_", "."): b for name, b in others.items()}}
    return CampaignFiles("river", {"campaign.toml": toml.encode(), **texts})


def test_settings_are_compared_key_by_key() -> None:
    changed = (
        TOML.replace("3000", "5000")
        .replace('"en", "pt"', '"en"')
        .replace("mayor@town", "office@town")
        .replace("the mayor", "the mayor of the town")
    )
    named = {"en": "the mayor of the town"}
    assert find_changes(files(), files(changed)) == (
        Change("campaign.toml", "goal", "3000", "5000"),
        Change("campaign.toml", "languages", "en, pt", "en"),
        Change(
            "campaign.toml",
            "targets.mayor.address",
            "mayor@town.example",
            "office@town.example",
            named,
        ),
        Change("campaign.toml", "targets.mayor.name.en", "the mayor", named["en"], named),
    )


def test_texts_are_compared_heading_by_heading() -> None:
    changed = TEXTS.replace("the river", "our river") + "# More\n\nFish.\n"
    assert find_changes(files(), files(en_md=changed.encode())) == (
        Change("en.md", "Title", "Save the river", "Save our river"),
        Change("en.md", "More", "", "Fish."),
    )


def test_letters_and_subjects_are_numbered() -> None:
    before = b"# Letter\n\nOne\n\n# Letter 3\n\nTwo\n"
    after = before.replace(b"Two", b"Three") + b"\n# Subject\n\nRiver\n"
    assert find_changes(files(en_md=before), files(en_md=after)) == (
        Change("en.md", "Letter 3", "Two", "Three", number=2),
        Change("en.md", "Subject", "", "River", number=1),
    )


def test_pictures_and_whole_files() -> None:
    before, after = files(picture_png=b"1"), files(picture_png=b"2", pt_md=b"# Title\n\nRio\n")
    assert find_changes(before, after) == (
        Change("picture.png", "", "", ""),
        Change("pt.md", "", "", ""),
    )


def test_spaces_alone_are_no_change() -> None:
    assert find_changes(files(), files(TOML + "\n# a note\n")) == ()


def test_questions_are_compared_as_targets_are() -> None:
    question = '\n[[questions]]\nid = "bank"\n[questions.options]\nleft = { en = "Left" }\n'
    changed = question.replace('"Left"', '"The left bank"')
    assert find_changes(files(TOML + question), files(TOML + changed)) == (
        Change("campaign.toml", "questions.bank.options.left.en", "Left", "The left bank"),
    )


def test_tables_are_compared_row_by_row() -> None:
    before = "id,name,address,areas\nana,Ana,ana@a.example,Braga\nbela,Bela,bela@a.example,\n"
    after = "id;name;address;areas\ncaio;Caio;caio@a.example;\nana;Ana;ana@b.example;\n"
    changes = find_changes(
        files(targets_csv=before.encode()), files(targets_csv=after.encode("utf-8-sig"))
    )
    assert changes == (
        Change("targets.csv", "caio", "", "Caio, caio@a.example", {"": "Caio"}),
        Change("targets.csv", "ana.address", "ana@a.example", "ana@b.example", {"": "Ana"}),
        Change("targets.csv", "ana.areas", "Braga", "", {"": "Ana"}),
        Change("targets.csv", "bela", "Bela, bela@a.example", "", {"": "Bela"}),
    )


def test_a_table_that_cannot_be_read_changes_as_a_whole() -> None:
    before, twice = b"id,name\nana,Ana\n", b"id,name\nana,Ana\nana,Eva\n"
    assert find_changes(files(targets_csv=before), files(targets_csv=twice)) == (
        Change("targets.csv", "", "", ""),
    )
