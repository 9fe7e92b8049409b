"""Explain what is wrong with a server's TLS certificate, and how to fix it."""

_FIXES = {
    9: "It isn't valid yet. Compare the clocks of this machine and of the server.",
    10: "It has expired. Ask the server's operator to renew it, and check this machine's clock.",
    18: "It is self-signed. Ask the server's operator to get one from a public authority.",
    19: "Its authority is private. If you trust it, add it to this machine's certificates.",
    20: "Its authority isn't known here, or the server leaves out an intermediate certificate."
    " Ask its operator to send the whole chain, or install this machine's package ca-certificates.",
    62: "It is for another name. Use the server's name as it is in the certificate.",
    64: "It is for a name, not for an IP address. Use the server's name.",
}
"""Fixes by the `verify_code` that OpenSSL reports (X509_V_ERR_…)."""

_UNKNOWN_ISSUER = 20
_UNVERIFIED_LEAF = 21
"""The server sent only its own certificate, of an unknown issuer: the fix is that of 20."""


def fix_for(verify_code: int) -> str:
    """Return what is wrong with a certificate and what to do, by OpenSSL's `verify_code`."""
    code = _UNKNOWN_ISSUER if verify_code == _UNVERIFIED_LEAF else verify_code
    return _FIXES.get(code, "Ask the server's operator to fix its certificate.")
