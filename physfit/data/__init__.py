"""Data on its way in and out: checked arrays, tables from files, atomic writers."""
