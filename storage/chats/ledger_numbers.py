"""Numbers of broadcasts in the ledger of recipients: shorter than their ids."""


def ledger_number(id_: str) -> int:
    """Return the number of a broadcast in the ledger: the first 60 of the 128 bits of its id."""
    return int(id_[:15], 16)
