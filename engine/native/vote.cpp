// From nearest patches to pixels: weighted votes (Wexler et al., PAMI 2007).
#include <algorithm>
#include <cmath>

#include "common.hpp"
#include "simd.hpp"

using namespace inlay;

namespace {

constexpr int LANES = 8;  // pixels of a row that are weighed at once

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

// Who votes, and what for.
struct Ballot {
    int width, height;
    const uint8_t* features;
    const int32_t* nearest;  // (height, width), -1 where nobody votes
    const int32_t* cost;     // (height, width)
    std::vector<float> weights;
};

struct Costs {
    float sum = 0, votes = 0;
};

// What the patches around the one at `q` cost, and how many there are.
Costs costs_around(const Ballot& ballot, int32_t q) {
    const Window window(q, ballot.width, ballot.height);
    Costs costs;
    for (int v = window.top; v <= window.bottom; ++v)
        for (int u = window.left; u <= window.right; ++u) {
            const int32_t p = v * ballot.width + u;
            const float counts = ballot.nearest[p] >= 0 ? 1.0f : 0.0f;
            costs.sum += counts * static_cast<float>(ballot.cost[p]);
            costs.votes += counts;
        }
    return costs;
}

// The pixel at `p` as the patches around it say. False where nobody votes.
bool settle(const Ballot& ballot, int32_t p, uint8_t* out) {
    const Window window(p, ballot.width, ballot.height);
    float sum[CHANNELS] = {}, total = 0;
    for (int v = window.top; v <= window.bottom; ++v)
        for (int u = window.left; u <= window.right; ++u) {
            const int32_t q = v * ballot.width + u;
            const float weight = ballot.weights[static_cast<std::size_t>(q)];  // 0 where nobody votes
            if (weight == 0) continue;
            const uint8_t* s = ballot.features + static_cast<std::ptrdiff_t>(ballot.nearest[q] + p - q) * CHANNELS;
            for (int c = 0; c < CHANNELS; ++c) sum[c] += weight * static_cast<float>(s[c]);
            total += weight;
        }
    if (total == 0) return false;
    for (int c = 0; c < CHANNELS; ++c) out[c] = static_cast<uint8_t>(sum[c] / total + 0.5f);
    return true;
}

#if defined(INLAY_AVX2)
// `costs_around` for LANES pixels of a row, whose windows lie inside; added up in the same order, so to the same bit.
__attribute__((target("avx2"))) void costs_around_avx2(const Ballot& ballot, int32_t q, Costs* out) {
    const __m256 one = _mm256_set1_ps(1.0f);
    __m256 sum = _mm256_setzero_ps(), votes = sum;
    for (int v = -RADIUS; v <= RADIUS; ++v)
        for (int u = -RADIUS; u <= RADIUS; ++u) {
            const int32_t p = q + v * ballot.width + u;
            const __m256i match = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(ballot.nearest + p));
            const __m256i cost = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(ballot.cost + p));
            const __m256 counts = _mm256_castsi256_ps(_mm256_cmpgt_epi32(match, _mm256_set1_epi32(-1)));
            sum = _mm256_add_ps(sum, _mm256_and_ps(counts, _mm256_cvtepi32_ps(cost)));
            votes = _mm256_add_ps(votes, _mm256_and_ps(counts, one));
        }
    float sums[LANES], of[LANES];
    _mm256_storeu_ps(sums, sum);
    _mm256_storeu_ps(of, votes);
    for (int i = 0; i < LANES; ++i) out[i] = {sums[i], of[i]};
}

// `settle` with all channels at once, to the same bit.
__attribute__((target("avx2"))) bool settle_avx2(const Ballot& ballot, int32_t p, uint8_t* out) {
    static_assert(CHANNELS == 8, "a pixel fills a vector");
    const Window window(p, ballot.width, ballot.height);
    __m256 sum = _mm256_setzero_ps();
    float total = 0;
    for (int v = window.top; v <= window.bottom; ++v)
        for (int u = window.left; u <= window.right; ++u) {
            const int32_t q = v * ballot.width + u;
            const float weight = ballot.weights[static_cast<std::size_t>(q)];
            if (weight == 0) continue;
            const uint8_t* s = ballot.features + static_cast<std::ptrdiff_t>(ballot.nearest[q] + p - q) * CHANNELS;
            const __m128i pixel = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(s));
            sum = _mm256_add_ps(sum, _mm256_mul_ps(_mm256_set1_ps(weight), _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(pixel))));
            total += weight;
        }
    if (total == 0) return false;
    const __m256 mean = _mm256_add_ps(_mm256_div_ps(sum, _mm256_set1_ps(total)), _mm256_set1_ps(0.5f));
    int32_t levels[CHANNELS];
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(levels), _mm256_cvttps_epi32(mean));
    for (int c = 0; c < CHANNELS; ++c) out[c] = static_cast<uint8_t>(levels[c]);
    return true;
}
#endif

// `costs_around` for as many of the targets from the first one on as can be had at once; gives how many.
int costs_of_run(const Ballot& ballot, const int32_t* targets, int left, Costs* out) {
#if defined(INLAY_AVX2)
    const int32_t q = targets[0];
    const int x = q % ballot.width, y = q / ballot.width;
    const bool is_inside = x >= RADIUS && y >= RADIUS && x + LANES - 1 + RADIUS < ballot.width && y + RADIUS < ballot.height;
    if (is_inside && left >= LANES && targets[LANES - 1] - q == LANES - 1 && has_avx2()) {
        costs_around_avx2(ballot, q, out);
        return LANES;
    }
#endif
    (void)left;
    out[0] = costs_around(ballot, targets[0]);
    return 1;
}

}  // namespace

// Writes the hole's features as the weighted mean of what the patches around each pixel say.
// holes: (count) pixel indices to write. targets: (many) pixel indices whose patches vote. nearest, cost: (height, width),
// nearest is -1 where there is no target. trust: (height, width) float32 weight of the patch around each pixel.
// sharpness: how fast the weight falls with a patch's cost, over the mean cost of the patches around it.
INLAY_API int inlay_vote(int width, int height, uint8_t* features, const int32_t* holes, int count,
                         const int32_t* targets, int many, const int32_t* nearest, const int32_t* cost,
                         const float* trust, float sharpness, int threads, const int32_t* cancel) {
    Ballot ballot{width, height, features, nearest, cost, std::vector<float>(static_cast<std::size_t>(width) * height)};
    const auto weigh = [&](int task) {
        Costs around[LANES];
        for (int i = task * BATCH, end = std::min(many, (task + 1) * BATCH); i < end;) {
            const int run = costs_of_run(ballot, targets + i, end - i, around);
            for (int k = 0; k < run; ++k, ++i) {
                const int32_t q = targets[i];
                if (nearest[q] < 0) continue;
                const float over_mean = static_cast<float>(cost[q]) / (around[k].sum / around[k].votes + 1.0f);
                ballot.weights[static_cast<std::size_t>(q)] = trust[q] * std::exp(-sharpness * over_mean) + 1e-20f;
            }
        }
    };
    if (!parallel((many + BATCH - 1) / BATCH, threads, cancel, weigh)) return 1;
    auto settled = settle;
#if defined(INLAY_AVX2)
    if (has_avx2()) settled = settle_avx2;
#endif
    const bool going = parallel((count + BATCH - 1) / BATCH, threads, cancel, [&](int task) {
        for (int i = task * BATCH, end = std::min(count, (task + 1) * BATCH); i < end; ++i)
            settled(ballot, holes[i], features + static_cast<std::ptrdiff_t>(holes[i]) * CHANNELS);
    });
    return going ? 0 : 1;
}
