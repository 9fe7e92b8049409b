"""What is proposed for pages of different structure and language."""

import pytest

from conversations.folder.page_import.cue_words import guess_language
from conversations.folder.page_import.documents import read_document, read_pasted
from conversations.folder.page_import.page_parts import Part
from conversations.folder.page_import.recognition import propose
from tests.conversations.folder.page_import import pages
from tests.conversations.folder.page_import.proposals import proposed, proposed_page, rows


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


def test_one_paragraph() -> None:
    assert proposed("The pond dries up.") == [("story", "position", "The pond dries up.")]
    assert proposed("Save the heron pond") == [("title", "position", "Save the heron pond")]
