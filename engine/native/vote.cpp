// From nearest patches to pixels: weighted votes (Wexler et al., PAMI 2007).
#include <algorithm>
#include <cmath>

#include "common.hpp"

using namespace inlay;

// Writes the hole's features as the weighted mean of what the patches around each pixel say.
// holes: (count) pixel indices to write. nearest, cost: (height, width), nearest is -1 where there is no target.
// trust: (height, width) float32 weight of the patch around each pixel. sharpness: falloff of the weight with cost.
INLAY_API int inlay_vote(int width, int height, uint8_t* features, const int32_t* holes, int count,
                         const int32_t* nearest, const int32_t* cost, const float* trust, float sharpness, int threads,
                         const int32_t* cancel) {
    const bool going = parallel((count + BATCH - 1) / BATCH, threads, cancel, [&](int task) {
        for (int i = task * BATCH, end = std::min(count, (task + 1) * BATCH); i < end; ++i) {
            const int32_t p = holes[i];
            const int x = p % width, y = p / width;
            const int x0 = std::max(x - RADIUS, 0), x1 = std::min(x + RADIUS, width - 1);
            const int y0 = std::max(y - RADIUS, 0), y1 = std::min(y + RADIUS, height - 1);
            float mean = 0;
            int votes = 0;
            for (int v = y0; v <= y1; ++v)
                for (int u = x0; u <= x1; ++u) {
                    const int32_t q = v * width + u;
                    if (nearest[q] < 0) continue;
                    mean += static_cast<float>(cost[q]);
                    ++votes;
                }
            if (votes == 0) continue;
            const float scale = -sharpness / (mean / static_cast<float>(votes) + 1.0f);
            float sum[CHANNELS] = {}, weights = 0;
            for (int v = y0; v <= y1; ++v)
                for (int u = x0; u <= x1; ++u) {
                    const int32_t q = v * width + u;
                    if (nearest[q] < 0) continue;
                    const float weight = trust[q] * std::exp(scale * static_cast<float>(cost[q])) + 1e-20f;
                    const uint8_t* s = features + static_cast<std::ptrdiff_t>(nearest[q] + p - q) * CHANNELS;
                    for (int c = 0; c < CHANNELS; ++c) sum[c] += weight * s[c];
                    weights += weight;
                }
            uint8_t* out = features + static_cast<std::ptrdiff_t>(p) * CHANNELS;
            for (int c = 0; c < CHANNELS; ++c) out[c] = static_cast<uint8_t>(sum[c] / weights + 0.5f);
        }
    });
    return going ? 0 : 1;
}
