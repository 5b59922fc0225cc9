// Which source each pixel is copied from: iterated conditional modes over the offsets that the patches around it voted
// for (shift-map editing, Pritch et al., ICCV 2009; seam cost of Kwatra et al., SIGGRAPH 2003), so that whole regions
// keep one offset and change it where nobody sees it.
#include <algorithm>
#include <limits>

#include "common.hpp"

using namespace inlay;

namespace {

struct Picture {
    int width, height;
    const uint8_t* features;
    const uint8_t* state;

    bool has(int x, int y) const { return x >= 0 && y >= 0 && x < width && y < height && state[static_cast<std::ptrdiff_t>(y) * width + x] == KNOWN; }

    // Difference of two pixels in colour and alpha.
    int32_t between(int32_t a, int32_t b) const {
        const uint8_t* p = features + static_cast<std::ptrdiff_t>(a) * CHANNELS;
        const uint8_t* q = features + static_cast<std::ptrdiff_t>(b) * CHANNELS;
        int32_t sum = 0;
        for (int c = 0; c < 4; ++c) sum += (p[c] - q[c]) * (p[c] - q[c]);
        return sum;
    }

    // Cost of the step from p, copied from s, to its neighbour (dx, dy), copied from t.
    int32_t seam(int32_t s, int32_t t, int dx, int dy) const {
        const int32_t move = dy * width + dx;
        if (t - s == move) return 0;
        const int sx = s % width + dx, sy = s / width + dy, tx = t % width - dx, ty = t / width - dy;
        constexpr int32_t unknown = 3 * 60 * 60;
        const int32_t ahead = has(sx, sy) ? between(s + move, t) : unknown;
        const int32_t back = has(tx, ty) ? between(t - move, s) : unknown;
        return ahead + back;
    }
};

}  // namespace

// Improves `origin` in place. features: (height, width, CHANNELS), the hole's as voted. state: (height, width).
// holes: (count) pixel indices. nearest: (height, width) source of each target patch, -1 without.
// origin: (height, width) int32, what each hole pixel is copied from. fidelity: weight of the voted colour.
INLAY_API int inlay_label(int width, int height, const uint8_t* features, const uint8_t* state, const int32_t* holes,
                          int count, const int32_t* nearest, int32_t* origin, float fidelity, int rounds, int threads,
                          const int32_t* cancel) {
    const Picture picture{width, height, features, state};
    // By column and row parity: none of a pixel's eight neighbours is of its own class, so that what is read here while a
    // class is worked on is not written by another thread.
    constexpr int CLASSES = 4;
    std::vector<int32_t> classes[CLASSES];
    for (int i = 0; i < count; ++i) classes[(holes[i] % width & 1) + 2 * (holes[i] / width & 1)].push_back(holes[i]);
    constexpr int STEPS[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    for (int turn = 0; turn < CLASSES * rounds; ++turn) {
        const std::vector<int32_t>& share = classes[turn % CLASSES];
        const int tasks = (static_cast<int>(share.size()) + BATCH - 1) / BATCH;
        const bool going = parallel(tasks, threads, cancel, [&](int task) {
            for (std::size_t i = static_cast<std::size_t>(task) * BATCH, end = std::min(share.size(), i + BATCH); i < end; ++i) {
                const int32_t p = share[i];
                const int x = p % width, y = p / width;
                int32_t best = -1, tried[10];
                int tries = 0;
                float least = std::numeric_limits<float>::max();
                auto consider = [&](int sx, int sy) {
                    if (!picture.has(sx, sy)) return;
                    const int32_t s = sy * width + sx;
                    for (int k = 0; k < tries; ++k)
                        if (tried[k] == s) return;
                    tried[tries++] = s;
                    float cost = fidelity * static_cast<float>(picture.between(p, s));
                    for (const auto& d : STEPS) {
                        const int nx = x + d[0], ny = y + d[1];
                        if (nx < 0 || ny < 0 || nx >= width || ny >= height || cost >= least) continue;
                        const int32_t q = p + d[1] * width + d[0];
                        if (picture.state[q] == KNOWN) {
                            const bool ahead = picture.has(sx + d[0], sy + d[1]);
                            cost += ahead ? static_cast<float>(picture.between(s + d[1] * width + d[0], q)) : 10800.0f;
                        } else if (origin[q] >= 0) {
                            cost += static_cast<float>(picture.seam(s, origin[q], d[0], d[1]));
                        }
                    }
                    if (cost < least) {
                        least = cost;
                        best = s;
                    }
                };
                if (origin[p] >= 0) consider(origin[p] % width, origin[p] / width);
                for (int dy = -1; dy <= 1; ++dy)
                    for (int dx = -1; dx <= 1; ++dx) {
                        const int nx = x + dx, ny = y + dy;
                        if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
                        const int32_t q = ny * width + nx;
                        const int32_t s = turn < CLASSES ? nearest[q] : origin[q];
                        if (s >= 0) consider(s % width - dx, s / width - dy);
                    }
                if (best >= 0) origin[p] = best;
            }
        });
        if (!going) return 1;
    }
    return 0;
}
