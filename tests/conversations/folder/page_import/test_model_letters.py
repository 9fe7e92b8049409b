"""A model letter on a page: its text becomes the demands, and the rest of it is left out."""

from conversations.folder.page_import.paragraphs import Paragraph
from conversations.folder.page_import.recognition import propose
from tests.conversations.folder.page_import import pages
from tests.conversations.folder.page_import.proposals import proposed, proposed_page
from tests.cpu_time import at_most


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
    with at_most(500_000_000):
        assert propose([Paragraph("Dear Minister,")] * 1000)
