"""What is proposed for pages of different structure, and that no paragraph is lost."""

import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.folder.page_import.cue_words import guess_language
from conversations.folder.page_import.documents import read_document, read_pasted
from conversations.folder.page_import.page_parts import Part, Placed, Proposal, Reason
from conversations.folder.page_import.paragraphs import Kind, Paragraph
from conversations.folder.page_import.recognition import MAX_LENGTHS, propose
from tests.conversations.folder.page_import import pages

Row = tuple[str, str, str]


def proposed(text: str) -> list[Row]:
    """Return part, reason and beginning of each paragraph."""
    return rows(propose(read_pasted(text)).placed)


def proposed_page(page: Path) -> list[Row]:
    return rows(propose(read_document(page.name, page.read_bytes())).placed)


def rows(placed: Iterable[Placed]) -> list[Row]:
    return [(each.part, each.reason, each.paragraph.text[:30]) for each in placed]


def test_numbered_demands_and_a_note_on_privacy() -> None:
    assert proposed_page(pages.NUMBERED) == [
        ("label", "words", "Action"),
        ("title", "position", "Keep the night trains running"),
        ("story", "position", "Every night, eleven trains cro"),
        ("story", "position", "In March the railway announced"),
        ("more", "position", "More than 2,000 people work sh"),
        ("ask", "words", "Write to the Minister for Tran"),
        ("demands", "words", "We call on the minister to:"),
        ("demands", "list", "keep all eleven night trains u"),
        ("demands", "list", "publish the figures;"),
        ("demands", "list", "ask the villages before any ch"),
        ("left_out", "notice", "By taking action you agree tha"),
    ]


def test_demands_as_prose_with_must() -> None:
    assert proposed_page(pages.PROSE) == [
        ("title", "heading", "Stop the quarry above Lower Fe"),
        ("story", "position", "The hill above Lower Fenwick h"),
        ("story", "position", "Since April, blasting has crac"),
        ("ask", "words", "Please ask the county council "),
        ("demands", "words", "The county council must stop a"),
        ("demands", "words", "The council must publish the g"),
        ("left_out", "notice", "Data protection"),
        ("left_out", "notice", "The form is sent through our o"),
    ]


def test_no_headings_in_a_language_without_cue_words() -> None:
    assert proposed_page(pages.PLAIN_ITALIAN) == [
        ("title", "position", "Salviamo il bosco di Valfredda"),
        ("story", "position", "Il bosco di Valfredda ha trece"),
        ("story", "position", "La regione vuole abbattere la "),
        ("ask", "position", "Mandate una lettera alla presi"),
        ("demands", "list", "Alla presidente chiediamo di:"),
        ("demands", "list", "fermare l'abbattimento;"),
        ("demands", "list", "proteggere il bosco per legge;"),
        ("demands", "list", "ascoltare gli abitanti."),
    ]


def test_a_german_page_with_headings() -> None:
    assert proposed_page(pages.GERMAN) == [
        ("label", "words", "Eilaktion"),
        ("title", "heading", "Kein Gift im Trinkwasser von S"),
        ("left_out", "section", "Worum es geht"),
        ("story", "heading", "In den Brunnen von Steinfurt s"),
        ("left_out", "section", "Was ist passiert?"),
        ("story", "heading", "Im Januar hat das Labor der St"),
        ("left_out", "section", "Hintergrund"),
        ("more", "heading", "Der Hersteller wusste seit 201"),
        ("left_out", "section", "Was Sie tun können"),
        ("ask", "heading", "Schreiben Sie der Umweltminist"),
        ("left_out", "section", "Unsere Forderungen"),
        ("demands", "heading", "Das Gift wird sofort verboten."),
        ("demands", "heading", "Alle Messwerte werden veröffen"),
        ("left_out", "notice", "Datenschutz"),
        ("left_out", "notice", "Mit Ihrer Teilnahme stimmen Si"),
        ("left_out", "notice", "Ihre Daten löschen wir nach ei"),
    ]


