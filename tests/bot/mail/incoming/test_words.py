"""Reports and answers in words of many servers, offices and people. The texts are our own."""

import re

import pytest

from bot.mail.incoming.meaning import Meaning, read_meaning
from bot.mail.incoming.owner_replies import OwnerSays, read_owner
from bot.mail.messages.envelopes import AddressPurpose
from bot.mail.messages.headers import parse
from conversations.text.languages import offered
from conversations.text.wording import Wording
from tests.returned import mail

TO, ABOUT = "a-1@send.example", "minister@far.example"
DAEMON = ("Return-Path: <>", "From: Mail System <MAILER-DAEMON@mx.example>")
OFFICE = (f"Return-Path: <{ABOUT}>", f"From: Jane Clerk <{ABOUT}>")
NOBODY = ("Return-Path: <>", f"From: Jane Clerk <{ABOUT}>")
POSTMASTER = ("Return-Path: <postmaster@far.example>", "From: Jo <postmaster@far.example>")
COMPANY = ("Return-Path: <jo@far.example>", "From: Mail Delivery Service <jo@far.example>")
MARKED = "Auto-Submitted: auto-replied"

FAILURES = [
    ("Non recapitabile: x", f"Recapito non riuscito per {ABOUT}."),
    ("x", f"Falha na entrega a:\n{ABOUT}"),
    ("未送达: x", f"未能向这些收件人发送邮件:\n{ABOUT}"),
    ("Olevererbart: x", f"Det gick inte att leverera till:\n{ABOUT}"),
    ("x", f"Doručení se nezdařilo:\n{ABOUT}"),
    ("Kézbesíthetetlen: x", f"{ABOUT}"),
    ("x", f"فشل التسليم إلى:\n{ABOUT}"),
    ("x", f"An error occurred while trying to deliver the mail to:\n{ABOUT}"),
    ("x", f"{ABOUT}: Cette adresse n'existe pas."),
    ("x", f"{ABOUT}\n수신자의 메일함 용량이 초과되어 메일을 보낼 수 없습니다."),
    ("x", f"Лист на адресу {ABOUT} не доставлено: такої скриньки не існує."),
    ("x", f"お客様のメールは、宛先 {ABOUT} が存在しないため配達できませんでした。"),
    ("x", f"The email to {ABOUT} was not accepted: only registered senders may write."),
    ("x", f"{ABOUT}\nSMTP 554"),
    ("x", f"Die E-Mail an {ABOUT} wurde vom Server abgelehnt."),
    ("x", f"Письмо для {ABOUT} отклонено сервером получателя."),
    ("x", f"메일 서버가 {ABOUT} 앞으로 보낸 메일을 거부했습니다."),
    ("x", f"The recipient {ABOUT} does not accept mail from you."),
    ("x", f"Wiadomość do {ABOUT} nie została dostarczona. Skrzynka nie istnieje."),
]
DELAYS = [
    f"It has not been delivered yet. I'll keep trying.\n<{ABOUT}>:\nConnected but greeting failed.",
    f"The message to {ABOUT} is in the queue: mailbox is full. Retry in 2h.",
    f"Delivery to {ABOUT} has failed so far; we will attempt delivery for another 48 hours.",
    f"{ABOUT}: Gmail versucht weitere 46 Stunden lang, sie zuzustellen; nicht zugestellt.",
    f"De bezorging aan {ABOUT} is vertraagd: mailbox full.",
    f"{ABOUT} adresine teslim gecikti: mailbox full.",
]
PEOPLE = [
    (NOBODY, "The refugee quota is exceeded and the mailbox is full, says the minister."),
    (NOBODY, f"The bill was rejected. I regret that.\nJane, {ABOUT}"),
    (NOBODY, "The vote has been delayed. The minister will try again in May."),
    (POSTMASTER, f"I run this server. {ABOUT} got your mail. Others said 550 user unknown."),
    (COMPANY, "Our parcel delivery failed. Recipient unknown, I know it all. I agree."),
    (OFFICE, "Your message was read by the minister, and she agrees."),
    (OFFICE, "Your message was read to the assembly.\nSubject: the dam\nDate: tomorrow"),
    (OFFICE, "你的信已於昨日內閣會議中由局長閱讀，她同意你的看法。"),
    (OFFICE, "Your letter has been received and I fully agree. Ref. 4711"),
    (OFFICE, "We have received your letter, no. 4711.\nI agree!\nJane\nMP since 2019"),
    (OFFICE, "來信收到，編號：4711。我支持你。"),
]
TOLD_AND_PASSED_ON = [
    ("Re: x", "Thank you for your letter. We oppose the dam. This is an automated message."),
    (
        "Re: x",
        "Vielen Dank für Ihre Nachricht. Wir lehnen ab. Diese E-Mail wurde automatisch erstellt.",
    ),
    ("Eingangsbestätigung", "Wir haben Ihre Anfrage erhalten. Der Minister ist dagegen."),
    ("電郵收訖通知", "我們已收到你的查詢（個案編號：12345），局長反對建議。"),
]
RECEIPTS = [
    (OFFICE, "", "本處已收到閣下的電郵（檔案編號：AB/2026/7）。我們現正處理，稍後會回覆。"),
    (OFFICE, "", "Your enquiry has been logged with case number CAS-12. We'll be in touch."),
    (
        OFFICE,
        "",
        "Votre message a bien été reçu par nos services. Ceci est un message automatique.",
    ),
    (OFFICE, "", "お問い合わせいただきありがとうございます。本メールは自動送信です。"),
    (OFFICE, MARKED, "Vi har mottatt din henvendelse, saksnummer 4711."),
    (OFFICE, MARKED, "Köszönjük levelét, megkaptuk."),
    (
        OFFICE,
        MARKED,
        "Ihre Nachricht ist eingegangen.\n\nVon: Maria <m@send.example>\n"
        "Gesendet: Sonntag, 21. Juni 2026\nAn: Minister\n\nWerden Sie mir antworten?",
    ),
]
AWAY_IN_EACH_LANGUAGE = {
    "ar": "أنا في إجازة حتى 5 يناير.",
    "de": "Ich bin bis zum 5. Januar im Urlaub.",
    "en": "I am on leave until 5 January.",
    "es": "Estoy de vacaciones hasta el 5 de enero.",
    "fa": "تا ۱۵ دی در مرخصی هستم.",
    "fr": "Je suis en congé jusqu'au 5 janvier.",
    "hi": "मैं 5 जनवरी तक छुट्टी पर हूँ।",
    "id": "Saya sedang cuti sampai 5 Januari.",
    "it": "Sono in ferie fino al 5 gennaio.",
    "ja": "1月5日まで休暇をいただいております。",
    "ko": "1월 5일까지 휴가 중입니다.",
    "pl": "Jestem na urlopie do 5 stycznia.",
    "pt": "Estou de férias até 5 de janeiro.",
    "ru": "Я в отпуске до 5 января.",
    "th": "ขณะนี้ดิฉันลาพักร้อนถึงวันที่ 5 มกราคม",
    "tr": "5 Ocak'a kadar yıllık izindeyim.",
    "uk": "Я у відпустці до 5 січня.",
    "vi": "Tôi nghỉ phép đến ngày 5 tháng 1.",
    "zh-Hans": "我正在休假，1月5日返回办公室。",
    "zh-Hant": "我正在休假，1月5日返回辦公室。",
}
AWAY = [
    "Jeg har ferie til 5. januar.",
    "Jsem mimo kancelář do 5. ledna.",
    "Szabadságon vagyok január 5-ig.",
    "Sunt în concediu până pe 5 ianuarie.",
    "Απουσιάζω από το γραφείο.",
    "אני בחופשה עד 5 בינואר.",
    "Мене немає в офісі до 5 січня.",
    "我正在年休假，期间无法及时回复邮件。",
    "夏季休業をいただいております。",
    "I no longer work here.",
    "Unser Büro ist zwischen den Jahren geschlossen.",
    "本人已於6月1日離職，請改聯絡陳先生。",
    *AWAY_IN_EACH_LANGUAGE.values(),
    "Şu anda ofiste değilim.",
    "Зараз я у відрядженні.",
    "أنا غير متواجد حاليا وسأعود يوم الأحد.",
    "تا هفتهٔ آینده در محل کار نیستم.",
    "मैं सोमवार तक कार्यालय से बाहर हूँ।",
    "Saya sedang dinas luar dan akan kembali pada hari Senin.",
    "Hiện tôi đang đi công tác, tôi sẽ trả lời sau khi trở lại.",
    "ดิฉันไม่อยู่ที่สำนักงาน จะกลับมาทำงานวันจันทร์",
    "출장으로 부재중입니다.",
    "出張のため不在にしております。",
]
PROGRAMS = [
    "This mailbox is not monitored.",
    "Dies ist eine automatische Antwort.",
    "此邮件为系统自动发送，请勿回复。",
    "Thank you for contacting Acme! Your ticket number is 4711. An agent will call you.",
]
DENIALS = [
    "I never asked for this automatic code.",
    "What is this? Please remove my address.",
    "Das war ich nicht.",
    "Ce n'était pas moi.",
    "不是我",
    "唔係我，我冇要過呢個驗證碼",
    "私ではありません",
    "Not me.\n\nFrom: Bot <x@send.example>\nSent: Sunday, 21 June\n\nThis is an automated message.",
]


