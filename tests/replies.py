"""Sample automatic replies and answers of people, in the languages that offices write.

Each is (subject, header that marks it or "", text). The texts are our own.
"""

Reply = tuple[str, str, str]

ABSENCES: dict[str, Reply] = {
    "notes": (
        "AUTO: Jane Doe is out of the office (returning 05/01/2027)",
        "X-MIMETrack: Serialize by Router on X(Release 8.5)",
        "I am away until Monday.",
    ),
    "english": ("Automatic reply: A letter", "", "I am out of the office until 5 January."),
    "english rule": (
        "Re: A letter",
        "X-MS-Exchange-Inbox-Rules-Loop: jane@gov.example",
        "I'm on annual leave and will be back on Monday.",
    ),
    "suppressed": (
        "Re: A letter",
        "X-Auto-Response-Suppress: All",
        "I am currently on leave with limited access to email.",
    ),
    "apple": ("Auto reply: A letter", "X-Apple-Action: VACATION", "Gone fishing."),
    "vacation": ("Re: A letter", "Auto-Submitted: auto-replied (vacation)", "Gone fishing."),
    "chinese simplified": ("自动回复: A letter", "", "您好，我正在休假，1月5日回来后会回复您。"),
    "chinese traditional": ("自動回覆: A letter", "", "我現正放假，1月5日返回辦公室後會回覆你。"),
    "chinese away": ("不在辦公室: A letter", "", "我不在辦公室，請見諒。"),
    "german": ("Automatische Antwort: Brief", "", "Ich bin bis 5. Januar nicht im Büro."),
    "german note": ("Abwesenheitsnotiz: Brief", "", "Ich bin im Urlaub und am Montag wieder da."),
    "french": ("Réponse automatique : Lettre", "", "Je suis absente du bureau jusqu’au 5 janvier."),
    "french title": ("Absence du bureau : Lettre", "", "Je suis en congé, de retour le 5 janvier."),
    "spanish": ("Respuesta automática: Carta", "", "Estoy fuera de la oficina hasta el lunes."),
    "portuguese": ("Resposta automática: Carta", "", "Estou de férias até segunda-feira."),
    "italian": ("Risposta automatica: Lettera", "", "Sono fuori ufficio fino a lunedì."),
    "dutch": ("Automatisch antwoord: Brief", "", "Ik ben afwezig tot maandag."),
    "polish": ("Odpowiedź automatyczna: List", "", "Jestem na urlopie do poniedziałku."),
    "russian": ("Автоответ: Письмо", "", "Я в отпуске до понедельника."),
    "ukrainian": ("Автоматична відповідь: Лист", "", "Я зараз у відпустці до понеділка."),
    "turkish": ("Otomatik yanıt: Mektup", "", "Pazartesiye kadar ofis dışındayım."),
    "arabic": ("رد تلقائي: رسالة", "", "أنا خارج المكتب حتى يوم الاثنين."),
    "persian": ("پاسخ خودکار: نامه", "", "من تا دوشنبه در مرخصی هستم."),
    "hindi": ("स्वचालित उत्तर: पत्र", "", "मैं सोमवार तक कार्यालय से बाहर हूँ।"),
    "indonesian": ("Balasan otomatis: Surat", "", "Saya sedang cuti sampai hari Senin."),
    "vietnamese": ("Trả lời tự động: Thư", "", "Tôi đang nghỉ phép đến thứ Hai."),
    "thai": ("ตอบกลับอัตโนมัติ: จดหมาย", "", "ขณะนี้ลาพักร้อนถึงวันจันทร์"),
    "korean": ("자동 회신: 편지", "", "휴가 중이며 월요일에 복귀 후 답장하겠습니다."),
    "japanese": ("自動応答: 手紙", "", "月曜日まで休暇をいただいております。"),
    "swedish": ("Autosvar: Brev", "", "Jag är på semester, tillbaka den 5 januari."),
}
"""Replies on behalf of people who are away."""

RECEIPTS: dict[str, Reply] = {
    "english": ("Re: A letter", "", "We received your message, number 123."),
    "ticket": (
        "[Office #4711] A letter",
        "Auto-Submitted: auto-replied",
        "Thank you for contacting the Office. A ticket has been opened; its number is 4711.",
    ),
    "promise": (
        "Automatic reply: A letter",
        "",
        "Thank you for your email. It has been received and we aim to reply within 15 working"
        " days. Please do not reply to this message.",
    ),
    "unmarked": (
        "Acknowledgement",
        "",
        "Dear Maria,\n\nYour letter has been received. Your reference number is CE/4711-26.\n"
        "We will respond as soon as possible.\n\nKind regards\nPrivate Office",
    ),
    "null sender": ("Receipt", "Return-Path: <>", "We have received your letter. Ref: 2026/17."),
    "chinese traditional": ("Re: 信", "", "你的電郵已收到，檔案編號：123。我們會盡快回覆。"),
    "chinese simplified": ("自动回复：信", "", "您的来信已收到，我们会尽快处理。"),
    "german": (
        "Eingangsbestätigung",
        "Auto-Submitted: auto-replied",
        "Ihre Anfrage ist bei uns eingegangen. Vorgangsnummer: 4711.",
    ),
    "french": (
        "Accusé de réception",
        "Auto-Submitted: auto-replied",
        "Nous avons bien reçu votre message.",
    ),
    "spanish": ("Respuesta automática: Carta", "", "Hemos recibido su mensaje, número 4711."),
    "portuguese": ("Resposta automática: Carta", "", "Recebemos a sua mensagem."),
    "italian": ("Risposta automatica: Lettera", "", "Abbiamo ricevuto la sua richiesta."),
    "dutch": ("Ontvangstbevestiging", "X-Autoreply: yes", "Wij hebben uw bericht ontvangen."),
    "polish": ("Odpowiedź automatyczna", "", "Potwierdzamy otrzymanie wiadomości nr 12."),
    "russian": ("Автоответ", "", "Ваше обращение зарегистрировано под номером 4711."),
    "turkish": ("Otomatik yanıt", "", "Başvurunuz alınmıştır."),
    "arabic": ("رد تلقائي", "", "لقد استلمنا رسالتكم برقم 4711."),
    "indonesian": ("Balasan otomatis", "", "Kami telah menerima surat Anda."),
    "vietnamese": ("Trả lời tự động", "", "Chúng tôi đã nhận được thư của bạn."),
    "korean": ("자동 회신", "", "귀하의 민원이 접수되었습니다."),
    "japanese": (
        "自動返信",
        "",
        "お問い合わせを受け付けました。このメールには返信しないでください。",
    ),
}
"""Receipts of offices that ask for nothing."""

