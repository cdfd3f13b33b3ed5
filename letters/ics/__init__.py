"""The gateway to the case record: how a completed document gets into ICS (OGP-6). Bytes and words in, an answer out."""
