// One level of the pyramid: its features, the next coarser level, and where patches lie wholly in known pixels.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "common.hpp"

using namespace inlay;

namespace {

constexpr int ROWS = 16;  // that one task takes

int tasks_for(int height) { return (height + ROWS - 1) / ROWS; }

// Steps between known neighbours, and how many there are, summed over a window along one axis at a time.
struct Steps {
    float x, y, of_x, of_y;
};

float grey(const uint8_t* p) { return 0.30f * p[0] + 0.59f * p[1] + 0.11f * p[2]; }

}  // namespace

// features: (height, width, CHANNELS), written where known: colour and alpha from `proxy` (height, width, 4), then how
// rough the surroundings are across and along (averaged absolute differences, Newson et al., SIAM J. Imaging 2014),
// as logarithms, because it is the ratio of two roughnesses that is seen. state: (height, width) VOID, KNOWN or HOLE.
INLAY_API int inlay_features(int width, int height, const uint8_t* proxy, const uint8_t* state, int reach, float weight,
                             uint8_t* features, int threads, const int32_t* cancel) {
    const std::size_t size = static_cast<std::size_t>(width) * height;
    std::vector<Steps> rows(size);
    const auto summed_along_rows = [&](int task) {
        std::vector<Steps> line(static_cast<std::size_t>(width));
        for (int y = task * ROWS, end = std::min(height, y + ROWS); y < end; ++y) {
            for (int x = 0; x < width; ++x) {
                const std::size_t p = static_cast<std::size_t>(y) * width + x;
                Steps& here = line[static_cast<std::size_t>(x)] = Steps{};
                if (state[p] != KNOWN) continue;
                const float value = grey(proxy + p * 4);
                if (x + 1 < width && state[p + 1] == KNOWN) {
                    here.x = std::fabs(grey(proxy + (p + 1) * 4) - value);
                    here.of_x = 1;
                }
                if (y + 1 < height && state[p + width] == KNOWN) {
                    here.y = std::fabs(grey(proxy + (p + width) * 4) - value);
                    here.of_y = 1;
                }
            }
            for (int x = 0; x < width; ++x) {
                Steps sum{};
                for (int u = std::max(0, x - reach); u <= std::min(width - 1, x + reach); ++u) {
                    const Steps& s = line[static_cast<std::size_t>(u)];
                    sum = {sum.x + s.x, sum.y + s.y, sum.of_x + s.of_x, sum.of_y + s.of_y};
                }
                rows[static_cast<std::size_t>(y) * width + x] = sum;
            }
        }
    };
    if (!parallel(tasks_for(height), threads, cancel, summed_along_rows)) return 1;
    const bool going = parallel(tasks_for(height), threads, cancel, [&](int task) {
        for (int y = task * ROWS, end = std::min(height, y + ROWS); y < end; ++y)
            for (int x = 0; x < width; ++x) {
                const std::size_t p = static_cast<std::size_t>(y) * width + x;
                uint8_t* out = features + p * CHANNELS;
                std::memset(out, 0, CHANNELS);
                if (state[p] != KNOWN) continue;
                Steps sum{};
                for (int v = std::max(0, y - reach); v <= std::min(height - 1, y + reach); ++v) {
                    const Steps& s = rows[static_cast<std::size_t>(v) * width + x];
                    sum = {sum.x + s.x, sum.y + s.y, sum.of_x + s.of_x, sum.of_y + s.of_y};
                }
                std::memcpy(out, proxy + p * 4, 4);
                const float across = sum.x / std::max(sum.of_x, 1.0f), along = sum.y / std::max(sum.of_y, 1.0f);
                out[4] = static_cast<uint8_t>(std::min(255.0f, weight * std::log2(1 + across) + 0.5f));
                out[5] = static_cast<uint8_t>(std::min(255.0f, weight * std::log2(1 + along) + 0.5f));
            }
    });
    return going ? 0 : 1;
}

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
INLAY_API int inlay_abi() { return 2; }