def test_a_page_with_menus_share_buttons_and_a_form() -> None:
    found = proposed_page(pages.WITH_MENU)
    assert [row for row in found if row[1] != "site"] == [
        ("label", "words", "Urgent action"),
        ("title", "position", "Give the owls their barn back!"),
        ("story", "position", "In Marlow, a pair of barn owls"),
        ("story", "position", "The owner has had the barn sin"),
        ("ask", "words", "Sign and send the letter to th"),
        ("left_out", "section", "Our demands"),
        ("demands", "heading", "Open the windows of the barn n"),
        ("demands", "heading", "Fine the owner."),
        ("left_out", "notice", "By submitting this form you ag"),
    ]
    assert [text for part, reason, text in found if reason == "site"] == [
        *("Skip to main content", "Forest Watch", "Home", "Our work", "Get involved", "Donate"),
        *("Home > Campaigns > Owls", "Published on 3 May", "Share on Facebook", "Tweet"),
        *("WhatsApp", "First name", "Email address", "Postcode", "Send", "About us", "Contact"),
        "© Forest Watch",
    ]


def test_a_label_in_bold_and_a_sentence_about_the_sender_between_others() -> None:
    assert proposed_page(pages.BOLD_LABEL) == [
        ("label", "words", "Action"),
        ("title", "heading", "Free the teachers of Port Aldi"),
        ("story", "position", "Six teachers have been in pris"),
        ("story", "position", "They were arrested in front of"),
        ("more", "position", "The law that nobody voted for"),
        ("more", "position", "A decree of 2024 forbids all l"),
        ("left_out", "section", "Take action"),
        ("ask", "heading", "Send a letter to the governor."),
        ("left_out", "notice", "Your letter is sent in your na"),
        ("demands", "words", "The governor must:"),
        ("demands", "heading", "release the six teachers;"),
        ("demands", "heading", "lift the decree."),
        ("more", "position", "Thank you for standing with th"),
    ]


def test_a_model_letter_says_what_is_demanded() -> None:
    """The sender's own facts, addresses and the farewell are nowhere in the campaign."""
    assert proposed_page(pages.LETTER) == [
        ("label", "words", "Urgent action"),
        ("title", "position", "Reopen the harbour clinic of T"),
        ("story", "position", "The harbour clinic treated fou"),
        ("story", "position", "On 3 June the health board clo"),
        ("left_out", "section", "Why is this important?"),
        ("story", "heading", "Two women gave birth on the ro"),
        ("ask", "position", "Copy this letter, or write you"),
        ("left_out", "letter", "Health Board of Tarn Bay"),
        ("left_out", "letter", "12 Quay Street"),
        ("left_out", "letter", "Tarn Bay 4410"),
        ("left_out", "letter", "Email: board@tarnbay-health.ex"),
        ("left_out", "letter", "Phone: +44 20 7946 0000"),
        ("left_out", "letter", "Dear Dr Okafor,"),
        ("left_out", "letter", "My name is [your name] and I l"),
        ("demands", "letter", "I am deeply worried about the "),
        ("demands", "letter", "I ask you to reopen the clinic"),
        ("demands", "letter", "I also ask you to pay for the "),
        ("left_out", "notice", "I have read the privacy policy"),
        ("left_out", "letter", "Yours sincerely,"),
        ("left_out", "letter", "[Your name]"),
        ("left_out", "letter", "[Your address]"),
        ("more", "position", "The report was finished in Mar"),
        ("left_out", "notice", "By sending your letter you agr"),
    ]


