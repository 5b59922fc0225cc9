// One level of the pyramid: the next coarser level, and where patches lie wholly in known pixels.
#include <algorithm>

#include "common.hpp"

using namespace inlay;

namespace {

constexpr int ROWS = 16;  // that one task takes

int tasks_for(int height) { return (height + ROWS - 1) / ROWS; }

}  // namespace

// Half the size, by a [1 3 3 1] / 8 filter over known pixels alone. A cell is known where most of it is.
INLAY_API int inlay_shrink(int width, int height, const uint8_t* features, const uint8_t* state, uint8_t* half_features,
                           uint8_t* half_state, int threads, const int32_t* cancel) {
    const int half_width = (width + 1) / 2, half_height = (height + 1) / 2;
    constexpr int32_t kernel[4] = {1, 3, 3, 1};
    const bool going = parallel(tasks_for(half_height), threads, cancel, [&](int task) {
        for (int v = task * ROWS, end = std::min(half_height, v + ROWS); v < end; ++v)
            for (int u = 0; u < half_width; ++u) {
                int32_t sum[CHANNELS] = {}, known = 0, hole = 0;
                for (int j = 0; j < 4; ++j) {
                    const int y = 2 * v - 1 + j;
                    if (y < 0 || y >= height) continue;
                    for (int i = 0; i < 4; ++i) {
                        const int x = 2 * u - 1 + i;
                        if (x < 0 || x >= width) continue;
                        const std::size_t p = static_cast<std::size_t>(y) * width + x;
                        const int32_t weight = kernel[i] * kernel[j];
                        if (state[p] == HOLE) hole += weight;
                        if (state[p] != KNOWN) continue;
                        known += weight;
                        for (int c = 0; c < CHANNELS; ++c) sum[c] += weight * features[p * CHANNELS + c];
                    }
                }
                const std::size_t cell = static_cast<std::size_t>(v) * half_width + u;
                half_state[cell] = known > hole ? KNOWN : hole > 0 ? HOLE : VOID;
                uint8_t* out = half_features + cell * CHANNELS;
                for (int c = 0; c < CHANNELS; ++c)
                    out[c] = half_state[cell] == KNOWN ? static_cast<uint8_t>((sum[c] + known / 2) / known) : 0;
            }
    });
    return going ? 0 : 1;
}

// out: (height, width) 1 where any pixel of a window of (2 reach + 1) squared is not 0. Outside the picture is `beyond`.
INLAY_API void inlay_spread(int width, int height, const uint8_t* mask, int reach, int beyond, uint8_t* out) {
    std::vector<int32_t> column(static_cast<std::size_t>(width), 0);
    std::vector<int32_t> sums(static_cast<std::size_t>(width) + 1, 0);
    for (int y = -reach; y < height; ++y) {
        const int enters = y + reach, leaves = y - reach - 1;
        for (int x = 0; x < width; ++x) {
            if (enters < height) column[static_cast<std::size_t>(x)] += mask[static_cast<std::size_t>(enters) * width + x] != 0;
            if (leaves >= 0) column[static_cast<std::size_t>(x)] -= mask[static_cast<std::size_t>(leaves) * width + x] != 0;
        }
        if (y < 0) continue;
        const bool near_rows = beyond && (y < reach || y + reach >= height);
        for (int x = 0; x < width; ++x) sums[static_cast<std::size_t>(x) + 1] = sums[static_cast<std::size_t>(x)] + column[static_cast<std::size_t>(x)];
        for (int x = 0; x < width; ++x) {
            const int from = std::max(0, x - reach), to = std::min(width, x + reach + 1);
            const bool near_columns = beyond && (x < reach || x + reach >= width);
            out[static_cast<std::size_t>(y) * width + x] =
                near_rows || near_columns || sums[static_cast<std::size_t>(to)] > sums[static_cast<std::size_t>(from)];
        }
    }
}

// depth: (height, width) uint8, how many city-block steps (at most 255) lead out of the mask; 0 outside. What lies
// beyond the picture is neither in nor out.
INLAY_API void inlay_depth(int width, int height, const uint8_t* mask, uint8_t* depth) {
    const auto at = [&](int x, int y) -> int {
        return x < 0 || y < 0 || x >= width || y >= height ? 255 : depth[static_cast<std::size_t>(y) * width + x];
    };
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const std::size_t p = static_cast<std::size_t>(y) * width + x;
            depth[p] = mask[p] ? static_cast<uint8_t>(std::min(255, std::min(at(x - 1, y), at(x, y - 1)) + 1)) : 0;
        }
    for (int y = height - 1; y >= 0; --y)
        for (int x = width - 1; x >= 0; --x) {
            const std::size_t p = static_cast<std::size_t>(y) * width + x;
            const int back = std::min(at(x + 1, y), at(x, y + 1)) + 1;
            if (mask[p] && back < depth[p]) depth[p] = static_cast<uint8_t>(back);
        }
}

// Raised whenever a function's arguments change; see kernel.py.
INLAY_API int inlay_abi() { return 5; }
