// Stored pixels to the proxy that the fill looks at, where every channel by itself has a table.
#include <cmath>
#include <cstring>

#include "common.hpp"

using namespace inlay;

namespace {

constexpr int ROWS = 16;  // that one task takes

struct Tables {
    int channels, colours;    // of a pixel; alpha is the last channel where it has a table
    const uint8_t* colour;    // the level of each stored value
    const uint8_t* coverage;  // the same for alpha, or null: opaque
};

// One pixel. Colours count as far as they are seen.
template <class Item>
void write(const Item* pixel, const Tables& tables, uint8_t* out) {
    for (int c = 0; c < 3; ++c) out[c] = tables.colour[pixel[tables.colours == 1 ? 0 : c]];
    out[3] = tables.coverage ? tables.coverage[pixel[tables.channels - 1]] : 255;
    if (out[3] == 255) return;
    const float share = static_cast<float>(out[3]) / 255.0f;
    for (int c = 0; c < 3; ++c) out[c] = static_cast<uint8_t>(std::nearbyint(static_cast<float>(out[c]) * share));
}

template <class Item>
int fill(int width, int height, const uint8_t* pixels, std::ptrdiff_t stride, const uint8_t* known,
         const Tables& tables, uint8_t* proxy, int threads, const int32_t* cancel) {
    const bool going = parallel((height + ROWS - 1) / ROWS, threads, cancel, [&](int task) {
        for (int y = task * ROWS, end = std::min(height, y + ROWS); y < end; ++y) {
            const Item* pixel = reinterpret_cast<const Item*>(pixels + y * stride);
            const std::size_t start = static_cast<std::size_t>(y) * width;
            for (int x = 0; x < width; ++x, pixel += tables.channels) {
                uint8_t* out = proxy + (start + x) * 4;
                if (known[start + x])
                    write(pixel, tables, out);
                else
                    std::memset(out, 0, 4);
            }
        }
    });
    return going ? 0 : 1;
}

}  // namespace

// proxy: (height, width, 4), written, 0 where not known. pixels: rows of width * channels items of `size` bytes (1 or 2),
// `stride` bytes apart. colours: 1 or 3. colour, coverage: (256 or 65536) bytes each; coverage null = no alpha.
INLAY_API int inlay_proxy(int width, int height, int channels, int colours, int size, const uint8_t* pixels,
                          int64_t stride, const uint8_t* known, const uint8_t* colour, const uint8_t* coverage,
                          uint8_t* proxy, int threads, const int32_t* cancel) {
    const Tables tables{channels, colours, colour, coverage};
    const auto step = static_cast<std::ptrdiff_t>(stride);
    if (size == 1) return fill<uint8_t>(width, height, pixels, step, known, tables, proxy, threads, cancel);
    return fill<uint16_t>(width, height, pixels, step, known, tables, proxy, threads, cancel);
}
