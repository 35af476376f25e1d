"""Claims, flags, rules, payers and authorizations as frozen models; imports nothing of ours."""
