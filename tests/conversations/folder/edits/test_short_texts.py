"""Names of targets and texts of questions: which translations are older than their original."""

from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.edits.short_texts import note_changes, read_short_texts
from conversations.folder.edits.tables import set_cell
from conversations.folder.edits.translation_marks import (
    changed_texts,
    mark_current,
    with_changed_texts,
)

TOML = """languages = ["en", "pt"]

[[targets]]
id = "minister"
name = { en = "the Minister", pt = "o Ministro" }

[[questions]]
id = "river"
label = { en = "River", pt = "Rio" }
options = { upper = { en = "Upper", pt = "" } }
"""
TABLE = "id,name_en,name_pt\nana,Ana,Ana\nrui,Rui,\n"


def files(toml: str = TOML, table: str = TABLE, pt: str = "# Title\n\nO rio\n") -> CampaignFiles:
    content = {"campaign.toml": toml, "targets.csv": table, "en.md": "# Title\n", "pt.md": pt}
    return CampaignFiles("river", {name: text.encode() for name, text in content.items()})


def outdated(campaign: CampaignFiles) -> list[str]:
    return [each.name for each in read_short_texts(campaign).outdated_in("pt")]


def marked(campaign: CampaignFiles) -> list[str]:
    return list(changed_texts(campaign.text("pt.md")[0]))


def test_what_is_missing_is_outdated() -> None:
    assert outdated(files()) == ["targets.rui.name", "questions.river.options.upper"]
    common = files(table="id,name\nana,Ana\n")
    assert outdated(common) == ["questions.river.options.upper"], "the name holds in all languages"
    assert outdated(files(toml="languages = 3")) == []
    assert outdated(files(table="no table")) == ["questions.river.options.upper"]


def test_a_changed_original_is_noted_until_it_or_the_translation_follows() -> None:
    before = files()
    changed = note_changes(before, files(toml=TOML.replace("the Minister", "the Secretary")))
    assert marked(changed) == ["targets.minister.name"]
    assert "targets.minister.name" in outdated(changed)
    note = changed.text("pt.md")[0]
    back = note_changes(changed, files(pt=note))
    assert (marked(back), back.text("pt.md")[0]) == ([], "# Title\n\nO rio\n")
    secretary = TOML.replace("the Minister", "the Secretary").replace("o Ministro", "o Secretário")
    followed = note_changes(changed, files(toml=secretary, pt=note))
    assert marked(followed) == []
    gone = TOML.replace("[[targets]]", "").replace('id = "minister"', "")
    assert marked(note_changes(changed, files(toml=gone, pt=note))) == []


def test_another_table_is_compared_too() -> None:
    changed = note_changes(files(), files(table=TABLE.replace("ana,Ana,Ana", "ana,Dr Ana,Ana")))
    assert marked(changed) == ["targets.ana.name"]
    assert note_changes(files(), files()) == files()


def test_notes_stay_beside_those_of_sections() -> None:
    noted = with_changed_texts("# Title\n\nO rio\n", {"targets.ana.name": "0" * 8, "a b": "1" * 8})
    assert noted == '---\nchanged = "targets.ana.name 00000000"\n---\n# Title\n\nO rio\n'
    current = mark_current("# Title\n\nThe river\n", noted, "Title")
    assert current.startswith("---\ntranslates = ")
    assert changed_texts(current) == {"targets.ana.name": "0" * 8}
    assert 'changed = "' not in with_changed_texts(current, {})


def test_a_cell_is_written() -> None:
    table = TABLE.replace(",", ";").encode()
    assert set_cell("targets.csv", table, "rui", "name_pt", "Rui; o Alto") == (
        b'id;name_en;name_pt\nana;Ana;Ana\nrui;Rui;"Rui; o Alto"\n'
    )
    assert set_cell("targets.csv", TABLE.encode(), "ana", "name_es", "Ana") == (
        b"id,name_en,name_pt,name_es\nana,Ana,Ana,Ana\nrui,Rui,,\n"
    )
    assert set_cell("targets.csv", TABLE.encode(), "eva", "name_pt", "Eva") is None
    assert set_cell("targets.csv", b"", "ana", "name_pt", "Ana") is None
