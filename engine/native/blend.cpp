// The smooth correction that takes the steps out of a copied hole: gradient-domain blending (Perez et al., SIGGRAPH
// 2003) over many copied regions at once, with borders that are trusted only as far as they fit, solved by multigrid.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "common.hpp"

using namespace inlay;

namespace {

constexpr int LANES = 4;  // channels that are solved together
using Value = std::array<float, LANES>;
constexpr int STEPS[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};

// Minimises sum of right (c[p + 1] - c[p])^2 + down (c[p + width] - c[p])^2 + own c[p]^2 - 2 c[p] force[p].
struct Grid {
    int width = 0, height = 0;
    std::vector<float> right, down, own, diagonal;
    std::vector<Value> force, c;

    Grid(int w, int h) : width(w), height(h) {
        const std::size_t n = static_cast<std::size_t>(w) * h;
        right.assign(n, 0);
        down.assign(n, 0);
        own.assign(n, 0);
        force.assign(n, Value{});
        c.assign(n, Value{});
    }

    void finish() {
        diagonal = own;
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) {
                const std::size_t p = static_cast<std::size_t>(y) * width + x;
                diagonal[p] += right[p] + down[p] + (x ? right[p - 1] : 0) + (y ? down[p - width] : 0);
            }
    }

    // What the neighbours pull at p.
    Value pull(int x, int y) const {
        const std::size_t p = static_cast<std::size_t>(y) * width + x;
        Value sum = force[p];
        auto add = [&](std::size_t q, float w) {
            for (int k = 0; k < LANES; ++k) sum[k] += w * c[q][k];
        };
        if (x) add(p - 1, right[p - 1]);
        if (x + 1 < width) add(p + 1, right[p]);
        if (y) add(p - width, down[p - width]);
        if (y + 1 < height) add(p + width, down[p]);
        return sum;
    }

    bool sweep(int threads, const int32_t* cancel) {
        constexpr int rows = 32;
        const int crew = width * height > 200000 ? threads : 1;
        for (int colour = 0; colour < 2; ++colour) {
            const bool going = parallel((height + rows - 1) / rows, crew, cancel, [&](int task) {
                for (int y = task * rows, end = std::min(height, y + rows); y < end; ++y)
                    for (int x = (y + colour) & 1; x < width; x += 2) {
                        const std::size_t p = static_cast<std::size_t>(y) * width + x;
                        if (diagonal[p] <= 0) continue;
                        const Value sum = pull(x, y);
                        for (int k = 0; k < LANES; ++k) c[p][k] = sum[k] / diagonal[p];
                    }
            });
            if (!going) return false;
        }
        return true;
    }

    // How far to go along `c` so that the finer problem, whose edges weigh twice as much, gains most.
    Value best_length() const {
        std::array<double, LANES> gain{}, bend{};
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) {
                const std::size_t p = static_cast<std::size_t>(y) * width + x;
                for (int k = 0; k < LANES; ++k) {
                    gain[k] += static_cast<double>(force[p][k]) * c[p][k];
                    bend[k] += static_cast<double>(own[p]) * c[p][k] * c[p][k];
                    if (right[p] > 0) bend[k] += 2.0 * right[p] * (c[p + 1][k] - c[p][k]) * (c[p + 1][k] - c[p][k]);
                    if (down[p] > 0) bend[k] += 2.0 * down[p] * (c[p + width][k] - c[p][k]) * (c[p + width][k] - c[p][k]);
                }
            }
        Value length;
        for (int k = 0; k < LANES; ++k) length[k] = bend[k] > 0 ? static_cast<float>(gain[k] / bend[k]) : 0.0f;
        return length;
    }

    // The same problem on cells of 2 x 2; aggregated edges are halved, as a cell is two pixels wide.
    std::unique_ptr<Grid> coarser() const {
        auto out = std::make_unique<Grid>((width + 1) / 2, (height + 1) / 2);
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) {
                const std::size_t p = static_cast<std::size_t>(y) * width + x;
                const std::size_t cell = static_cast<std::size_t>(y / 2) * out->width + x / 2;
                out->own[cell] += own[p];
                if (x & 1) out->right[cell] += 0.5f * right[p];
                if (y & 1) out->down[cell] += 0.5f * down[p];
            }
        out->finish();
        return out;
    }
};

