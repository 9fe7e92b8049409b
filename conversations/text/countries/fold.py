"""Folds texts for comparison: what people leave out or write differently makes no difference."""

import re
import unicodedata

_OMITTED_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
"""Accents of Latin, Greek and Cyrillic, Hebrew points, and Arabic vowels and tatweel, which many
people leave out. Marks of other scripts are letters to their readers, and stay.
"""

# Traditional characters in names and sentences, which many people mix with simplified ones.
_TRADITIONAL = (
    "亞爾蘭烏國島聖維納達魯羅馬麥薩賽蘇聯韓灣門東緬澤賴諾盧贊幾內寧頓劍開羣愛義奧關貝"
    "湯紐濟萬約葉敘喬茲庫車倫華溫廣慶漢廈瀋連煙龍雲貴陝肅遼圖衛僑遜遠齊鎮鄉縣區個們來"
    "從現這裡裏處邊歐時臘澀荊綠獅書蘆讚堅領嶼濱長鄭陽無對錯謝沒為嗎機請興陸滿滬臨爭黃"
    "紅潔潤絲諸腦備蓋剛鮮壩帶瑩樺彌賓夢歷橋瑪電郵話說還後過進選鐘錫黨顛別眾於"
)
_SIMPLIFIED = (
    "亚尔兰乌国岛圣维纳达鲁罗马麦萨赛苏联韩湾门东缅泽赖诺卢赞几内宁顿剑开群爱义奥关贝"
    "汤纽济万约叶叙乔兹库车伦华温广庆汉厦沈连烟龙云贵陕肃辽图卫侨逊远齐镇乡县区个们来"
    "从现这里里处边欧时腊涩荆绿狮书芦赞坚领屿滨长郑阳无对错谢没为吗机请兴陆满沪临争黄"
    "红洁润丝诸脑备盖刚鲜坝带莹桦弥宾梦历桥玛电邮话说还后过进选钟锡党颠别众于"
)

# Letters without a decomposition (NFKD), and Arabic letters that keyboards mix up.
_SAME_LETTERS = str.maketrans(
    {
        **dict(zip("øđłıəɛɔŋħðþ", "odlieeonhdt", strict=True)),
        **dict(zip("ىیێکھہۃةە臺", "يييكههههه台", strict=True)),
        **dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True)),
        "æ": "ae",
        "œ": "oe",
    }
)

_OMITTED_WORDS = frozenset({"the", "and"})
_SAME_WORDS = {"st": "saint", "ste": "saint", "rep": "republic"}


def fold(text: str) -> str:
    """Return `text` without case, accents, punctuation, extra spaces, “the” and “and”.

    “St.” becomes “saint” before another word.
    """
    words = fold_words(text)
    if len(words) < 2:
        return " ".join(words)
    return " ".join(_SAME_WORDS.get(word, word) for word in words if word not in _OMITTED_WORDS)


def fold_words(text: str) -> list[str]:
    """Return the words of `text`, folded one by one; none is left out."""
    decomposed = unicodedata.normalize("NFKD", text).casefold().translate(_SAME_LETTERS)
    letters = unicodedata.normalize("NFC", _OMITTED_MARKS.sub("", decomposed))
    return "".join(_kept(char) for char in letters).split()


def unfolded_words(text: str) -> list[str]:
    """Return the words of `text` with their case and accents."""
    return "".join(_kept(char) for char in unicodedata.normalize("NFKC", text)).split()


def _kept(char: str) -> str:
    """Return letters, marks and digits as they are; a space for a sign, nothing for a control."""
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    return char if category[0] in "LMN" else " "