def test_a_model_letter_in_chinese() -> None:
    assert proposed_page(pages.CHINESE_LETTER) == [
        ("label", "words", "緊急行動"),
        ("title", "position", "讓南灣圖書館重開"),
        ("story", "position", "南灣圖書館在四月突然關閉，三萬居民從此沒有地方借書。"),
        ("left_out", "section", "發生什麼事？"),
        ("story", "heading", "市政府說要維修，但工程至今沒有開始。"),
        ("ask", "words", "請寫信給市長，請他重開圖書館。"),
        ("left_out", "letter", "主旨：重開南灣圖書館"),
        ("left_out", "letter", "尊敬的林市長："),
        ("demands", "letter", "我是南灣的居民，得知圖書館關閉，深感憂慮。"),
        ("demands", "letter", "我請你立即公布維修計劃，並在九月前重開圖書館。"),
        ("left_out", "letter", "此致"),
        ("left_out", "letter", "敬禮"),
        ("left_out", "letter", "[你的姓名]"),
        ("left_out", "notice", "按下發送，即表示你同意我們的私隱政策。"),
    ]


def test_a_model_letter_in_french() -> None:
    assert proposed_page(pages.FRENCH_LETTER) == [
        ("title", "heading", "Sauvez la halle de Brennes"),
        ("story", "position", "La halle de Brennes abrite le "),
        ("left_out", "section", "De quoi s'agit-il ?"),
        ("story", "heading", "La vente doit être signée le 1"),
        ("left_out", "letter", "Lettre type"),
        ("left_out", "letter", "Mairie de Brennes"),
        ("left_out", "letter", "3 place du Marché"),
        ("left_out", "letter", "mairie@brennes.example"),
        ("left_out", "letter", "Madame la Maire,"),
        ("demands", "letter", "Je vous demande de suspendre l"),
        ("demands", "letter", "Le conseil doit consulter les "),
        ("left_out", "letter", "Veuillez agréer, Madame la Mai"),
        ("left_out", "letter", "[Nom et ville]"),
    ]


def test_a_letter_whose_salutation_is_on_the_line_of_its_text() -> None:
    page = (
        "Free the otters\nThe otters of Lake Ems live behind a fence.\n"
        "Dear Minister, please open the fence.\nOpen it this week.\nRespectfully, Ana Ruiz\n"
        "The fence was built in 1999."
    )
    assert proposed(page)[2:] == [
        ("left_out", "letter", "Dear Minister,"),
        ("demands", "letter", "please open the fence."),
        ("demands", "letter", "Open it this week."),
        ("left_out", "letter", "Respectfully, Ana Ruiz"),
        ("story", "position", "The fence was built in 1999."),
    ]


def test_a_greeting_to_readers_begins_no_letter() -> None:
    page = (
        "Dear friends,\nThe otters of Lake Ems live behind a fence.\nWith best regards,\n"
        "The otter team"
    )
    assert all(reason != "letter" for _, reason, _ in proposed(page))


def test_a_hostile_page_full_of_salutations_is_read_in_time() -> None:
    begun = time.monotonic()
    assert propose([Paragraph("Dear Minister,")] * 1000)
    assert time.monotonic() - begun < 5


def test_a_chinese_page() -> None:
    assert proposed_page(pages.CHINESE) == [
        ("label", "words", "行動"),
        ("title", "position", "保住青石灣的渡輪"),
        ("story", "position", "青石灣的渡輪已經行駛了六十年，島上的學生和長者每天都靠它上學"),
        ("story", "position", "上個月，運輸署宣布渡輪將於年底停航，事前沒有諮詢任何居民。"),
        ("ask", "words", "請寫信給運輸署署長。"),
        ("demands", "words", "署長必須："),
        ("demands", "list", "保留渡輪服務；"),
        ("demands", "list", "公開諮詢居民。"),
        ("left_out", "notice", "你按下發送，即表示你同意我們以你的名義發出電郵。我們按私隱政"),
    ]