bool cycle(std::vector<std::unique_ptr<Grid>>& grids, std::size_t level, int threads, const int32_t* cancel) {
    Grid& fine = *grids[level];
    const int sweeps = level + 1 == grids.size() ? 30 : 2;
    for (int i = 0; i < sweeps; ++i)
        if (!fine.sweep(threads, cancel)) return false;
    if (level + 1 == grids.size()) return true;
    Grid& coarse = *grids[level + 1];
    std::fill(coarse.force.begin(), coarse.force.end(), Value{});
    std::fill(coarse.c.begin(), coarse.c.end(), Value{});
    for (int y = 0; y < fine.height; ++y)
        for (int x = 0; x < fine.width; ++x) {
            const std::size_t p = static_cast<std::size_t>(y) * fine.width + x;
            if (fine.diagonal[p] <= 0) continue;
            const Value sum = fine.pull(x, y);
            Value& force = coarse.force[static_cast<std::size_t>(y / 2) * coarse.width + x / 2];
            for (int k = 0; k < LANES; ++k) force[k] += sum[k] - fine.diagonal[p] * fine.c[p][k];
        }
    if (!cycle(grids, level + 1, threads, cancel)) return false;
    const Value length = coarse.best_length();
    for (int y = 0; y < fine.height; ++y)
        for (int x = 0; x < fine.width; ++x) {
            const std::size_t p = static_cast<std::size_t>(y) * fine.width + x;
            if (fine.diagonal[p] <= 0) continue;
            const Value& step = coarse.c[static_cast<std::size_t>(y / 2) * coarse.width + x / 2];
            for (int k = 0; k < LANES; ++k) fine.c[p][k] += length[k] * step[k];
        }
    for (int i = 0; i < 2; ++i)
        if (!fine.sweep(threads, cancel)) return false;
    return true;
}

struct Picture {
    int width, height, channels;
    const float* values;   // (height, width, channels), perceptual, 1 = white
    const uint8_t* state;  // (height, width)

    bool has(int x, int y) const {
        return x >= 0 && y >= 0 && x < width && y < height && state[static_cast<std::ptrdiff_t>(y) * width + x] == KNOWN;
    }
    const float* at(int32_t index) const { return values + static_cast<std::ptrdiff_t>(index) * channels; }
};

// How much the surroundings of p differ from those of its source, channel by channel: a robust mean over the known
// pixels of a window, so that neither grain nor a thin fringe of a removed object counts as a difference in tone.
float border_difference(const Picture& picture, int32_t p, int32_t s, int first, int lanes, int reach, float tolerance,
                        Value& mean) {
    const int px = p % picture.width, py = p / picture.width, sx = s % picture.width, sy = s / picture.width;
    float weights = 0;
    Value centre{};
    for (int round = 0; round < 3; ++round) {
        Value sum{};
        float spread = 0;
        weights = 0;
        for (int dy = -reach; dy <= reach; ++dy)
            for (int dx = -reach; dx <= reach; ++dx) {
                if (!picture.has(px + dx, py + dy) || !picture.has(sx + dx, sy + dy)) continue;
                const float* a = picture.at((py + dy) * picture.width + px + dx) + first;
                const float* b = picture.at((sy + dy) * picture.width + sx + dx) + first;
                float far = 0;
                for (int k = 0; k < lanes; ++k) far += (a[k] - b[k] - centre[k]) * (a[k] - b[k] - centre[k]);
                const float weight = 1.0f / (1.0f + far / (tolerance * tolerance));
                for (int k = 0; k < lanes; ++k) sum[k] += weight * (a[k] - b[k]);
                weights += weight;
                spread += 1;
            }
        if (spread == 0) return 0;
        for (int k = 0; k < lanes; ++k) centre[k] = sum[k] / weights;
        weights /= spread;  // mean weight: 1 where all pixels agree on the difference
    }
    float size = 0;
    mean = Value{};
    for (int k = 0; k < lanes; ++k) {
        mean[k] = centre[k];
        size += centre[k] * centre[k];
    }
    return weights / (1.0f + size / (4 * tolerance * tolerance));
}

}  // namespace

