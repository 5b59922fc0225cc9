// Threads that stay: a fill asks for help several hundred times, and a thread costs more to start than to wake.
#pragma once

namespace inlay {

// Runs work(shared) on this thread and, as far as they come in time, on `helpers` others; returns when all are done.
void together(int helpers, void (*work)(void*), void* shared);

}  // namespace inlay
