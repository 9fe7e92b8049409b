"""How campaigns claim something about From and replies: patterns for each language and claim.

To add a language, write a mapping like `ENGLISH` and add it to `LANGUAGES`. In a pattern, the group
`no` stands for a word that turns the claim into its opposite, or into a mere possibility: a match
that has it is no claim. Whitespace in the text is single spaces, and case doesn't matter.
"""

from collections.abc import Mapping
from enum import StrEnum


class Claim(StrEnum):
    """What a sentence claims."""

    FROM_SUPPORTER = "from_supporter"
    """Letters come from the supporter's own address."""
    FROM_ORGANISATION = "from_organisation"
    """Letters come from an address of the organisation."""
    ADDRESS_SHOWN = "address_shown"
    """The target sees the supporter's address."""
    ADDRESS_HIDDEN = "address_hidden"
    """The target doesn't see the supporter's address."""
    REPLIES_TO_SUPPORTER = "replies_to_supporter"
    REPLIES_TO_ORGANISATION = "replies_to_organisation"
    NO_REPLY_TO_SUPPORTER = "no_reply_to_supporter"
    """The supporter gets no reply; somebody else may."""
    NO_REPLY = "no_reply"
    """The target can't reply."""


Patterns = Mapping[Claim, tuple[str, ...]]

# --- English --------------------------------------------------------------------------------------

_NEVER = r"(?:\bnot\b|n['’]t\b|\bcannot\b|\bnever\b|\bno one\b|\bnobody\b)"
_EN_NO = rf"(?P<no>(?:{_NEVER}|\bmay\b|\bmight\b)[^.;!?]{{0,25}})?"
_GAP = rf"(?:(?!{_NEVER}|\bmay\b|\bmight\b)[^.;!?])"
_LEAVES = r"(?:sent|emailed|mailed|comes?|goes|leaves?) (?:out |off )?(?:directly |straight )?from "
_YOURS = r"your (?:own )?(?:e-?mail |mail )?(?:address|account|mailbox)"
_OURS = (
    r"(?:our (?:own )?(?:e-?mail |mail )?(?:address|account|mailbox)"
    r"|an? (?:e-?mail |mail )?address of (?:ours|the organi[sz]ation))"
)
_REPLY = r"(?:answers?|repl(?:y|ies)|responses?)"
_REACHES = r"(?:comes?|go(?:es)?|sent|reach(?:es)?|delivered|arrives?|forwarded|passed on)\b"
_YOU = r"(?:you|your (?:own )?(?:e-?mail )?(?:address|inbox|mailbox))\b(?! (?:can|may|are|will)\b)"
_US = r"(?:us|our (?:office|team|mailbox|inbox)|the organi[sz]ation|\{organisation\}|\{contact\})"
_TARGET = (
    r"(?:\{target\}|they|he|she|recipients?|targets?|government|minist(?:er|ry)|office"
    r"|ambassador|president|mayor|authorit(?:y|ies))"
)
_SEES = r"(?:sees?|learns?|gets?|knows?|finds? out)"

