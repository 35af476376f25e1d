"""The coder's workbench: pages beside the REST API. Nothing here is imported but by `serve`."""
