"""`actionbot` on a machine whose DNS knows nothing, so that no test asks outside."""

import dns.asyncresolver

from bot.cli.main import main


class _Deaf(dns.asyncresolver.Resolver):
    def __init__(self) -> None:
        super().__init__(configure=False)


if __name__ == "__main__":
    dns.asyncresolver.Resolver = _Deaf  # type: ignore[misc, assignment]
    main()
