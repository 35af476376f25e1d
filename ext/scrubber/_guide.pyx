"""A guide made of the rows of its file (scrubber/guides): what was checked when they were compiled is not asked again."""

from libc.stdint cimport int16_t, int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from scrubber.edi cimport PieceC
from scrubber.grow cimport grow

USAGES = {"N": NOT_USED, "S": SITUATIONAL, "R": REQUIRED}
TYPES = {"AN": TEXT, "ID": CODE, "N0": WHOLE, "R": DECIMAL, "DT": DATE, "TM": TIME}
ASKED = {"nine digits": NINE_DIGITS, "remark_code": REMARK_CODE}
# Where a segment says which of those with its id it is.
WHERE = {"": NO_KEY, "1": FIRST_ELEMENT, "1-1": FIRST_COMPONENT, "3": THIRD_ELEMENT}
NOTES = {"P": PAIRED, "R": ONE_AT_LEAST, "E": EXCLUDING, "C": CONDITIONAL, "L": LIST_CONDITIONAL}
CLAIM = "2300"


cdef uint64_t _packed(str code):
    cdef bytes text = code.encode("ascii")
    cdef PieceC piece
    piece.s = text
    piece.n = len(text)
    return packed(piece)


FORMS = {_packed("D8"): FORM_D8, _packed("RD8"): FORM_RD8, _packed("D6"): FORM_D6, _packed("DT"): FORM_DT,
         _packed("TM"): FORM_TM}


cdef uint32_t _tag(str id):
    cdef uint32_t tag = 0
    for letter in f"{id:\0<3}":
        tag = tag << 8 | <uint32_t>ord(letter)
    return tag


