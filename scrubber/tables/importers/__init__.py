"""One importer per published format: from files as their publishers make them to editions."""
