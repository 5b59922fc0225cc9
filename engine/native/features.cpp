// What a patch is compared by, at full size: colour, alpha, and how rough the surroundings are.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "common.hpp"

using namespace inlay;

namespace {

constexpr int ROWS = 64;  // that one task takes: enough that the rows around them, looked at twice, weigh little

// Steps between known neighbours, and how many there are; sums over a window along one axis at a time.
struct Steps {
    float x = 0, y = 0, of_x = 0, of_y = 0;

    void operator+=(const Steps& other) {
        x += other.x;
        y += other.y;
        of_x += other.of_x;
        of_y += other.of_y;
    }
};

struct Picture {
    int width, height;
    const uint8_t* proxy;  // (height, width, 4)
    const uint8_t* state;  // (height, width)

    void grey(int y, float* out) const {
        const uint8_t* p = proxy + static_cast<std::size_t>(y) * width * 4;
        for (int x = 0; x < width; ++x, p += 4) out[x] = 0.30f * p[0] + 0.59f * p[1] + 0.11f * p[2];
    }

    // Row y's steps to the right and down. here, below: the greys of rows y and y + 1.
    void steps(int y, const float* here, const float* below, Steps* out) const {
        const uint8_t* s = state + static_cast<std::size_t>(y) * width;
        for (int x = 0; x < width; ++x) {
            out[x] = Steps{};
            if (s[x] != KNOWN) continue;
            if (x + 1 < width && s[x + 1] == KNOWN) {
                out[x].x = std::fabs(here[x + 1] - here[x]);
                out[x].of_x = 1;
            }
            if (y + 1 < height && s[x + width] == KNOWN) {
                out[x].y = std::fabs(below[x] - here[x]);
                out[x].of_y = 1;
            }
        }
    }
};

// The rows around the one that is written, each summed over `reach` pixels to both sides; a ring, filled from above.
class Band {
public:
    Band(const Picture& picture, int reach, int first)
        : picture_(picture), reach_(reach), next_(first), width_(static_cast<std::size_t>(picture.width)),
          ring_(static_cast<std::size_t>(2 * reach + 1) * width_), line_(width_ + 2 * static_cast<std::size_t>(reach)),
          here_(width_), below_(width_) {
        picture_.grey(first, below_.data());
    }

    const Steps* row(int y) {
        while (next_ <= y) take();
        return at(y);
    }

private:
    Picture picture_;
    int reach_, next_;
    std::size_t width_;
    std::vector<Steps> ring_, line_;  // line_ has `reach` empty steps at either end
    std::vector<float> here_, below_;

    Steps* at(int y) { return ring_.data() + static_cast<std::size_t>(y % (2 * reach_ + 1)) * width_; }

    void take() {
        here_.swap(below_);
        if (next_ + 1 < picture_.height) picture_.grey(next_ + 1, below_.data());
        picture_.steps(next_, here_.data(), below_.data(), line_.data() + reach_);
        Steps* out = at(next_++);
        for (std::size_t x = 0; x < width_; ++x) {
            Steps sum;
            for (int u = 0; u <= 2 * reach_; ++u) sum += line_[x + static_cast<std::size_t>(u)];
            out[x] = sum;
        }
    }
};

}  // namespace

// features: (height, width, CHANNELS), zero where not known: colour and alpha from `proxy` (height, width, 4), then how
// rough the surroundings are across and along (averaged absolute differences, Newson et al., SIAM J. Imaging 2014),
// as logarithms, because it is the ratio of two roughnesses that is seen. state: (height, width) VOID, KNOWN or HOLE.
INLAY_API int inlay_features(int width, int height, const uint8_t* proxy, const uint8_t* state, int reach, float weight,
                             uint8_t* features, int threads, const int32_t* cancel) {
    const Picture picture{width, height, proxy, state};
    const auto level = [&](float steps, float of) {
        const float mean = steps / std::max(of, 1.0f);
        return static_cast<uint8_t>(std::min(255.0f, weight * std::log2(1 + mean) + 0.5f));
    };
    const bool going = parallel((height + ROWS - 1) / ROWS, threads, cancel, [&](int task) {
        Band band(picture, reach, std::max(0, task * ROWS - reach));
        std::vector<Steps> sums(static_cast<std::size_t>(width));
        for (int y = task * ROWS, end = std::min(height, y + ROWS); y < end; ++y) {
            std::fill(sums.begin(), sums.end(), Steps{});
            for (int v = std::max(0, y - reach); v <= std::min(height - 1, y + reach); ++v) {
                const Steps* row = band.row(v);
                for (std::size_t x = 0; x < sums.size(); ++x) sums[x] += row[x];
            }
            const std::size_t start = static_cast<std::size_t>(y) * width;
            for (std::size_t x = 0; x < sums.size(); ++x) {
                uint8_t* out = features + (start + x) * CHANNELS;
                std::memset(out, 0, CHANNELS);
                if (state[start + x] != KNOWN) continue;
                std::memcpy(out, proxy + (start + x) * 4, 4);
                out[4] = level(sums[x].x, sums[x].of_x);
                out[5] = level(sums[x].y, sums[x].of_y);
            }
        }
    });
    return going ? 0 : 1;
}
