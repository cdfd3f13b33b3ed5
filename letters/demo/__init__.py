"""The demonstration's council: invented people, cases and letters, written in bulk as the real steps would have.

`script` says what happens, once; a Hand carries it out. `BulkHand` builds the rows in memory, ledger entries by the
ledger's own encoder. The test drives the same script through the real actions and compares every row.
"""
