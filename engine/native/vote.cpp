// From nearest patches to pixels: weighted votes (Wexler et al., PAMI 2007).
#include <algorithm>
#include <cmath>

#include "common.hpp"

using namespace inlay;

namespace {

struct Window {
    int left, right, top, bottom;  // inclusive

    Window(int32_t p, int width, int height) {
        const int x = p % width, y = p / width;
        left = std::max(x - RADIUS, 0);
        right = std::min(x + RADIUS, width - 1);
        top = std::max(y - RADIUS, 0);
        bottom = std::min(y + RADIUS, height - 1);
    }
};

}  // namespace

// Writes the hole's features as the weighted mean of what the patches around each pixel say.
// holes: (count) pixel indices to write. targets: (many) pixel indices whose patches vote. nearest, cost: (height, width),
// nearest is -1 where there is no target. trust: (height, width) float32 weight of the patch around each pixel.
// sharpness: how fast the weight falls with a patch's cost, over the mean cost of the patches around it.
INLAY_API int inlay_vote(int width, int height, uint8_t* features, const int32_t* holes, int count,
                         const int32_t* targets, int many, const int32_t* nearest, const int32_t* cost,
                         const float* trust, float sharpness, int threads, const int32_t* cancel) {
    std::vector<float> weights(static_cast<std::size_t>(width) * height);
    const auto weigh = [&](int task) {
        for (int i = task * BATCH, end = std::min(many, (task + 1) * BATCH); i < end; ++i) {
            const int32_t q = targets[i];
            if (nearest[q] < 0) continue;
            const Window window(q, width, height);
            float sum = 0, votes = 0;
            for (int v = window.top; v <= window.bottom; ++v)
                for (int u = window.left; u <= window.right; ++u) {
                    const float counts = nearest[v * width + u] >= 0 ? 1.0f : 0.0f;
                    sum += counts * static_cast<float>(cost[v * width + u]);
                    votes += counts;
                }
            const float over_mean = static_cast<float>(cost[q]) / (sum / votes + 1.0f);
            weights[static_cast<std::size_t>(q)] = trust[q] * std::exp(-sharpness * over_mean) + 1e-20f;
        }
    };
    if (!parallel((many + BATCH - 1) / BATCH, threads, cancel, weigh)) return 1;
    const bool going = parallel((count + BATCH - 1) / BATCH, threads, cancel, [&](int task) {
        for (int i = task * BATCH, end = std::min(count, (task + 1) * BATCH); i < end; ++i) {
            const int32_t p = holes[i];
            const Window window(p, width, height);
            float sum[CHANNELS] = {}, total = 0;
            for (int v = window.top; v <= window.bottom; ++v)
                for (int u = window.left; u <= window.right; ++u) {
                    const int32_t q = v * width + u;
                    const float weight = weights[static_cast<std::size_t>(q)];  // 0 where nobody votes
                    if (weight == 0) continue;
                    const uint8_t* s = features + static_cast<std::ptrdiff_t>(nearest[q] + p - q) * CHANNELS;
                    for (int c = 0; c < CHANNELS; ++c) sum[c] += weight * static_cast<float>(s[c]);
                    total += weight;
                }
            if (total == 0) continue;
            uint8_t* out = features + static_cast<std::ptrdiff_t>(p) * CHANNELS;
            for (int c = 0; c < CHANNELS; ++c) out[c] = static_cast<uint8_t>(sum[c] / total + 0.5f);
        }
    });
    return going ? 0 : 1;
}
