// Nearest patches of the hole in the known part: PatchMatch (Barnes et al., SIGGRAPH 2009) and, for small levels, all.
#include <algorithm>
#include <cmath>
#include <limits>

#include "distance.hpp"

namespace inlay {
namespace {

constexpr float UPRIGHT = 2;  // scenes lie in layers: a way up or down costs more than one to the side (measured)

struct Level {
    int width, height;
    const uint8_t* features;  // (height, width, CHANNELS)
    const uint8_t* state;     // (height, width) VOID pixels of a target do not count
    const uint8_t* whole;     // (height, width) 1 = every pixel of the patch around the pixel counts
    const uint8_t* sources;   // (height, width) 1 = the whole patch around the pixel is known
    float locality;           // what a pixel of way from target to source costs

    int32_t way(int across, int down) const {
        const float dx = static_cast<float>(across), dy = UPRIGHT * static_cast<float>(down);
        return static_cast<int32_t>(locality * std::sqrt(dx * dx + dy * dy));
    }
};

// One target pixel's comparisons.
class Matcher {
public:
    Matcher(const Level& level, Distance whole)
        : level_(level), distance_(whole), stride_(static_cast<std::ptrdiff_t>(level.width) * CHANNELS) {}

    void aim(int32_t index, int x, int y) {
        is_whole_ = level_.whole[index] != 0;
        if (is_whole_)
            widen(index);
        else
            gather(x - RADIUS, y - RADIUS);
    }

    // Distance to the source at `index`, as if every pixel of the patch counted.
    int32_t to(int32_t index, int32_t limit) const {
        const uint8_t* source = corner(index);
        if (is_whole_) return distance_(patch_, source, stride_, limit);
        const int64_t sum = masked_distance(patch_, source, stride_, limit);
        return static_cast<int32_t>(std::min<int64_t>(sum * (SIDE * SIDE) / patch_.counted, std::numeric_limits<int32_t>::max()));
    }

private:
    Level level_;
    Distance distance_;
    std::ptrdiff_t stride_;
    bool is_whole_ = false;
    TargetPatch patch_;

    const uint8_t* corner(int32_t index) const {
        return level_.features + index * static_cast<std::ptrdiff_t>(CHANNELS) - RADIUS * (stride_ + CHANNELS);
    }

    void widen(int32_t index) {
        const uint8_t* source = corner(index);
        for (int row = 0; row < SIDE; ++row, source += stride_)
            for (int i = 0; i < ROW; ++i) patch_.value[row][i] = source[i];
    }

    void gather(int x0, int y0) {
        patch_.counted = 0;
        for (int row = 0; row < SIDE; ++row) {
            for (int column = 0; column < SIDE; ++column) {
                const int x = x0 + column, y = y0 + row;
                const bool inside = x >= 0 && y >= 0 && x < level_.width && y < level_.height &&
                                    level_.state[static_cast<std::ptrdiff_t>(y) * level_.width + x] != VOID;
                patch_.counted += inside;
                const uint8_t* pixel = level_.features + (static_cast<std::ptrdiff_t>(y) * level_.width + x) * CHANNELS;
                for (int c = 0; c < CHANNELS; ++c) {
                    patch_.value[row][column * CHANNELS + c] = inside ? pixel[c] : 0;
                    patch_.mask[row][column * CHANNELS + c] = inside ? -1 : 0;
                }
            }
        }
    }
};

constexpr int32_t FAR = std::numeric_limits<int32_t>::max();

struct Best {
    int32_t source, cost;
    int x, y;  // of the source; of the target while there is none
};

}  // namespace
}  // namespace inlay

using namespace inlay;

