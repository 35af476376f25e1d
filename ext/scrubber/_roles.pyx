"""Providers by their entity codes, and the loops that each guide gives them.

Source: ASC X12N 005010X222A1, 005010X223A2, 005010X224A2: loops 2310, 2330 and 2420.
"""

from libc.stdint cimport uint8_t

from scrubber.edi cimport PieceC, same
from scrubber.structs cimport (
    ASSISTANT, ATTENDING, BILLING, DENTAL, DROP_OFF, FACILITY, INSTITUTIONAL, OPERATING, ORDERING, OTHER_OPERATING,
    PICK_UP, PRIMARY_CARE, PROFESSIONAL, PURCHASED, REFERRING, RENDERING, SUPERVISING,
)

cdef enum:
    KINDS = 3
    ROLES = 15
    CLAIM_LOOPS = 6              # 2310A to 2310F
    LINE_LOOPS = 8
    OTHER_LOOPS = 7              # 2330C to 2330I

cdef const char* OF_CLAIM[CLAIM_LOOPS]
OF_CLAIM[:] = [b"2310A", b"2310B", b"2310C", b"2310D", b"2310E", b"2310F"]
cdef const char* OF_LINE[LINE_LOOPS]
OF_LINE[:] = [b"2420A", b"2420B", b"2420C", b"2420D", b"2420E", b"2420F", b"2420G", b"2420H"]
cdef const char* OF_OTHER[OTHER_LOOPS]
OF_OTHER[:] = [b"2330C", b"2330D", b"2330E", b"2330F", b"2330G", b"2330H", b"2330I"]

# Which of those loops is a role's, from 1; 0 none.
cdef struct PlacesC:
    uint8_t claim
    uint8_t line
    uint8_t other

cdef PlacesC PLACES[KINDS][ROLES]

# Of each role the letter of its loop in 2310, 2420 and 2330.
for _kind, _role, _letters in (
        (PROFESSIONAL, REFERRING, "AFC"), (PROFESSIONAL, PRIMARY_CARE, "AFC"), (PROFESSIONAL, RENDERING, "BAD"),
        (PROFESSIONAL, FACILITY, "CCE"), (PROFESSIONAL, SUPERVISING, "DDF"), (PROFESSIONAL, PICK_UP, "EG-"),
        (PROFESSIONAL, DROP_OFF, "FH-"), (PROFESSIONAL, ORDERING, "-E-"), (PROFESSIONAL, PURCHASED, "-B-"),
        (PROFESSIONAL, BILLING, "--G"),
        (INSTITUTIONAL, ATTENDING, "A-C"), (INSTITUTIONAL, OPERATING, "BAD"), (INSTITUTIONAL, OTHER_OPERATING, "CBE"),
        (INSTITUTIONAL, RENDERING, "DCG"), (INSTITUTIONAL, FACILITY, "E-F"), (INSTITUTIONAL, REFERRING, "FDH"),
        (INSTITUTIONAL, BILLING, "--I"),
        (DENTAL, REFERRING, "A-C"), (DENTAL, PRIMARY_CARE, "A-C"), (DENTAL, RENDERING, "BAD"),
        (DENTAL, FACILITY, "CDG"), (DENTAL, ASSISTANT, "DBH"), (DENTAL, SUPERVISING, "ECE"), (DENTAL, BILLING, "--F")):
    PLACES[_kind][_role] = PlacesC(claim="-ABCDEF".index(_letters[0]), line="-ABCDEFGH".index(_letters[1]),
                                   other="-CDEFGHI".index(_letters[2]))


cdef inline int _role_in_any(PieceC code) noexcept nogil:
    if same(code, b"82"):
        return RENDERING
    if same(code, b"DN"):
        return REFERRING
    if same(code, b"77"):
        return FACILITY
    if same(code, b"71"):
        return ATTENDING
    if same(code, b"72"):
        return OPERATING
    if same(code, b"ZZ"):
        return OTHER_OPERATING
    if same(code, b"DQ"):
        return SUPERVISING
    if same(code, b"P3"):
        return PRIMARY_CARE
    if same(code, b"DK"):
        return ORDERING
    if same(code, b"DD"):
        return ASSISTANT
    if same(code, b"QB"):
        return PURCHASED
    if same(code, b"PW"):
        return PICK_UP
    if same(code, b"45"):
        return DROP_OFF
    return -1


cdef int role_of(int kind, PieceC code, bint at_line, const char** loop) noexcept nogil:
    cdef int role = _role_in_any(code)
    cdef const PlacesC* places
    if role < 0:
        return -1
    places = &PLACES[kind][role]
    if places.claim and not at_line:
        loop[0] = OF_CLAIM[places.claim - 1]
    elif places.line and (at_line or kind == PROFESSIONAL):  # who ordered is also read where only the line has a loop
        loop[0] = OF_LINE[places.line - 1]
    else:
        return -1
    return role


cdef const char* loop_of_other(int kind, PieceC code) noexcept nogil:
    cdef int role = BILLING if same(code, b"85") else _role_in_any(code)
    cdef int place = PLACES[kind][role].other if role >= 0 else 0
    return OF_OTHER[place - 1] if place else OF_OTHER[0]
