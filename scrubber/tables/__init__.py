"""Dated reference tables: what exists, editions on disk, one importer per published format."""