// Improves `nearest` (source index of each target, -1 = none yet) and `cost` in place.
// targets: (count) pixel indices in reading order. search_radius: of the random search, in pixels, 0 = none.
// Returns 0, or 1 when cancelled.
INLAY_API int inlay_match(int width, int height, const uint8_t* features, const uint8_t* state, const uint8_t* whole,
                          const uint8_t* sources, const int32_t* targets, int count, int32_t* nearest, int32_t* cost,
                          int iterations, int search_radius, float locality, uint64_t seed, int threads,
                          const int32_t* cancel) {
    const Level level{width, height, features, state, whole, sources, locality};
    const Distance distance = fastest_distance();
    const int tasks = (count + BATCH - 1) / BATCH;
    std::vector<int32_t> snapshot;
    for (int iteration = 0; iteration < iterations; ++iteration) {
        // Neighbours of another task are read as they were before the iteration: the result does not depend on threads.
        snapshot.assign(nearest, nearest + static_cast<std::ptrdiff_t>(width) * height);
        const bool forward = iteration % 2 == 0;
        const bool still_going = parallel(tasks, threads, cancel, [&](int task) {
            Matcher matcher(level, distance);
            const int begin = task * BATCH, end = std::min(count, (task + 1) * BATCH);
            const int32_t first = targets[begin], last = targets[end - 1];
            for (int k = begin; k < end; ++k) {
                if (is_set(cancel)) return;
                const int32_t p = targets[forward ? k : end - 1 - (k - begin)];
                const int x = p % width, y = p / width;
                matcher.aim(p, x, y);
                Best best{nearest[p], FAR, x, y};
                if (best.source >= 0) {
                    best.x = best.source % width;
                    best.y = best.source / width;
                    // The picture may be another than when the match was found.
                    best.cost = (iteration == 0 ? matcher.to(best.source, FAR) : cost[p]) + level.way(best.x - x, best.y - y);
                }
                auto consider = [&](int sx, int sy) {
                    if (sx < 0 || sy < 0 || sx >= width || sy >= height) return;
                    const int32_t s = sy * width + sx;
                    if (s == best.source || !level.sources[s]) return;
                    const int32_t more = level.way(sx - x, sy - y);
                    if (more >= best.cost) return;
                    const int32_t d = matcher.to(s, best.cost - more) + more;
                    if (d < best.cost) best = {s, d, sx, sy};
                };
                auto follow = [&](int dx, int dy) {
                    if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) return;
                    const int32_t q = p + dy * width + dx;
                    const int32_t s = q >= first && q <= last ? nearest[q] : snapshot[static_cast<std::size_t>(q)];
                    if (s >= 0) consider(s % width - dx, s / width - dy);
                };
                const int step = forward ? -1 : 1;
                follow(step, 0);
                follow(0, step);
                follow(-step, 0);
                follow(0, -step);
                uint64_t random = mix(seed ^ mix((static_cast<uint64_t>(iteration) << 32) | static_cast<uint32_t>(p)));
                for (int radius = search_radius; radius >= 1; radius /= 2) {
                    random = mix(random);
                    const int left = std::max(best.x - radius, 0), right = std::min(best.x + radius, width - 1);
                    const int top = std::max(best.y - radius, 0), bottom = std::min(best.y + radius, height - 1);
                    consider(left + below(static_cast<uint32_t>(random), right - left + 1),
                             top + below(static_cast<uint32_t>(random >> 32), bottom - top + 1));
                }
                nearest[p] = best.source;
                cost[p] = best.source < 0 ? best.cost : best.cost - level.way(best.x - x, best.y - y);
            }
        });
        if (!still_going) return 1;
    }
    return 0;
}

// The nearest of all sources for every target: for the coarsest level. places: (many) indices of the sources.
INLAY_API int inlay_match_all(int width, int height, const uint8_t* features, const uint8_t* state, const uint8_t* whole,
                              const int32_t* targets, int count, const int32_t* places, int many, int32_t* nearest,
                              int32_t* cost, float locality, int threads, const int32_t* cancel) {
    const Level level{width, height, features, state, whole, nullptr, locality};
    const Distance distance = fastest_distance();
    std::vector<Best> all(static_cast<std::size_t>(many));
    for (int k = 0; k < many; ++k) all[static_cast<std::size_t>(k)] = {places[k], FAR, places[k] % width, places[k] / width};
    constexpr int chunk = 16;
    const bool going = parallel((count + chunk - 1) / chunk, threads, cancel, [&](int task) {
        Matcher matcher(level, distance);
        for (int i = task * chunk, end = std::min(count, (task + 1) * chunk); i < end && !is_set(cancel); ++i) {
            const int32_t p = targets[i];
            const int x = p % width, y = p / width;
            matcher.aim(p, x, y);
            Best best{-1, FAR, x, y};
            for (const Best& place : all) {
                const int32_t more = level.way(place.x - x, place.y - y);
                if (more >= best.cost) continue;
                const int32_t d = matcher.to(place.source, best.cost - more) + more;
                if (d < best.cost) best = {place.source, d, place.x, place.y};
            }
            nearest[p] = best.source;
            cost[p] = best.source < 0 ? best.cost : best.cost - level.way(best.x - x, best.y - y);
        }
    });
    return going ? 0 : 1;
}
