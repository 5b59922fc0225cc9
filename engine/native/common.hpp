// What every part of the built-in fill shares: the picture of one pyramid level, threads, random numbers.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "crew.hpp"

#if defined(_WIN32)
#define INLAY_API extern "C" __declspec(dllexport)
#else
#define INLAY_API extern "C" __attribute__((visibility("default")))
#endif

namespace inlay {

constexpr int CHANNELS = 8;              // bytes of a feature pixel: colour, alpha, texture (see features.py)
constexpr int RADIUS = 3;                // patches are 7 x 7 (Wexler et al., PAMI 2007)
constexpr int SIDE = 2 * RADIUS + 1;
constexpr int ROW = SIDE * CHANNELS;     // feature values in one row of a patch
enum State : uint8_t { VOID = 0, KNOWN = 1, HOLE = 2 };  // of a pixel; VOID is never looked at

constexpr int BATCH = 1024;              // targets that one task takes: fixed, so that threads do not change the result

using Flag = std::atomic<int32_t>;

inline bool is_set(const int32_t* cancel) {
    return cancel != nullptr && reinterpret_cast<const Flag*>(cancel)->load(std::memory_order_relaxed) != 0;
}

// Runs task(0) ... task(count - 1) on `threads` threads; stops early, and says false, once `cancel` is set.
template <class Task>
bool parallel(int count, int threads, const int32_t* cancel, Task task) {
    std::atomic<int> next{0};
    auto work = [&] {
        for (int i; !is_set(cancel) && (i = next.fetch_add(1)) < count;) task(i);
    };
    const int helpers = std::min(threads, count) - 1;
    if (helpers > 0)
        together(helpers, [](void* shared) { (*static_cast<decltype(work)*>(shared))(); }, &work);
    else
        work();
    return !is_set(cancel);
}

// Counter-based random numbers (splitmix64's finaliser): the same for a (seed, counter) on every thread and machine.
inline uint64_t mix(uint64_t x) {
    x += 0x9E3779B97F4A7C15ull;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}

inline int below(uint32_t random, int limit) {
    return static_cast<int>((static_cast<uint64_t>(random) * static_cast<uint64_t>(limit)) >> 32);
}

}  // namespace inlay
