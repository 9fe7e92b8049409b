"""What is wrong with a server's certificate, and the mend."""

_MENDS = {
    9: "It is not valid yet. Compare the clocks of this machine and of the server.",
    10: "It has expired. Have whoever runs the server renew it, and compare this machine's clock.",
    18: "It is self-signed. Have whoever runs the server get one of a public authority.",
    19: "Its authority is its own. Add that to this machine's certificates, if you trust it.",
    20: "Its authority is not known here, or the server leaves out one between. Have it send the"
    " whole chain, or install this machine's package ca-certificates.",
    62: "It is for another name. Write the server's name as its certificate has it.",
    64: "It is for a name, not for an address. Write the server's name.",
}
"""By `verify_code` (OpenSSL, X509_V_ERR_…)."""

_ALONE = 21
"""The server sent one certificate, which nobody here knows: as 20."""


def fix_for(code: int) -> str:
    """Return what is wrong, and what to do."""
    return _MENDS.get(
        20 if code == _ALONE else code, "Have whoever runs the server mend its certificate."
    )
