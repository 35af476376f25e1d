"""Scrubs US medical claims before submission against declarative rules and dated public tables."""
