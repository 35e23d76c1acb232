#include <zlib.h>
// malloc_trim, which Glibc leaves out.
#include <malloc.h>
