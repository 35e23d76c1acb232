#ifndef WEBINAR_CZLIB_SHIM_H
#define WEBINAR_CZLIB_SHIM_H

#include <zlib.h>

// zlib's init functions are macros with arguments, which Swift does not import.

static inline int webinar_deflateInit(z_stream *stream, int level) {
    return deflateInit(stream, level);
}

static inline int webinar_inflateInit(z_stream *stream) {
    return inflateInit(stream);
}

#endif
