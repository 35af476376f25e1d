"""What a process that crashes leaves behind: its memory holds whole claims, and a core file would be a copy of them.

And what it says where a file is taken from under it: to read where a mapped file has been cut short is a signal, SIGBUS.
"""

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


cdef extern from *:
    """
    #if defined(__unix__) || defined(__APPLE__)
    #include <signal.h>
    #include <stdatomic.h>
    #include <string.h>
    #include <unistd.h>

    /* What is mapped; nothing is taken out, so that the handler may read it at any moment. */
    static struct { const char* begin; size_t size; const char* said; size_t length; } scrubber_mapped[4096];
    static volatile int scrubber_mapped_n = 0;
    static int scrubber_tells = 0;
    static atomic_flag scrubber_told = ATOMIC_FLAG_INIT;
    static struct sigaction scrubber_before;

    static void scrubber_lost(int number, siginfo_t* info, void* context) {
        const char* at = (const char*)info->si_addr;
        (void)context;
        for (int i = 0; i < scrubber_mapped_n; i++) {
            if (at >= scrubber_mapped[i].begin && at < scrubber_mapped[i].begin + scrubber_mapped[i].size) {
                /* All threads read the same files: who comes later waits for the end of the process. */
                while (atomic_flag_test_and_set(&scrubber_told)) pause();
                (void)!write(2, scrubber_mapped[i].said, scrubber_mapped[i].length);
                _exit(2);
            }
        }
        sigaction(number, &scrubber_before, NULL);
        raise(number);
    }
    static int scrubber_tell_lost(void) {
        struct sigaction action;
        if (scrubber_tells) return 0;
        memset(&action, 0, sizeof action);
        action.sa_sigaction = scrubber_lost;
        action.sa_flags = SA_SIGINFO;
        scrubber_tells = 1;
        return sigaction(SIGBUS, &action, &scrubber_before);
    }
    static void scrubber_watch(const char* begin, size_t size, const char* said) {
        char* kept;
        if (!scrubber_tells || scrubber_mapped_n == 4096 || !(kept = strdup(said))) return;
        scrubber_mapped[scrubber_mapped_n].begin = begin;
        scrubber_mapped[scrubber_mapped_n].size = size;
        scrubber_mapped[scrubber_mapped_n].said = kept;
        scrubber_mapped[scrubber_mapped_n].length = strlen(kept);
        scrubber_mapped_n++;
    }
    #else
    static int scrubber_tell_lost(void) { return 0; }
    static void scrubber_watch(const char* begin, size_t size, const char* said) { }
    #endif
    """
    int scrubber_tell_lost() noexcept nogil
    void scrubber_watch(const char* begin, size_t size, const char* said) noexcept nogil


def leave_no_core():
    """Lets neither this process nor those it starts write a core file; whether the system took it.

    A debugger or profiler of the same user can then not attach to it either.
    """
    return scrubber_no_core() == 0


def tell_lost_files():
    """Ends this process with one message and code 2 where a file that is watched from now on is cut short in use.

    For a process that is ours alone: a handler of SIGBUS is of the whole process, so that no library sets one.
    """
    return scrubber_tell_lost() == 0


def watch(const unsigned char[::1] mapped not None, str path, str remedy):
    """Notes that a file is mapped, to the end of the process; nothing is noted where `tell_lost_files` was not called.

    Args:
        mapped: Its bytes, at least one.
        path, remedy: For the message.
    """
    cdef str name = "".join(each if each.isprintable() else "?" for each in path)
    cdef bytes said = (f"scrubber: {name}: was cut short while it was in use, or its disk cannot read it; {remedy}\n"
                       .encode("utf-8", "replace"))
    scrubber_watch(<const char*>&mapped[0], <size_t>mapped.shape[0], said)
