"""A plan as the papers of an office: Excel workbooks, the Word proposal, sheets for meetings and companies."""
