// Sum of squared differences between two 7 x 7 patches of 8-byte feature pixels.
#pragma once

#include "common.hpp"

namespace inlay {

// A target patch widened once, because it is compared with many sources.
struct TargetPatch {
    alignas(32) int16_t value[SIDE][ROW + 8];
    alignas(32) int16_t mask[SIDE][ROW + 8];  // -1 where the pixel counts, 0 where it lies outside the picture
    int counted = 0;                          // pixels that count
};

// `source` points at the patch's first byte, `stride` is bytes from row to row. Stops once the sum passes `limit`.
using Distance = int32_t (*)(const TargetPatch& target, const uint8_t* source, std::ptrdiff_t stride, int32_t limit);

Distance fastest_distance();  // for whole patches, by what this processor can do
int32_t masked_distance(const TargetPatch& target, const uint8_t* source, std::ptrdiff_t stride, int32_t limit);

}  // namespace inlay
