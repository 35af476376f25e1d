"""Of which services payers want an authorization, and which codes they take for one another."""

from libc.stdint cimport int32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from scrubber._intervals cimport append_intervals, intervals_of
from scrubber.words cimport (
    V_LINE_AUTH_NEED_NONE, V_LINE_AUTH_NEED_NOTICE, V_LINE_AUTH_NEED_REFERRAL, V_LINE_AUTH_NEED_REQUIRED,
)

from scrubber.symbols import NO_DAY as EARLIEST, OPEN_DAY, WIDTHS, bounds, day_number


cdef class Needs:
    """Needs by payer from the most to the least specific, and families and places by profile.

    Args:
        payers: Name and number of the profile of each payer.
        profiles: Every Profile, in the order of the run's profiles.
    """

    def __cinit__(self, payers, profiles):
        cdef list intervals = []
        cdef list compiled = []
        cdef int32_t payer, i
        cdef NeedC* need
        memset(&self.c, 0, sizeof(NeedsC))
        needs = {"none": V_LINE_AUTH_NEED_NONE, "required": V_LINE_AUTH_NEED_REQUIRED,
                 "notice": V_LINE_AUTH_NEED_NOTICE, "referral": V_LINE_AUTH_NEED_REFERRAL}
        strength = ("required", "referral", "notice", "none")
        self.c.payers = <ListC*>calloc(len(payers) + 1, sizeof(ListC))
        self.c.has_rules = <uint8_t*>calloc(len(payers) + 1, 1)
        self.c.families = <ListC*>calloc(len(profiles) + 1, sizeof(ListC))
        self.c.groups = <ListC*>calloc(len(profiles) + 1, sizeof(ListC))
        if (self.c.payers == NULL or self.c.has_rules == NULL or self.c.families == NULL or self.c.groups == NULL):
            raise MemoryError
        for payer, (name, profile) in enumerate(payers):
            rules = [rule for rule in profiles[profile].auth_rules or () if rule.payer in ("*", name)]
            self.c.has_rules[payer] = bool(rules)
            spans = [(interval, rule) for rule in rules if rule.plan == "*" for member in rule.codes
                     if (interval := bounds(member, WIDTHS["code"])) is not None]
            spans.sort(key=lambda span: (span[1].payer == "*", span[0][1] - span[0][0], not span[1].pos,
                                         strength.index(span[1].need)))
            self.c.payers[payer].first = len(compiled)
            self.c.payers[payer].count = len(spans)
            compiled.extend(spans)
        self.c.needs = <NeedC*>calloc(len(compiled) + 1, sizeof(NeedC))
        if self.c.needs == NULL:
            raise MemoryError
        for i, (interval, rule) in enumerate(compiled):
            need = &self.c.needs[i]
            need.codes.lo, need.codes.hi = interval
            need.pos = append_intervals(intervals, rule.pos, WIDTHS["pos"])
            need.dx_exempt = append_intervals(intervals, rule.dx_exempt, WIDTHS["dx"])
            need.from_day = EARLIEST if rule.from_ is None else day_number(rule.from_)
            need.to_day = OPEN_DAY if rule.to is None else day_number(rule.to) + 1
            need.need = needs[rule.need]
            need.own = rule.payer != "*"
        self.c.family_lists = self._lists(self.c.families, [profile.auth_families for profile in profiles], intervals,
                                          WIDTHS["code"])
        self.c.group_lists = self._lists(self.c.groups, [profile.settings.get("pos_groups") or ()
                                                         for profile in profiles], intervals, WIDTHS["pos"])
        self.c.intervals = intervals_of(intervals)

    cdef ListC* _lists(self, ListC* of_profile, list groups, list intervals, int width) except NULL:
        """Lists of codes of each profile: fills where those of a profile lie, and gives them one after the other."""
        cdef list every = [group for mine in groups for group in mine]
        cdef ListC* out = <ListC*>calloc(len(every) + 1, sizeof(ListC))
        cdef int32_t i, first = 0
        if out == NULL:
            raise MemoryError
        for i, mine in enumerate(groups):
            of_profile[i].first = first
            of_profile[i].count = <int32_t>len(mine)
            first += of_profile[i].count
        for i, group in enumerate(every):
            out[i] = append_intervals(intervals, group, width)
        return out

    def __dealloc__(self):
        free(self.c.payers)
        free(self.c.has_rules)
        free(self.c.families)
        free(self.c.family_lists)
        free(self.c.groups)
        free(self.c.group_lists)
        free(self.c.needs)
        free(self.c.intervals)
