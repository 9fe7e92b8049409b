"""DKIM signing, and DNS lookups of SPF, DMARC and MX records."""
