"""What a campaign's texts say of From and replies: true and false claims under each setting."""

import re
from itertools import product
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conversations.folder.checks.claim_patterns import LANGUAGES, Claim
from conversations.folder.checks.sender_claims import find_false_claims
from conversations.text.languages import offered
from conversations.text.wording import Wording

SETTINGS = [
    f"{identity} {reply_to}"
    for identity, reply_to in product(
        ("relay", "author", "own"), ("supporter", "organisation", "none")
    )
    if identity == "relay" or reply_to != "none"  # check refuses these two together
]

TRUE_IN: dict[Claim, set[str]] = {
    Claim.FROM_SUPPORTER: set(),
    Claim.FROM_ORGANISATION: {"relay supporter", "relay organisation", "relay none"},
    Claim.ADDRESS_SHOWN: set(),
    Claim.ADDRESS_HIDDEN: {"relay organisation", "relay none"},
    Claim.REPLIES_TO_SUPPORTER: set(),
    Claim.REPLIES_TO_ORGANISATION: {
        "relay organisation",
        "author organisation",
        "own organisation",
    },
    Claim.NO_REPLY_TO_SUPPORTER: {
        "relay organisation",
        "author organisation",
        "own organisation",
        "relay none",
    },
    Claim.NO_REPLY: {"relay none"},
}
"""Under which settings each claim is always true. Supporters may hide their address."""

SAID: dict[Claim, tuple[str, ...]] = {
    Claim.FROM_SUPPORTER: (
        "It is sent from your own address.",
        "The letter goes out directly from your email account.",
        "Your address appears as the sender.",
        "信件由你自己的電郵地址寄出。",
        "信會從您的電子信箱發出。",
        "这封信用你的邮箱发送。",
        "寄件人是你的電郵地址。",
        "「寄件人」一欄會顯示你的電郵地址。",
        "你的邮箱地址会作为发件人。",
        "The letter is sent using your email address.",
        "信件會用你的 email 寄出。",
    ),
    Claim.FROM_ORGANISATION: (
        "It is sent from an address of ours.",
        "It comes from our mail address.",
        "信件由我們的地址寄出。",
        "信會從主辦單位的電郵地址寄出。",
        "邮件用我们的邮箱发出。",
        "寄件人是我們的電郵地址。",
    ),
    Claim.ADDRESS_SHOWN: (
        "Your address will be shown.",
        "The recipient sees your email address.",
        "他們會看到你的電郵地址。",
        "收件人可以看到您的電子郵件地址。",
        "对方会看到你的邮箱。",
        "你的電郵地址會顯示在信上。",
    ),
    Claim.ADDRESS_HIDDEN: (
        "They can't see your address.",
        "Your address stays private.",
        "Nobody sees your email address.",
        "收件人看不到你的電郵地址。",
        "對方不會看到您的電子信箱。",
        "你的邮箱地址不会公开。",
        "你的電郵地址會保密。",
    ),
    Claim.REPLIES_TO_SUPPORTER: (
        "Replies come to you.",
        "Any answer will be sent to your inbox.",
        "They can reply to you.",
        "You will receive the reply.",
        "回信會寄給你。",
        "回信會直接寄到你的電郵信箱。",
        "答覆將寄回給您。",
        "回复会发送到你的邮箱。",
        "你會收到對方的回信。",
        "收件人可以直接回信給你。",
        "对方会回复你。",
        "回信會進入你的信箱。",
        "Expect an answer in your inbox.",
    ),
    Claim.REPLIES_TO_ORGANISATION: (
        "Answers come to us.",
        "We collect all replies.",
        "Replies go to the organisation, not to you.",
        "回信會寄給主辦單位。",
        "回覆一律寄到我們的信箱。",
        "我們會收到回信。",
        "回复会转交给主办单位。",
        "收件人會回信給我們。",
        "回信将由我们代收。",
        "回信一律由主辦單位收取。",
    ),
    Claim.NO_REPLY_TO_SUPPORTER: (
        "You will not receive a reply.",
        "Replies do not go to you.",
        "你不會收到回信。",
        "您收不到答覆。",
        "回信不會寄給你。",
        "你不会收到回复。",
    ),
    Claim.NO_REPLY: (
        "The recipient cannot reply.",
        "收件人無法回信。",
        "对方不能直接回复。",
    ),
}


def terms(setting: str) -> Any:
    identity, reply_to = setting.split()
    return cast(Any, SimpleNamespace(identity=identity, reply_to=reply_to))


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(
    ("claim", "said"), [(claim, said) for claim, texts in SAID.items() for said in texts]
)
def test_a_claim_is_found_where_it_is_false(setting: str, claim: Claim, said: str) -> None:
    found = list(find_false_claims(said, terms(setting)))
    assert bool(found) is (setting not in TRUE_IN[claim]), found


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(
    "said",
    [
        "{sender} {answers}",
        "Your letter is sent in your name.",
        "It may come from your own address.",
        "The recipient might see your email address.",
        "If you have a question, write to us and we will answer you.",
        "We never sell your email address.",
        "You can reply to this message.",
        "Nobody can promise that they will answer.",
        "這封信以你的名義寄出。",
        "信末會署你的名字。",
        "收件人可能會看到你的電郵地址。",
        "寄件人一欄可能是你的電郵地址。",
        "如有疑問，請來信，我們會回覆你。",
        "請輸入你的電郵地址，我們會把驗證碼寄到那裡。",
        "你可以隨時收回這封信。",
        "我們不會出售你的電郵地址。",
        "政府至今沒有回應民意。",
        "我们会尽快回复你的查询。",
        "請把回信轉寄給我們。",
        "Please forward any reply to us.",
    ],
)
def test_other_sentences_are_left_alone(setting: str, said: str) -> None:
    assert list(find_false_claims(said, terms(setting))) == []


@pytest.mark.parametrize("language", offered())
@pytest.mark.parametrize("setting", SETTINGS)
def test_the_bots_own_sentences_are_true(setting: str, language: str) -> None:
    identity, reply_to = setting.split()
    shown = reply_to == "organisation" and identity != "relay"
    wording = Wording(language)
    answers = wording.label(f"answers.whole.{'organisation_shown' if shown else reply_to}")
    if reply_to == "supporter":  # this sentence is only shown to those who don't hide the address
        answers = ""
    sender = wording.label(f"sender.{identity}", organisation="River Friends")
    found = list(find_false_claims(answers, terms(setting)))
    if identity != "relay":  # this sentence says when the address is the supporter's own
        sender = ""
    assert found + list(find_false_claims(sender, terms(setting))) == []


def test_every_language_has_every_claim_and_each_pattern_compiles() -> None:
    for language in LANGUAGES:
        assert set(language) == set(Claim)
        for patterns in language.values():
            assert all(re.compile(pattern) for pattern in patterns)
