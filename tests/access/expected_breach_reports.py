"""Who may open which page of breaches' reports, written by hand from CLS-8 to CLS-15 and OGP-12.

The register and the whole of a breach: information governance, the deciders, the Data Protection Officer, the Director,
the Information & Records Manager; none of them where they are involved. All others are refused.
"""

from __future__ import annotations

READERS = {
    "information_governance", "assistant_director", "caldicott_guardian", "data_protection_officer", "director",
    "records_manager",
}  # fmt: skip
PAGES = {"overview": READERS, "register": READERS, "reports": READERS, "report": READERS}
NAMES = {f"breach_reports:{name}" for name in PAGES}
