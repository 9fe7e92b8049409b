"""Common mail providers: their domains, and which of their addresses are one mailbox."""

POPULAR = """
    gmail.com yahoo.com hotmail.com outlook.com icloud.com live.com aol.com msn.com me.com
    proton.me protonmail.com googlemail.com ymail.com gmx.de gmx.net gmx.ch web.de t-online.de
    yahoo.co.uk hotmail.co.uk btinternet.com yahoo.fr hotmail.fr orange.fr free.fr laposte.net
    yahoo.es hotmail.es yahoo.it libero.it sapo.pt bluewin.ch yahoo.com.hk yahoo.com.tw
    hinet.net netvigator.com qq.com 163.com 126.com sina.com yahoo.co.jp naver.com daum.net
    uol.com.br bol.com.br yandex.ru mail.ru rediffmail.com yahoo.co.in yahoo.com.br yahoo.com.au
    bigpond.com mail.com
""".split()  # noqa: SIM905 - a list would have a line for each
"""Domains that are suggested instead of similar ones, the most common first."""

OTHERS = """
    abv.bg alice.it aliyun.com arcor.de att.net bellsouth.net bk.ru blueyonder.co.uk centrum.cz
    charter.net citromail.hu comcast.net cox.net docomo.ne.jp earthlink.net email.com
    ezweb.ne.jp fastmail.com foxmail.com freemail.hu freenet.de gmx.at gmx.com gmx.fr gmx.us
    hanmail.net hey.com i.ua ig.com.br inbox.com inbox.lv inbox.ru interia.pl list.ru mac.com
    mail.de mail.ee mailbox.org meta.ua nate.com neuf.fr ntlworld.com o2.pl onet.pl
    optonline.net optusnet.com.au pchome.com.tw pm.me posteo.de rambler.ru rocketmail.com
    rogers.com sbcglobal.net seed.net.tw seznam.cz sfr.fr shaw.ca sina.cn sky.com softbank.ne.jp
    sohu.com sympatico.ca talktalk.net telus.net terra.com.br tin.it tiscali.it tuta.com tuta.io
    tutamail.com tutanota.com tutanota.de ukr.net vip.163.com vip.qq.com virgilio.it
    virginmedia.com wanadoo.fr wp.pl xtra.co.nz ya.ru yandex.com yeah.net zoho.com 139.com
    189.cn
""".split()  # noqa: SIM905 - a list would have a line for each
"""More domains that exist, so that nobody is asked whether another was meant."""

IN_MANY_COUNTRIES = frozenset({"gmx", "hotmail", "live", "outlook", "yahoo"})
"""Providers with domains in many countries, like `yahoo.ca` and `hotmail.com.ar`."""

ALIAS_DOMAINS = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me",
    "pm.me": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
    "ya.ru": "yandex.ru",
    "yandex.com": "yandex.ru",
}
"""Domains of one provider at which a name is the same mailbox."""

IGNORED_SIGNS = {"gmail.com": ".", "proton.me": "._-"}
"""Signs in a name that the provider ignores."""

HYPHEN_PROVIDERS = frozenset({"yahoo", "ymail", "rocketmail"})
"""Providers with disposable addresses like name-word@: their names have no hyphens."""


def is_large(domain: str) -> bool:
    """Whether a domain belongs to a provider with very many mailboxes."""
    return domain in _ALL or domain.partition(".")[0] in IN_MANY_COUNTRIES


_ALL = frozenset((*POPULAR, *OTHERS))
