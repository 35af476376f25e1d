"""FHIR R4 (4.0.1) Claim resources as JSON, NDJSON and XML. docs/fhir.md says what is read of them."""