@pytest.mark.parametrize(
    ("page", "language"),
    [
        (pages.NUMBERED.read_text("utf-8"), "en"),
        (pages.PROSE.read_text("utf-8"), "en"),
        (pages.WITH_MENU.read_text("utf-8"), "en"),
        (pages.BOLD_LABEL.read_text("utf-8"), "en"),
        (pages.GERMAN.read_text("utf-8"), "de"),
        (pages.CHINESE.read_text("utf-8"), "zh-Hant"),
        ("我们的渡轮已经行驶了六十年，这对学生很重要。", "zh-Hans"),
        ("El río ya no llega al mar. La ministra debe actuar para que los peces vuelvan.", "es"),
        ("O rio já não chega ao mar, e a ministra não faz nada para que os peixes voltem.", "pt"),
        ("La rivière n'arrive plus à la mer, et les poissons meurent dans les flaques.", "fr"),
        ("Les médecins promis ne sont pas arrivés dans la vallée, et la maternité ferme.", "fr"),
        (pages.PLAIN_ITALIAN.read_text("utf-8"), None),
        ("川はもう海に届きません。", None),
        ("강은 더 이상 바다에 닿지 않습니다.", None),
        ("", None),
        ("Rzeka nie dochodzi do morza.", None),
    ],
)
def test_the_language_of_a_page(page: str, language: str | None) -> None:
    assert guess_language(page) == language


@pytest.mark.parametrize(
    "sentence",
    [
        "By taking action you agree that we send an email.",
        "Replies go to our office.",
        "The letter is sent from your own address.",
        "The minister will see your email address.",
        "En participant, vous acceptez notre politique de confidentialité.",
        "Al firmar aceptas nuestra política de privacidad.",
        "Ao assinar, concorda com a nossa política de privacidade.",
        "Mit dem Absenden stimmen Sie der Datenschutzerklärung zu.",
        "您的電郵地址不會公開。",
    ],
)
def test_sentences_about_privacy_and_the_sender_are_never_imported(sentence: str) -> None:
    text = f"Save the heron pond\nThe pond dries up. {sentence}\n{sentence}\n- {sentence}\n"
    found = propose(read_pasted(text))
    kept = [each for each in found.placed if each.part is not Part.LEFT_OUT]
    assert [each.paragraph.text for each in kept] == ["Save the heron pond", "The pond dries up."]
    left_out = [each for each in found.placed if each.part is Part.LEFT_OUT]
    assert {each.reason for each in left_out} == {Reason.NOTICE}
    assert len(left_out) == 3


def test_lines_that_say_when_by_whom_and_how_many_belong_to_the_website() -> None:
    text = (
        "Save Elm Park\nBy Priya Nair, 4 March\n15 October\nOctober 15, 2026\n"
        "The park is sold, and nobody told the neighbours.\n"
        "12,345 of 15,000 signatures\nFiled under: City, Parks\n3 comments\n"
    )
    found = propose(read_pasted(text)).placed
    assert [each.paragraph.text for each in found if each.part is not Part.LEFT_OUT] == [
        "Save Elm Park",
        "The park is sold, and nobody told the neighbours.",
    ]
    assert {each.reason for each in found if each.part is Part.LEFT_OUT} == {Reason.SITE}


def test_a_heading_above_demands_is_left_out() -> None:
    page = (
        b"# Fair pay\n\nThey clean.\n\n## What they want\n\nThe board must\n\n1. pay;\n2. hire.\n"
    )
    assert ("left_out", "section", "What they want") in rows(
        propose(read_document("page.md", page)).placed
    )


def test_a_sentence_in_bold_is_no_heading() -> None:
    page = b"# Stop ParkWell!\n\n**It tracks where you drive.**\n\nA study found that out.\n"
    assert rows(propose(read_document("page.md", page)).placed) == [
        ("title", "heading", "Stop ParkWell!"),
        ("story", "position", "It tracks where you drive."),
        ("story", "position", "A study found that out."),
    ]


