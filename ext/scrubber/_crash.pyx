"""What a process that crashes leaves behind: its memory holds whole claims, and a core file would be a copy of them."""

cdef extern from *:
    """
    #if defined(__unix__) || defined(__APPLE__)
    #include <sys/resource.h>
    #if defined(__linux__)
    #include <sys/prctl.h>
    #endif
    static int scrubber_no_core(void) {
        struct rlimit none = {0, 0};
        int failed = setrlimit(RLIMIT_CORE, &none);
    #if defined(__linux__)
        /* A core that is piped to a program keeps to no limit. */
        failed |= prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    #endif
        return failed;
    }
    #else
    static int scrubber_no_core(void) { return 0; }
    #endif
    """
    int scrubber_no_core() noexcept nogil


def leave_no_core():
    """Lets neither this process nor those it starts write a core file; whether the system took it.

    A debugger or profiler of the same user can then not attach to it either.
    """
    return scrubber_no_core() == 0