cdef class Guide:
    """A guide, of the rows of its file.

    Attributes:
        name: "837P".
        versions: What GS08 and ST03 call it.
        made_of: The map that it was made of.
    """

    def __cinit__(self, dict rows not None):
        self.name, self.versions, self.made_of = rows["guide"], tuple(rows["versions"]), rows["made_of"]
        codes = [sorted(_packed(code) for code in row.split()) for row in rows["codes"]]
        # Parts lie in one array: first those of segments, then those of composites.
        parts = [number for _, _, numbers, _ in rows["segments"] for number in numbers]
        notes = [note for *_, listed in rows["segments"] for note in listed]
        composites = sum(len(row[4]) for row in rows["elements"] if row[0] == "composite")
        self.c.codes = <uint64_t*>calloc(sum(map(len, codes)) + 1, sizeof(uint64_t))
        self.c.elements = <ElementC*>calloc(len(rows["elements"]) + 1, sizeof(ElementC))
        self.c.parts = <int32_t*>calloc(len(parts) + composites + 1, sizeof(int32_t))
        self.c.forms = <FormC*>calloc(len(rows["segments"]) + 1, sizeof(FormC))
        self.c.notes = <NoteC*>calloc(len(notes) + 1, sizeof(NoteC))
        if (self.c.codes == NULL or self.c.elements == NULL or self.c.parts == NULL or self.c.forms == NULL
                or self.c.notes == NULL):
            raise MemoryError
        starts = self._lay_codes(codes)
        for place, number in enumerate(parts):
            self.c.parts[place] = number
        self._lay_elements(rows["elements"], codes, starts, len(parts))
        self._lay_forms(rows["segments"])
        self._lay_node(rows["tree"], -1, b"", False)
        self._lay_tags()
        self._lay_ways()

    def __dealloc__(self):
        free(self.c.codes)
        free(self.c.elements)
        free(self.c.parts)
        free(self.c.forms)
        free(self.c.notes)
        free(self.c.ways)
        free(self.c.starts)
        free(self.c.steps)

    cdef list _lay_codes(self, list codes):
        """Where each list of codes begins."""
        cdef int32_t at = 0
        starts = []
        for listed in codes:
            starts.append(at)
            for code in listed:
                self.c.codes[at] = code
                at += 1
        return starts

    cdef int _lay_elements(self, list rows, list codes, list starts, int32_t part) except -1:
        cdef ElementC* element
        cdef int place
        for place, row in enumerate(rows):
            element = &self.c.elements[place]
            if row[0] == "composite":
                _, usage, reference, element.repeat, numbers = row
                element.type = COMPOSITE
                element.first_part = part
                element.part_count = len(numbers)
                for place_in, number in enumerate(numbers, 1):
                    self.c.parts[part] = number
                    part += 1
                    if rows[number][0] == "R":
                        element.needed = place_in
            else:
                usage, reference, kind, element.shortest, element.longest, listed, asked = row
                element.type = TYPES[kind]
                element.asked = ASKED.get(asked, NOTHING)
                element.first_code = starts[listed]
                element.code_count = len(codes[listed])
                element.is_formed = reference == "1251"
                for code in codes[listed] if reference == "1250" else ():
                    element.forms |= <uint8_t>FORMS.get(code, FORM_OTHER)
            element.usage = USAGES[usage]
            _copy(element.reference, reference, 4)
        return 0

    cdef int _lay_forms(self, list rows) except -1:
        cdef FormC* form
        cdef ElementC* key
        cdef int32_t part = 0, note = 0
        cdef int place
        self.c.form_count = len(rows)
        for place, (id, where, numbers, notes) in enumerate(rows):
            form = &self.c.forms[place]
            form.tag = _tag(id)
            form.first = part
            form.count = len(numbers)
            part += form.count
            form.key = WHERE[where]
            form.dated = id == "DTP"
            if form.key:
                key = &self.c.elements[numbers[2 if form.key == THIRD_ELEMENT else 0]]
                if form.key == FIRST_COMPONENT:
                    key = &self.c.elements[self.c.parts[key.first_part]]
                form.first_code = key.first_code
                form.code_count = key.code_count
            for i, number in enumerate(numbers, 1):
                form.required |= <uint64_t>(self.c.elements[<int>number].usage == REQUIRED) << <int>i
                form.unused |= <uint64_t>(self.c.elements[<int>number].usage == NOT_USED) << <int>i
            form.first_note = note
            form.note_count = len(notes)
            for text in notes:
                self.c.notes[note].kind = NOTES[text[0]]
                elements = [int(text[i:i + 2]) for i in range(1, len(text), 2)]
                self.c.notes[note].count = len(elements)
                for i, element in enumerate(elements):
                    self.c.notes[note].elements[i] = element
                    self.c.notes[note].all |= <uint64_t>1 << <int>element
                self.c.notes[note].first = <uint64_t>1 << <int>elements[0]
                note += 1
        return 0

    cdef int _lay_node(self, list row, int parent, bytes loop, bint in_claim) except -1:
        """Lays a loop or a segment and what is in it; returns its number."""
        cdef int number = self.c.node_count
        cdef NodeC* node
        if number >= MAX_NODES:
            raise ValueError("a guide of so many loops and segments does not fit")
        node = &self.c.nodes[number]
        self.c.node_count += 1
        node.is_loop = row[0] == "loop"
        node.usage = USAGES[row[2]]
        node.position = row[3]
        node.most = row[4]
        node.parent = parent
        node.form = -1
        if node.is_loop:
            # Some loops of the map stand for a table of the set: the guide has no such loop.
            loop = row[1].encode("ascii") if row[1][:1].isdigit() else b""
            in_claim = in_claim or row[1] == CLAIM
            for child in row[5]:
                self._lay_node(child, number, loop, in_claim)
            node.form = -1 if self.c.nodes[number + 1].is_loop else self.c.nodes[number + 1].form
        else:
            node.form = row[1]
        node.in_claim = in_claim
        _copy(node.loop, loop.decode("ascii"), 8)
        node.end = self.c.node_count
        return number


    # The ways on.

    cdef int _lay_tags(self) except -1:
        """Numbers the ids of segments."""
        cdef int32_t i
        cdef uint32_t tag
        for i in range(self.c.form_count):
            tag = self.c.forms[i].tag
            if number_of(&self.c, tag):
                continue
            if self.c.tags[hash_of(tag)]:
                raise ValueError("two ids of segments have one hash; choose another in hash_of")
            self.c.tag_count += 1
            self.c.tags[hash_of(tag)] = self.c.tag_count
            self.c.tag[self.c.tag_count] = tag
        return 0

    cdef int _lay_ways(self) except -1:
        """Lays what may come after each node: the rest of its loop from its position on, then of the one around."""
        cdef int32_t i, number, start
        self.c.ways = <WayC*>calloc(self.c.node_count + 1, sizeof(WayC))
        if self.c.ways == NULL:
            raise MemoryError
        for i in range(1, self.c.node_count):
            self.c.nodes[i].way = self._way(self.c.nodes[i].parent, self.c.nodes[i].position)
        self.c.starts = <uint16_t*>calloc(self.c.way_count * (self.c.tag_count + 1) + 1, sizeof(uint16_t))
        if self.c.starts == NULL:
            raise MemoryError
        laid: dict[bytes, int] = {}          # most ways are alike: each is kept once, so that they stay near
        for i in range(self.c.way_count):
            for number in range(self.c.tag_count + 1):
                start = self.c.step_count
                self._lay_steps(i, number)
                steps = (<char*>&self.c.steps[start])[:(self.c.step_count - start) * sizeof(int16_t)]
                if laid.setdefault(steps, start) != start:
                    self.c.step_count = start
                if self.c.step_count > 65535:
                    raise ValueError("a guide with so many ways on does not fit")
                self.c.starts[i * (self.c.tag_count + 1) + number] = laid[steps]
        return 0

    cdef int _way(self, int loop, int32_t position) except -1:
        """Number of the way on in a loop from a position on."""
        cdef int32_t i
        for i in range(self.c.way_count):
            if self.c.ways[i].loop == loop and self.c.ways[i].position == position:
                return i
        i = self.c.way_count
        self.c.way_count += 1
        self.c.ways[i].loop = loop
        self.c.ways[i].position = position
        # A loop stands before what is in it, and so does its way.
        self.c.ways[i].around = self.c.nodes[loop].way if loop else -1
        return i

    cdef int _lay_steps(self, int way, int number) except -1:
        cdef int32_t node = self.c.ways[way].loop + 1
        while node < self.c.nodes[self.c.ways[way].loop].end:
            if self.c.nodes[node].position >= self.c.ways[way].position and self._leads(node, self.c.tag[number]):
                self._step(node)
            node = self.c.nodes[node].end
        return self._step(-1)

    cdef int _step(self, int node) except -1:
        grow(<void**>&self.c.steps, &self.c.step_room, self.c.step_count, sizeof(int16_t))
        self.c.steps[self.c.step_count] = node
        self.c.step_count += 1
        return 0

    cdef bint _leads(self, int node, uint32_t tag) noexcept:
        """Whether a segment of some id may be a node, or passes over what is required."""
        cdef const NodeC* one = &self.c.nodes[node]
        cdef int32_t inner = node + 1
        if one.form >= 0:
            return one.usage == REQUIRED or self.c.forms[one.form].tag == tag
        while inner < one.end:
            if self._leads(inner, tag):
                return True
            inner = self.c.nodes[inner].end
        return False


cdef int _copy(char* to, str text, int room) except -1:
    cdef bytes ascii = text.encode("ascii")
    if len(ascii) > room:
        raise ValueError("an id of a guide is longer than there is room")
    memset(to, 0, room)
    memcpy(to, <char*>ascii, len(ascii))
    return 0