ENGLISH: Patterns = {
    Claim.FROM_SUPPORTER: (
        rf"{_EN_NO}{_LEAVES}{_YOURS}",
        rf"{_EN_NO}(?:sent|emailed|mailed) (?:using|through|via) {_YOURS}",
        rf"{_YOURS} (?:is|stands|appears) (?:as|in) (?:the )?[“\"]?(?:sender|from)\b",
    ),
    Claim.FROM_ORGANISATION: (rf"{_EN_NO}{_LEAVES}{_OURS}",),
    Claim.ADDRESS_SHOWN: (
        rf"{_YOURS} (?:is|will be) (?:shown|seen|visible|passed on)",
        rf"{_EN_NO}\b{_TARGET} (?:(?:will|can) )?{_SEES} {_YOURS}",
    ),
    Claim.ADDRESS_HIDDEN: (
        rf"{_YOURS} (?:is not|isn['’]t|will not be|won['’]t be|is never)"
        r" (?:shown|seen|visible|passed on)",
        rf"{_YOURS} (?:stays|remains|is kept) (?:hidden|secret|private)",
        r"(?:(?:do|does|will) not|(?:do|does|wo)n['’]t|can(?:not| not|['’]t)|never)"
        rf" {_SEES} {_YOURS}",
        rf"\b(?:nobody|no one) {_SEES} {_YOURS}",
    ),
    Claim.REPLIES_TO_SUPPORTER: (
        rf"\b{_REPLY}\b{_GAP}{{0,40}}?\b{_REACHES}{_GAP}{{0,20}}? {_YOU}",
        rf"\byou (?:will |['’]ll )?(?:get|receive) (?:the|an|any|their|all) {_REPLY}",
        rf"\bexpect (?:the|an|any|their) {_REPLY}",
        rf"{_EN_NO}\b{_TARGET} (?:(?:will|can) )(?:directly )?(?:reply|answer|respond|write back)"
        r"(?: directly| straight)? (?:to )?you\b",
    ),
    Claim.REPLIES_TO_ORGANISATION: (
        rf"\b{_REPLY}\b{_GAP}{{0,40}}?\b{_REACHES}{_GAP}{{0,20}}? {_US}",
        rf"\b(?:we|the organi[sz]ation) (?:will |['’]ll )?(?:gets?|receives?|collects?)"
        rf" (?:the|an|any|their|all)(?: the)? {_REPLY}",
    ),
    Claim.NO_REPLY_TO_SUPPORTER: (
        rf"\byou (?:will not|won['’]t|do not|don['’]t|never) (?:get|receive|see) "
        rf"(?:an|any|a|the) {_REPLY}",
        rf"\b{_REPLY}\b[^.;!?,]{{0,20}}(?:not|n['’]t|never)\b[^.;!?,]{{0,15}}"
        rf"(?:come|go|sent|reach)[^.;!?,]{{0,10}} {_YOU}",
    ),
    Claim.NO_REPLY: (
        rf"\b{_TARGET}[^.;!?,]{{0,15}}(?:cannot|can['’]t|can not) (?:reply|answer|respond)",
        r"\b(?:no|an?) (?:answer|reply) (?:is|will be) (?:im)?possible",
    ),
}

# --- Chinese, in traditional and simplified characters --------------------------------------------

_ZH_NO = (
    r"(?P<no>(?:不|沒|没|無|无|未|勿|非|可能|也許|也许|或許|或许|有時|有时)[^，。；！？\s]{0,15})?"
)
_ZH_GAP = r"(?:(?!不|沒|没|無|无|未|非|可能|也許|也许|或許|或许)[^，。；！？])"
_ZH_YOU = r"(?:你|您)(?:們|们)?(?:自己|本人)?"
_ZH_US = (
    r"(?:我們|我们|主辦單位|主办单位|主辦方|主办方|主辦機構|機構|机构|組織|组织|團體|团体|本會|本会"
    r"|\{organisation\}|\{contact\})"
)
_ZH_ADDRESS = (
    r"(?:(?:電郵|电邮|電子郵件|电子邮件|郵件|邮件|e-?mail)? ?"
    r"(?:地址|帳號|帳戶|账号|账户|信箱|郵箱|邮箱)"
    r"|電子郵箱|电子邮箱|電子信箱|电子信箱|(?:郵箱|邮箱|信箱)地址|電郵|电邮|e-?mail)"
)
_ZH_YOURS = rf"{_ZH_YOU}的? ?{_ZH_ADDRESS}"
_ZH_OURS = rf"{_ZH_US}(?:自己)?的? ?{_ZH_ADDRESS}"
_ZH_REPLY = r"(?:回信|回覆|回复|回復|答覆|答复|覆信|覆函|回函|回郵|回邮|回應|回应|回音)"
_ZH_ASKS = r"(?P<no>(?:請|请|麻煩|麻烦)[^，。；！？\s]{0,6})?"
_ZH_SENDS = (
    r"(?:進入|进入|進到|进到|抵達|抵达|到達|到达"
    r"|寄|發|发|送|傳|传|轉交|转交|轉寄|转寄|轉到|转到|回|交)"
)
_ZH_TO = r"(?:出|回|來|来|往|到|給|给|至|達|达|交|送){0,3}"
_ZH_TARGET = (
    r"(?:收件人|收信人|對方|对方|官員|官员|部長|部长|政府|當局|当局|議員|议员|大使|總統|总统|市長|市长"
    r"|首長|首长|他們|他们|他|她|\{target\})"
)
_ZH_FROM = r"(?:從|从|由|用|以|經由|经由|透過|通过)"
_ZH_SENDER = (
    r"[「“『]?(?:寄件人|寄信人|寄件者|發件人|发件人|发信人|發信人)(?:地址)?[」”』]?(?:一?欄|一?栏)?"
)
_ZH_SEES = r"(?:看到|看見|看见|看得到|見到|见到|得知|知道|取得|獲得|获得)"
_ZH_SHOW = r"(?:顯示|显示|公開|公开|透露|洩露|泄露|披露|出現|出现|曝光)"