def test_what_readers_are_asked_to_do_may_follow_the_demands() -> None:
    text = (
        "Stop ParkWell!\nIt tracks where you drive.\nTell ParkWell:\n- Stop it.\n- Delete it.\n"
        "Add your name and send the email.\nSign now (https://act.example/parkwell)\n"
    )
    found = propose(read_pasted(text))
    assert [each.text for each in found.paragraphs(Part.ASK)] == [
        "Tell ParkWell:",
        "Add your name and send the email.",
    ]
    assert [each.text for each in found.paragraphs(Part.DEMANDS)] == ["Stop it.", "Delete it."]


def test_the_fields_of_a_form_below_the_note_on_privacy_are_no_part_of_it() -> None:
    text = "Save Elm Park\nThe park is sold.\nPrivacy\nBy signing you agree.\nFirst name\nSend\n"
    found = rows(propose(read_pasted(text)).placed)[2:]
    assert [reason for _, reason, _ in found] == ["notice", "notice", "site", "site"]


def test_a_campaign_about_privacy_keeps_its_demands() -> None:
    text = (
        "Stop face recognition in Ashby\nCameras film all who walk by.\n"
        "The city must:\n- delete all personal data;\n- take the cameras down."
    )
    assert [row[0] for row in proposed(text)] == ["title", "story", *["demands"] * 3]


@pytest.mark.parametrize(
    "line",
    [
        "Home | News | Contact",
        "Home › Campaigns › Herons",
        "Accueil (https://pond.example/fr) | Agir (https://pond.example/agir)",
        "https://pond.example/herons",
        "Share on Facebook",
        "Tweet Email",
        "Your email *",
        "1,204",
        "© Heron Friends 2026",
    ],
)
def test_lines_of_the_website_are_left_out(line: str) -> None:
    text = f"Save the heron pond\nThe pond dries up.\n{line}\nIt is old.\n"
    assert [row[:2] for row in proposed(text)][2] == ("left_out", "site")


def test_headings_in_capitals_and_between_question_marks() -> None:
    text = """ACCIÓN URGENTE
LIBERTAD PARA LA BIBLIOTECARIA
¿QUÉ HA PASADO?
El 3 de marzo la policía detuvo a la bibliotecaria de Luma por prestar libros.
PEDIMOS
Que la ministra la libere de inmediato.
¿QUÉ PUEDES HACER?
Escribe a la ministra de Justicia.
"""
    assert [row[:2] for row in proposed(text)] == [
        ("label", "words"),
        ("title", "position"),
        ("left_out", "section"),
        ("story", "heading"),
        ("left_out", "section"),
        ("demands", "heading"),
        ("left_out", "section"),
        ("ask", "heading"),
    ]


def test_a_long_first_paragraph_is_divided_at_a_sentence() -> None:
    sentence = "The pond behind the mill has been dry since the spring of last year. "
    text = f"Save the heron pond\n{sentence * 8}"
    placed = propose(read_pasted(text)).placed
    assert [(each.part, len(each.paragraph.text)) for each in placed] == [
        (Part.TITLE, 19),
        (Part.STORY, 344),
        (Part.MORE, 206),
    ]


def test_what_is_too_long_for_a_message_is_left_out() -> None:
    text = "Save the heron pond\nThe pond dries up.\nIt is old.\n" + f"{'word ' * 500}.\n" * 3
    assert [row[:2] for row in proposed(text)] == [
        ("title", "position"),
        ("story", "position"),
        ("story", "position"),
        ("more", "position"),
        ("left_out", "too_long"),
        ("left_out", "too_long"),
    ]


def test_one_paragraph() -> None:
    assert proposed("The pond dries up.") == [("story", "position", "The pond dries up.")]
    assert proposed("Save the heron pond") == [("title", "position", "Save the heron pond")]


# --- changes by the campaigner --------------------------------------------------------------------


