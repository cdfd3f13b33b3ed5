"""What leaves Postroom about breaches: PDF reports, the register as CSV, XLSX and PDF, figures and alerts."""