CHINESE: Patterns = {
    Claim.FROM_SUPPORTER: (
        rf"{_ZH_NO}{_ZH_FROM}{_ZH_YOURS}{_ZH_GAP}{{0,6}}(?:寄|發|发|送)(?:出|送)?",
        rf"{_ZH_SENDER}{_ZH_GAP}{{0,4}}(?:是|為|为|顯示|显示|寫|写){_ZH_GAP}{{0,4}}{_ZH_YOURS}",
        rf"{_ZH_NO}{_ZH_YOURS}{_ZH_GAP}{{0,4}}(?:作為|作为|當作|当作|成為|成为|是){_ZH_SENDER}",
    ),
    Claim.FROM_ORGANISATION: (
        rf"{_ZH_NO}{_ZH_FROM}{_ZH_OURS}{_ZH_GAP}{{0,6}}(?:寄|發|发|送)(?:出|送)?",
        rf"{_ZH_SENDER}{_ZH_GAP}{{0,4}}(?:是|為|为|顯示|显示|寫|写){_ZH_GAP}{{0,4}}{_ZH_OURS}",
    ),
    Claim.ADDRESS_SHOWN: (
        rf"{_ZH_NO}(?:會|会|能|可以|將|将|可)?{_ZH_SEES}{_ZH_YOURS}",
        rf"{_ZH_YOURS}(?:會|会|將|将)(?:被)?{_ZH_SHOW}",
    ),
    Claim.ADDRESS_HIDDEN: (
        rf"(?:看不到|看不見|看不见|見不到|见不到|得不到|(?:不會|不会|無法|无法|不能|不){_ZH_SEES})"
        rf"{_ZH_YOURS}",
        rf"{_ZH_YOURS}{_ZH_GAP}{{0,4}}(?:不會|不会|絕不會|绝不会|不){_ZH_GAP}{{0,2}}{_ZH_SHOW}",
        rf"{_ZH_YOURS}{_ZH_GAP}{{0,4}}(?:保密|隱藏|隐藏)",
    ),
    Claim.REPLIES_TO_SUPPORTER: (
        rf"{_ZH_ASKS}{_ZH_REPLY}{_ZH_GAP}{{0,12}}?{_ZH_SENDS}{_ZH_TO}{_ZH_YOU}",
        rf"{_ZH_YOU}(?:會|会|將|将|能|可以|便會|便会|就會|就会|也會|也会)?{_ZH_GAP}{{0,4}}?"
        rf"(?:收到|接到|得到){_ZH_GAP}{{0,8}}?{_ZH_REPLY}",
        rf"{_ZH_TARGET}{_ZH_GAP}{{0,8}}?{_ZH_REPLY}(?:給|给|到|至)?{_ZH_YOU}",
    ),
    Claim.REPLIES_TO_ORGANISATION: (
        rf"{_ZH_ASKS}{_ZH_REPLY}{_ZH_GAP}{{0,12}}?{_ZH_SENDS}{_ZH_TO}{_ZH_US}",
        rf"{_ZH_REPLY}{_ZH_GAP}{{0,6}}?由{_ZH_US}{_ZH_GAP}{{0,4}}?(?:收|代收|接收|處理|处理)",
        rf"{_ZH_US}(?:會|会|將|将|能|可以)?{_ZH_GAP}{{0,4}}?(?:收到|接到|收取|代收|收集)"
        rf"{_ZH_GAP}{{0,8}}?{_ZH_REPLY}",
        rf"{_ZH_TARGET}{_ZH_GAP}{{0,8}}?{_ZH_REPLY}(?:給|给|到|至)?{_ZH_US}",
    ),
    Claim.NO_REPLY_TO_SUPPORTER: (
        rf"{_ZH_YOU}(?:也|並|并|將|将)?(?:收不到|得不到|(?:不會|不会|無法|无法)(?:收到|得到|接到))"
        rf"{_ZH_GAP}{{0,6}}?{_ZH_REPLY}",
        rf"{_ZH_REPLY}{_ZH_GAP}{{0,3}}(?:不會|不会|不){_ZH_SENDS}{_ZH_TO}{_ZH_YOU}",
    ),
    Claim.NO_REPLY: (
        rf"{_ZH_TARGET}{_ZH_GAP}{{0,4}}?(?:無法|无法|不能|不可以|沒法|没法)(?:直接)?{_ZH_REPLY}",
    ),
}

LANGUAGES: tuple[Patterns, ...] = (ENGLISH, CHINESE)
"""The patterns of every language."""
