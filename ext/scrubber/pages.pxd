"""Large arrays on large pages, where the system has them: a page that is touched first costs what hundreds of claims do."""

cdef extern from *:
    """
    #include <stddef.h>
    #include <stdint.h>
    #if defined(__linux__)
    #include <sys/mman.h>
    #endif
    #if defined(__linux__) && defined(MADV_HUGEPAGE)
    static inline void scrubber_on_large_pages(void* items, size_t size) {
        const uintptr_t small = 4096, large = (uintptr_t)1 << 21;
        const uintptr_t start = ((uintptr_t)items + small - 1) & ~(small - 1);
        const uintptr_t end = ((uintptr_t)items + size) & ~(small - 1);
        /* Where it is refused, the pages are small ones. A small array would take much more than it fills. */
        if (end > start && end - start >= 4 * large)
            (void)madvise((void*)start, end - start, MADV_HUGEPAGE);
    }
    #else
    static inline void scrubber_on_large_pages(void* items, size_t size) {
        (void)items;
        (void)size;
    }
    #endif
    """
    void on_large_pages "scrubber_on_large_pages"(void* items, size_t size) noexcept nogil