def meaning(
    sender: tuple[str, ...],
    text: str,
    *,
    subject: str = "Re: A letter",
    mark: str = "",
    purpose: AddressPurpose = AddressPurpose.LETTER,
) -> Meaning:
    marks = (mark,) if mark else ()
    raw = mail(*sender, f"To: {TO}", f"Subject: {subject}", *marks, body=text)
    return read_meaning(parse(raw), raw, purpose, "send.example", ABOUT.__eq__).meaning


@pytest.mark.parametrize(("subject", "text"), FAILURES)
def test_failures(subject: str, text: str) -> None:
    assert meaning(DAEMON, text, subject=subject) is Meaning.FAILED


@pytest.mark.parametrize("text", DELAYS)
def test_delays(text: str) -> None:
    assert meaning(DAEMON, text, subject="x") is Meaning.NOTHING


@pytest.mark.parametrize(("sender", "text"), PEOPLE)
def test_no_words_of_a_person_are_lost(sender: tuple[str, ...], text: str) -> None:
    expected = Meaning.PERSON if sender == OFFICE else Meaning.UNCLEAR
    assert meaning(sender, text) is expected


@pytest.mark.parametrize(("subject", "text"), TOLD_AND_PASSED_ON)
def test_what_sounds_like_a_receipt_and_says_more_is_passed_on(subject: str, text: str) -> None:
    assert meaning(OFFICE, text, subject=subject) is Meaning.REQUEST


