#include "crew.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace inlay {
namespace {

struct Job {
    void (*work)(void*);
    void* shared;
    int seats;       // helpers that may still come
    int inside = 0;  // helpers at work
};

// One for the process, whoever calls. Whoever asks works too and waits only for helpers that have begun: where no thread
// could be started the work is done all the same.
class Crew {
public:
    void run(Job& job) {
        std::unique_lock<std::mutex> lock(mutex_);
        hire(job.seats);
        jobs_.push_back(&job);
        const int seats = job.seats;
        lock.unlock();
        for (int i = 0; i < seats; ++i) wake_.notify_one();
        job.work(job.shared);
        lock.lock();
        jobs_.erase(std::find(jobs_.begin(), jobs_.end(), &job));
        done_.wait(lock, [&] { return job.inside == 0; });
    }

private:
    std::mutex mutex_;
    std::condition_variable wake_, done_;
    std::vector<Job*> jobs_;
    int members_ = 0;

    void hire(int wanted) {
        try {
            for (; members_ < wanted; ++members_) std::thread([this] { serve(); }).detach();
        } catch (const std::system_error&) {  // then with those that are there
        }
    }

    Job* open() const {
        for (Job* job : jobs_)
            if (job->seats > 0) return job;
        return nullptr;
    }

    [[noreturn]] void serve() {
        std::unique_lock<std::mutex> lock(mutex_);
        for (;;) {
            Job* job = nullptr;
            wake_.wait(lock, [&] { return (job = open()) != nullptr; });
            --job->seats;
            ++job->inside;
            lock.unlock();
            job->work(job->shared);
            lock.lock();
            if (--job->inside == 0) done_.notify_all();
        }
    }
};

// Never destroyed: its threads wait in it until the process ends. A forked child has none of them, and gets its own.
std::atomic<Crew*> current{nullptr};

void replace() { current = new Crew; }

Crew& crew() {
    static const bool is_made = [] {
        replace();
#if !defined(_WIN32)
        pthread_atfork(nullptr, nullptr, replace);
#endif
        return true;
    }();
    (void)is_made;
    return *current;
}

}  // namespace

void together(int helpers, void (*work)(void*), void* shared) {
    Job job{work, shared, helpers};
    crew().run(job);
}

}  // namespace inlay
