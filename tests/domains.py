"""Domains of large mail providers, and slips in them. No whole address at them is in the tests."""

GMAIL, GMIAL, GMAIL_CO = "gmail.com", "gmial.com", "gmail.co"
HOTMIAL = "hotmial.com"
YAHO = "yaho.com"
GOOGLEMAIL, PROTONMAIL, PM = "googlemail.com", "protonmail.com", "pm.me"
ME, MAC = "me.com", "mac.com"
HOTMAIL_AR, UNIVERSITY = "hotmail.com.ar", "mx1.dept.uni.ac.uk"