@pytest.mark.parametrize(("sender", "mark", "text"), RECEIPTS)
def test_receipts(sender: tuple[str, ...], mark: str, text: str) -> None:
    assert meaning(sender, text, mark=mark) is Meaning.RECEIPT


@pytest.mark.parametrize("text", AWAY)
def test_absences(text: str) -> None:
    assert meaning(OFFICE, text, mark=MARKED) is Meaning.NOTHING
    assert meaning(OFFICE, text, purpose=AddressPurpose.OWNER) is Meaning.UNCLEAR


@pytest.mark.parametrize(
    "mark",
    ["X-Auto-Response-Suppress: DR, OOF", "Auto-Submitted: auto-replied\r\nX-OTRS-Version: 6"],
)
def test_a_person_may_speak_of_somebody_who_is_away(mark: str) -> None:
    text = "The minister is on leave; she told me that she agrees."
    assert meaning(OFFICE, text, mark=mark) is Meaning.UNCLEAR


@pytest.mark.parametrize("text", PROGRAMS)
def test_a_programs_answer_to_a_code_denies_nothing(text: str) -> None:
    assert meaning(OFFICE, text, purpose=AddressPurpose.CODE) is Meaning.UNCLEAR


@pytest.mark.parametrize("text", DENIALS)
def test_a_persons_answer_to_a_code_denies_it(text: str) -> None:
    assert meaning(OFFICE, text, purpose=AddressPurpose.CODE) is Meaning.PERSON


def test_a_notice_of_absence_is_known_in_each_language_of_the_bot() -> None:
    assert set(AWAY_IN_EACH_LANGUAGE) == set(offered())


@pytest.mark.parametrize("language", offered())
@pytest.mark.parametrize("key", ["mail.code.reply", "mail.code.reply_discreet"])
def test_the_words_that_a_mail_asks_for_are_understood(key: str, language: str) -> None:
    """What stands in quotation marks is what the owner of the address is to reply."""
    (asked,) = re.findall("[“„«「](.+?)[”“»」]", Wording(language).label(key))
    for said in (asked.strip(), f"{asked.strip()}."):
        raw = mail(*OFFICE, f"To: {TO}", "Subject: Re: code", body=said)
        message = parse(raw)
        found, words = read_owner(message, Meaning.PERSON)
        assert (found, words) == (OwnerSays.NOT_ME, said.replace("’", "'"))