REQUESTS: dict[str, Reply] = {
    "english": (
        "Automatic reply: A letter",
        "",
        "Thank you for contacting us. Please provide your full postal address.",
    ),
    "question": (
        "[#17] A letter",
        "Auto-Submitted: auto-replied",
        "We have received your enquiry. Do you live in the constituency?",
    ),
    "chinese": ("自動回覆：信", "", "你的電郵已收到。請提供你的姓名及地址，以便跟進。"),
    "german": (
        "Automatische Antwort",
        "",
        "Ihre Nachricht haben wir erhalten. Bitte teilen Sie uns Ihre Anschrift mit: Bitte Adresse"
        " angeben.",
    ),
}
"""Receipts of offices that ask for something."""

CHALLENGES: dict[str, Reply] = {
    "boxtrapper": (
        "Your email requires verification verify#abc123",
        "",
        "The message you sent requires that you verify that you are a real live human being and"
        " not a spam source.",
    ),
    "tmda": (
        "Please confirm your message",
        "X-TMDA-Fingerprint: 1",
        "Your message is being held until you confirm it.",
    ),
    "mailinblack": (
        "Jane protège sa messagerie avec Mailinblack",
        "Auto-Submitted: auto-replied",
        "Votre message est en attente. Cliquez ici pour vous authentifier.",
    ),
    "quarantine": (
        "Re: A letter",
        "Auto-Submitted: auto-replied",
        "Your email has been quarantined pending confirmation. Click here to have it delivered.",
    ),
}
"""Filters that ask the sender to prove that a person wrote."""

PEOPLE: dict[str, Reply] = {
    "bulk": ("[gov #4711] Re: A letter", "Precedence: bulk", "The minister will see you."),
    "list": ("Re: A letter", "List-Id: <press.gov.example>", "The minister will see you."),
    "rt": ("[gov #4711] Re: A letter", "Managed-BY: RT 5.0.3", "The minister will see you."),
    "empty": ("Re: A letter", "X-Autoreply:", "The minister will see you on Monday."),
    "empty submitted": ("Re: A letter", "Auto-Submitted:", "The minister will see you."),
    "no": ("Re: A letter", "Auto-Submitted: No", "The minister will see you."),
    "no suppression": ("Re: A letter", "X-Auto-Response-Suppress: None", "We’ll see you."),
    "zendesk": (
        "[Request received] Re: A letter",
        "X-Zendesk-From-Account-Id: 1\r\nAuto-Submitted: auto-generated",
        "The minister will see you on Monday.",
    ),
    "thanks": (
        "Re: A letter",
        "",
        "Thank you for your letter (reference number 123). The minister will see you on Monday.",
    ),
    "one sentence": (
        "[gov #4711] Re: A letter",
        "Precedence: bulk",
        "We received your letter, case number 4711, and the minister will see you on Monday.",
    ),
    "confirm": ("Re: A letter", "", "Please confirm your address, so that we can write to you."),
    "away": ("Re: A letter", "", "I am away next week, but the minister will see you on Monday."),
    "absence of": ("Absence du maire lors du vote", "", "Monsieur le maire vous recevra lundi."),
    "on leave": ("On leave to remain", "", "Thank you for your letter. The minister has decided."),
    "your reply": ("Your automatic reply", "", "Was it meant for me?"),
    "officers": ("Out of officers", "", "We have none left."),
    "german": ("AW: Fluss", "", "Sehr geehrte Frau Silva, der Minister empfängt Sie am Montag."),
    "chinese": ("Re: 信", "", "多謝你的來信，編號123。局長星期一可以與你見面。"),
    "quoting": (
        "Re: A letter",
        "",
        "I agree.\n\nOn Monday, Maria wrote:\n> I am out of the office until Monday.\n",
    ),
    "ooo quoting": ("Re: Automatic reply: A letter", "", "Enjoy your holidays!"),
}
"""Answers that a person wrote, whatever their headers say."""

UNCLEAR: dict[str, Reply] = {
    "out of office": ("Out of office hours", "", "Please call the minister on Monday."),
    "marked": ("Re: A letter", "Auto-Submitted: auto-replied", "The minister will see you."),
    "generated": ("Re: A letter", "Auto-Submitted: auto-generated", "The minister will see you."),
    "suppressed": ("Re: A letter", "X-Auto-Response-Suppress: All", "The minister will see you."),
    "null sender": ("Re: A letter", "Return-Path: <>", "The minister will see you on Monday."),
}
"""Perhaps a person wrote these."""
