"""A workbook (``.xlsx``) to fill in a trial: its form, how it is read, how a new one is made."""
