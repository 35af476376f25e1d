"""Large blocks of memory that wait for the next batch: to touch new pages costs what hundreds of claims do."""

# A block that holds so many bytes, and how many it holds; NULL where none waits. With the interpreter's lock.
cdef void* take_block(size_t size, size_t* holds) noexcept
# Has a block of malloc wait, or frees it. With the interpreter's lock.
cdef void give_block(void* block, size_t size) noexcept
