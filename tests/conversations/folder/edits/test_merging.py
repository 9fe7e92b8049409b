"""Two people change one campaign: what they changed is put together, and no change is lost."""

from hypothesis import given
from hypothesis import strategies as st

from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.edits.merging import merge

TEXTS = '---\ntranslates = "1"\n---\n# Title\n\nSave the river\n\n# Story\n\nIt is clean.\n'


def files(**content: str) -> CampaignFiles:
    return CampaignFiles(
        "river", {name.replace("_", "."): each.encode() for name, each in content.items()}
    )


def test_changes_of_different_files_and_sections_are_put_together() -> None:
    base = files(campaign_toml="goal = 1", en_md=TEXTS)
    mine = files(campaign_toml="goal = 2", en_md=TEXTS.replace("clean", "dirty"))
    newest = files(campaign_toml="goal = 1", en_md=TEXTS.replace("the river", "our river"))
    both = TEXTS.replace("clean", "dirty").replace("the river", "our river")
    merged = merge(base, mine, newest)
    assert merged.files == files(campaign_toml="goal = 2", en_md=both)
    assert merged.conflicts == ()


def test_what_both_changed_stays_as_in_the_folder_and_is_named() -> None:
    base = files(campaign_toml="goal = 1", en_md=TEXTS)
    mine = files(campaign_toml="goal = 2", en_md=TEXTS.replace("clean", "dirty"))
    newest = files(campaign_toml="goal = 3", en_md=TEXTS.replace("clean", "dry"))
    merged = merge(base, mine, newest)
    assert merged.files == mine
    assert merged.conflicts == ("campaign.toml: goal", "en.md: Story")


def test_new_and_removed_files_and_sections() -> None:
    base = files(en_md=TEXTS, pt_md="# Título\n\nSalvem o rio\n")
    mine = files(en_md=TEXTS + "# More\n\nFish.\n", pt_md="# Título\n\nSalvem o rio\n")
    newest = files(en_md=TEXTS.replace("clean", "dry"), es_md="# Título\n\nSalven el río\n")
    merged = merge(base, mine, newest)
    en = TEXTS.replace("clean", "dry") + "# More\n\nFish.\n"
    assert merged.files == files(en_md=en, es_md="# Título\n\nSalven el río\n")
    assert merged.conflicts == ()


def test_a_file_that_one_removed_and_the_other_changed_is_a_conflict() -> None:
    base, newest = files(pt_md="# Título\n\nRio\n"), files(pt_md="# Título\n\nO rio\n")
    assert merge(base, files(), newest).conflicts == ("pt.md",)


SECTION = st.tuples(st.sampled_from(["# A", "# B", "## C"]), st.text("xy\n", max_size=4))
FILE = st.lists(SECTION, max_size=5).map(
    lambda parts: "".join(f"{heading}\n{text}\n" for heading, text in parts)
)


@given(FILE, FILE)
def test_one_change_alone_is_taken_whole(before: str, after: str) -> None:
    base, changed = files(en_md=before), files(en_md=after)
    assert merge(base, changed, base).files == changed
    assert merge(base, base, changed).files == changed
    assert merge(base, changed, changed).files == changed


TABLE = (
    "id,name,address\nana,Ana,ana@a.example\nbela,Bela,bela@a.example\ncaio,Caio,caio@a.example\n"
)


def test_rows_of_tables_are_put_together() -> None:
    mine = TABLE.replace("ana@a", "ana@b").replace("caio,Caio,caio@a.example\n", "")
    mine += "dora,Dora,dora@a.example\n"
    newest = TABLE.replace("address\n", "address,areas\n").replace(",Ana,", ",Ana Silva,")
    newest += "eva,Eva,eva@a.example,Braga\n"
    merged = merge(files(targets_csv=TABLE), files(targets_csv=mine), files(targets_csv=newest))
    assert merged.files == files(
        targets_csv="id,name,address,areas\nana,Ana Silva,ana@b.example,\n"
        "bela,Bela,bela@a.example,\neva,Eva,eva@a.example,Braga\ndora,Dora,dora@a.example,\n"
    )
    assert merged.conflicts == ()


def test_cells_and_rows_that_both_changed_are_named() -> None:
    mine = TABLE.replace("ana@a", "ana@b").replace("bela,Bela,bela@a.example\n", "")
    newest = TABLE.replace("ana@a", "ana@c").replace("bela@a", "bela@c")
    merged = merge(files(targets_csv=TABLE), files(targets_csv=mine), files(targets_csv=newest))
    assert merged.files == files(targets_csv=mine)
    assert merged.conflicts == ("targets.csv: ana.address", "targets.csv: bela")


def test_a_table_with_a_row_twice_is_not_merged() -> None:
    mine = f"{TABLE}ana,Ana,ana@a.example\n"
    newest = TABLE.replace("ana@a", "ana@c")
    merged = merge(files(targets_csv=TABLE), files(targets_csv=mine), files(targets_csv=newest))
    assert merged.files == files(targets_csv=mine)
    assert merged.conflicts == ("targets.csv",)
