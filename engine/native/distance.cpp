#include "distance.hpp"

#include "simd.hpp"

namespace inlay {
namespace {

#if !defined(INLAY_X86)
int32_t plain_distance(const TargetPatch& target, const uint8_t* source, std::ptrdiff_t stride, int32_t limit) {
    int32_t sum = 0;
    for (int row = 0; row < SIDE && sum <= limit; ++row, source += stride) {
        int32_t part = 0;
        for (int i = 0; i < ROW; ++i) {
            const int32_t d = target.value[row][i] - source[i];
            part += d * d;
        }
        sum += part;
    }
    return sum;
}
#endif

#if defined(INLAY_X86)
inline int32_t total(__m128i v) {
    v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0x4E));
    v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0xB1));
    return _mm_cvtsi128_si32(v);
}

inline __m128i squares(__m128i sum, __m128i source, const int16_t* target) {
    const __m128i d = _mm_sub_epi16(source, _mm_loadu_si128(reinterpret_cast<const __m128i*>(target)));
    return _mm_add_epi32(sum, _mm_madd_epi16(d, d));
}

int32_t sse2_distance(const TargetPatch& target, const uint8_t* source, std::ptrdiff_t stride, int32_t limit) {
    const __m128i zero = _mm_setzero_si128();
    __m128i sum = zero;
    for (int row = 0; row < SIDE; ++row, source += stride) {
        const int16_t* t = target.value[row];
        for (int i = 0; i < 48; i += 16) {
            const __m128i s = _mm_loadu_si128(reinterpret_cast<const __m128i*>(source + i));
            sum = squares(sum, _mm_unpacklo_epi8(s, zero), t + i);
            sum = squares(sum, _mm_unpackhi_epi8(s, zero), t + i + 8);
        }
        const __m128i s = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(source + 48));
        sum = squares(sum, _mm_unpacklo_epi8(s, zero), t + 48);
        if ((row & 1) && total(sum) > limit) break;
    }
    return total(sum);
}
#endif

#if defined(INLAY_AVX2)
__attribute__((target("avx2"))) int32_t avx2_distance(const TargetPatch& target, const uint8_t* source,
                                                      std::ptrdiff_t stride, int32_t limit) {
    __m256i sum = _mm256_setzero_si256();
    __m128i tail = _mm_setzero_si128();
    int32_t all = 0;
    for (int row = 0; row < SIDE; ++row, source += stride) {
        const int16_t* t = target.value[row];
        for (int i = 0; i < 48; i += 16) {
            const __m256i s = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(source + i)));
            const __m256i d = _mm256_sub_epi16(s, _mm256_load_si256(reinterpret_cast<const __m256i*>(t + i)));
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(d, d));
        }
        const __m128i s = _mm_cvtepu8_epi16(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(source + 48)));
        tail = squares(tail, s, t + 48);
        if ((row & 1) || row == SIDE - 1) {
            all = total(_mm_add_epi32(tail, _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1))));
            if (all > limit) break;
        }
    }
    return all;
}
#endif

}  // namespace

Distance fastest_distance() {
#if defined(INLAY_AVX2)
    if (has_avx2()) return avx2_distance;
#endif
#if defined(INLAY_X86)
    return sse2_distance;
#else
    return plain_distance;
#endif
}

int32_t masked_distance(const TargetPatch& target, const uint8_t* source, std::ptrdiff_t stride, int32_t limit) {
    int32_t sum = 0;
    for (int row = 0; row < SIDE && sum <= limit; ++row, source += stride) {
        int32_t part = 0;
        for (int i = 0; i < ROW; ++i) {
            const int32_t d = (target.value[row][i] - source[i]) & target.mask[row][i];
            part += d * d;
        }
        sum += part;
    }
    return sum;
}

}  // namespace inlay