def test_a_paragraph_can_be_moved_and_dropped() -> None:
    proposal = propose(read_pasted("Action\nSave the heron pond\nThe pond dries up."))
    changed = proposal.move(2, Part.MORE).drop(0)
    assert rows(changed.placed) == [
        ("left_out", "campaigner", "Action"),
        ("title", "position", "Save the heron pond"),
        ("more", "campaigner", "The pond dries up."),
    ]
    assert list(changed.missing()) == [Part.LABEL, Part.STORY, Part.ASK, Part.DEMANDS]
    assert rows(proposal.placed)[0] == ("label", "words", "Action")
    with pytest.raises(IndexError):
        proposal.move(3, Part.MORE)


# --- properties ----------------------------------------------------------------------------------

PIECES = (
    *("Action", "Background", "Our demands", "What you can do", "Privacy", "Share on Facebook"),
    *("The government must act.", "Write to the minister.", "Replies go to us.", "We demand:"),
    *("Home | News | Contact", "© 2026", "行動", "政府必須行動。", "以你的名義", "x", "?", "1 2"),
    *("A short line", "It has been dry since May. " * 30, "By signing you agree to it."),
)
PARAGRAPHS = st.lists(
    st.builds(
        Paragraph,
        st.one_of(
            st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map(" ".join),
            st.text(min_size=1, max_size=200),
        )
        .map(lambda text: " ".join(text.split()))
        .filter(bool),
        st.sampled_from(Kind),
        st.integers(0, 6),
        st.booleans(),
    ),
    max_size=30,
)


def joined(paragraphs: Iterable[Paragraph]) -> str:
    return "".join("".join(each.text.split()) for each in paragraphs)


@given(PARAGRAPHS)
def test_no_paragraph_is_lost_or_duplicated(paragraphs: list[Paragraph]) -> None:
    proposal = propose(paragraphs)
    assert joined(each.paragraph for each in proposal.placed) == joined(paragraphs)
    by_part = [each for part in Part for each in proposal.paragraphs(part)]
    assert len(by_part) == len(proposal.placed) >= len(paragraphs)
    assert propose(paragraphs) == proposal


@given(PARAGRAPHS)
def test_the_parts_fit_into_messages(paragraphs: list[Paragraph]) -> None:
    proposal = propose(paragraphs)
    assert len(proposal.paragraphs(Part.TITLE)) <= 1
    assert len(proposal.paragraphs(Part.LABEL)) <= 1
    for part, longest in MAX_LENGTHS.items():
        assert sum(len(each.text) for each in proposal.paragraphs(part)) <= longest


@given(PARAGRAPHS.filter(bool), st.data())
def test_moving_changes_one_paragraph(paragraphs: list[Paragraph], data: st.DataObject) -> None:
    proposal = propose(paragraphs)
    number = data.draw(st.integers(0, len(proposal.placed) - 1))
    part = data.draw(st.sampled_from(Part))
    moved = proposal.move(number, part)
    assert moved.placed[number].part is part
    others = [each for n, each in enumerate(proposal.placed) if n != number]
    assert [each for n, each in enumerate(moved.placed) if n != number] == others


@pytest.mark.parametrize(
    "text",
    [
        "x" * 100_000,
        "word " * 20_000,
        "you agree. " * 9_000,
        "your answers reply to you from your address " * 2_200,
        "A. " * 33_000,
        "。" * 100_000,
        "must: " * 16_000,
        "| a " * 25_000,
        "你的電郵" * 25_000,
        "回覆我們" * 25_000,
        "not " * 25_000,
    ],
)
@pytest.mark.parametrize("lines", [1, 900])
def test_proposing_is_quick(text: str, lines: int) -> None:
    size = len(text) // lines
    paragraphs = [Paragraph(text[n : n + size].strip()) for n in range(0, len(text) - 1, size)]
    began = time.process_time()
    proposal: Proposal = propose(each for each in paragraphs if each.text)
    assert time.process_time() - began < 5
    assert joined(each.paragraph for each in proposal.placed) == joined(paragraphs)