// correction: (height, width, channels) float32, written where the hole is: what to add to each copied pixel.
// origin: (height, width) int32, the source index of each hole pixel, -1 elsewhere. screen: pull towards no correction.
INLAY_API int inlay_blend(int width, int height, int channels, const float* values, const uint8_t* state,
                          const int32_t* origin, int left, int top, int right, int bottom, float tolerance,
                          float screen, int reach, int cycles, float* correction, int threads, const int32_t* cancel) {
    const Picture picture{width, height, channels, values, state};
    const int w = right - left, h = bottom - top;
    for (int first = 0; first < channels; first += LANES) {
        const int lanes = std::min(LANES, channels - first);
        std::vector<std::unique_ptr<Grid>> grids;
        grids.push_back(std::make_unique<Grid>(w, h));
        Grid& fine = *grids[0];
        constexpr int rows = 16;
        auto build = [&](int task) {
            for (int v = task * rows, end = std::min(h, v + rows); v < end; ++v)
                for (int u = 0; u < w; ++u) {
                    const int x = u + left, y = v + top;
                    const int32_t p = y * width + x, s = origin[p];
                    if (s < 0) continue;
                    const std::size_t node = static_cast<std::size_t>(v) * w + u;
                    fine.own[node] += screen;
                    bool touches = false;
                    for (const auto& d : STEPS)
                        touches |= picture.has(x + d[0], y + d[1]);
                    if (touches) {
                        Value difference;
                        const float weight = border_difference(picture, p, s, first, lanes, reach, tolerance, difference);
                        fine.own[node] += weight;
                        for (int k = 0; k < lanes; ++k) fine.force[node][k] += weight * difference[k];
                    }
                }
        };
        if (!parallel((h + rows - 1) / rows, threads, cancel, build)) return 1;
        // Seams: where neighbours were copied from different places, their difference should be what the two sources say.
        for (int v = 0; v < h; ++v)
            for (int u = 0; u < w; ++u)
                for (int axis = 0; axis < 2; ++axis) {
                    const int dx = axis == 0, dy = axis == 1;
                    if (u + dx >= w || v + dy >= h) continue;
                    const int32_t p = (v + top) * width + u + left, q = p + dy * width + dx;
                    const int32_t s = origin[p], t = origin[q];
                    if (s < 0 || t < 0) continue;
                    const std::size_t node = static_cast<std::size_t>(v) * w + u, other = node + (dy ? w : 1);
                    float weight = 1;
                    if (t - s != q - p) {
                        Value jump{};
                        int says = 0;
                        if (picture.has(s % width + dx, s / width + dy)) {
                            for (int k = 0; k < lanes; ++k) jump[k] += picture.at(s + q - p)[first + k] - picture.at(s)[first + k];
                            ++says;
                        }
                        if (picture.has(t % width - dx, t / width - dy)) {
                            for (int k = 0; k < lanes; ++k) jump[k] += picture.at(t)[first + k] - picture.at(t - q + p)[first + k];
                            ++says;
                        }
                        float size = 0;
                        for (int k = 0; k < lanes; ++k) {
                            jump[k] = says ? jump[k] / says - (picture.at(t)[first + k] - picture.at(s)[first + k]) : 0;
                            size += jump[k] * jump[k];
                        }
                        weight = 1.0f / (1.0f + size / (tolerance * tolerance));
                        for (int k = 0; k < lanes; ++k) {
                            fine.force[node][k] -= weight * jump[k];
                            fine.force[other][k] += weight * jump[k];
                        }
                    }
                    (dy ? fine.down : fine.right)[node] = weight;
                }
        fine.finish();
        while (std::min(grids.back()->width, grids.back()->height) > 3) grids.push_back(grids.back()->coarser());
        for (int i = 0; i < cycles; ++i)
            if (!cycle(grids, 0, threads, cancel)) return 1;
        for (int v = 0; v < h; ++v)
            for (int u = 0; u < w; ++u) {
                const std::ptrdiff_t p = static_cast<std::ptrdiff_t>(v + top) * width + u + left;
                if (origin[p] < 0) continue;
                for (int k = 0; k < lanes; ++k)
                    correction[p * channels + first + k] = fine.c[static_cast<std::size_t>(v) * w + u][k];
            }
    }
    return 0;
}
