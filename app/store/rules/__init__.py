"""What a draft does to the ledger: one module per subject, one function per draft."""
