"""What is served over HTTP: the REST API, and beside it the workbench. Nothing here is imported but by `serve`."""
