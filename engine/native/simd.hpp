// Which vector instructions there are: SSE2 wherever the processor is an x86 of 64 bits, AVX2 where it says so.
#pragma once

#if defined(__x86_64__) || defined(_M_X64)
#define INLAY_X86 1
#include <immintrin.h>
#endif
#if defined(INLAY_X86) && (defined(__GNUC__) || defined(__clang__))
#define INLAY_AVX2 1
#endif

namespace inlay {

inline bool has_avx2() {
#if defined(INLAY_AVX2)
    static const bool is_there = __builtin_cpu_supports("avx2");
    return is_there;
#else
    return false;
#endif
}

}  // namespace inlay
