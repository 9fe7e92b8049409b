"""`actionbot` on a machine whose DNS knows nothing, so that no test asks outside."""

import dns.asyncresolver

from bot.cli import main


def _deaf() -> dns.asyncresolver.Resolver:
    return _Resolver(configure=False)


if __name__ == "__main__":
    _Resolver = dns.asyncresolver.Resolver
    setattr(dns.asyncresolver, "Resolver", _deaf)  # noqa: B010 - a type may not be assigned to
    main()
