"""Run `actionbot` without DNS, so that no test sends a query outside this machine."""

import dns.asyncresolver

from bot.cli.main import main


class _NoNameServers(dns.asyncresolver.Resolver):
    def __init__(self) -> None:
        super().__init__(configure=False)


if __name__ == "__main__":
    dns.asyncresolver.Resolver = _NoNameServers  # type: ignore[misc, assignment]
    main()
