// Two threads and two rings between them, as tight as C++ makes them: what the machine allows.
//
//   ring WAIT PAYLOAD SIZE PERCENTILES     e.g. ring hot bytes 1024 50,90,99
//
// Reads tasks from its standard input, a line each, and answers each with a line of JSON:
//
//   calls COUNT IN_FLIGHT | pace COUNT PER_SECOND | saturate COUNT TIMED_EVERY | lone COUNT IDLE_MS | idle MS
//
// A ring has one writer and one reader. `tail` is written by the writer, and stands after what may be read; `head` by the
// reader, after what may be overwritten. Both run free. Each side keeps a copy of the other's, and looks anew only when
// the copy says that there is nothing to do.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr size_t CACHE_LINE = 128;
constexpr int SPIN_NS = 50'000;
constexpr int LOOKS_BETWEEN_CLOCKS = 64;
constexpr uint32_t SLOTS_MOST = 8192;
constexpr uint32_t SLOTS_LEAST = 16;
constexpr size_t RING_BYTES = size_t{4} << 20;
/// Messages that are published together when nobody waits for one of them.
constexpr uint32_t BATCH = 64;

int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Hot: looks for ever. Adaptive: looks for a while, then sleeps. Parked: sleeps at once.
enum class Wait { hot, adaptive, parked };

/// A position that one thread moves and another waits for.
class Position {
 public:
  explicit Position(Wait wait) : wait_(wait) {}

  uint32_t load() const { return value_.load(std::memory_order_acquire); }

  void publish(uint32_t value) {
    if (wait_ == Wait::hot) return value_.store(value, std::memory_order_release);
    // In one order with the sleeper's count, lest both miss each other.
    value_.store(value, std::memory_order_seq_cst);
    if (sleepers_.load(std::memory_order_seq_cst) == 0) return;
    { std::lock_guard<std::mutex> hold(mutex_); }
    moved_.notify_one();
  }

  /// Until it is something else.
  uint32_t await_change(uint32_t from) {
    if (wait_ != Wait::parked) {
      for (int64_t began = now();;) {
        for (int look = 0; look < LOOKS_BETWEEN_CLOCKS; look++) {
          uint32_t value = load();
          if (value != from) return value;
          relax();
        }
        if (wait_ == Wait::adaptive && now() - began > SPIN_NS) break;
      }
    }
    std::unique_lock<std::mutex> hold(mutex_);
    sleepers_.fetch_add(1, std::memory_order_seq_cst);
    moved_.wait(hold, [&] { return value_.load(std::memory_order_seq_cst) != from; });
    sleepers_.fetch_sub(1, std::memory_order_relaxed);
    return load();
  }

 private:
  alignas(CACHE_LINE) std::atomic<uint32_t> value_{0};
  alignas(CACHE_LINE) std::atomic<int> sleepers_{0};
  std::mutex mutex_;
  std::condition_variable moved_;
  const Wait wait_;
};

struct Header {
  int64_t at;
  uint32_t index;
  uint32_t unused;
};

/// What a message carries beside its number and its time, and whether it arrived as it was sent.
class Payload {
 public:
  Payload(const std::string& kind, size_t size) : kind_(kind) {
    if (kind == "order") {
      memcpy(order_, "abcdefghijkl\0\0\0\0alpha\0\0\0beta\0\0\0\0gamma\0\0\0", ORDER_BYTES);
      size_ = ORDER_BYTES;
    } else {
      size_ = kind == "bytes" ? size : 0;
    }
    for (int block = 0; block < BLOCKS; block++) blocks_.emplace_back(size_, static_cast<char>(block));
    if (kind == "order") for (auto& block : blocks_) block.assign(order_, order_ + ORDER_BYTES);
    taken_.resize(size_);
  }

  size_t size() const { return size_; }

  void write(char* to, uint32_t index) const { memcpy(to, blocks_[index % BLOCKS].data(), size_); }

  /// Takes it out of the ring, as a reader that keeps it would.
  bool read(const char* from, uint32_t index) {
    if (size_ == 0) return true;
    memcpy(taken_.data(), from, size_);
    const std::vector<char>& sent = blocks_[index % BLOCKS];
    if (kind_ == "order") return memcmp(taken_.data(), sent.data(), size_) == 0;
    return taken_.front() == sent.front() && taken_.back() == sent.back();
  }

 private:
  static constexpr int BLOCKS = 16;
  static constexpr size_t ORDER_BYTES = 40;
  const std::string kind_;
  size_t size_;
  char order_[ORDER_BYTES];
  std::vector<std::vector<char>> blocks_;
  std::vector<char> taken_;
};

class Ring {
 public:
  Ring(Wait wait, size_t payload) : tail_(wait), head_(wait) {
    stride_ = (sizeof(Header) + payload + 15) & ~size_t{15};
    while (slots_ > SLOTS_LEAST && slots_ * stride_ > RING_BYTES) slots_ /= 2;
    memory_.resize(slots_ * stride_);
  }

  char* at(uint32_t position) { return memory_.data() + (position & (slots_ - 1)) * stride_; }
  uint32_t slots() const { return slots_; }
  Position& tail() { return tail_; }
  Position& head() { return head_; }

 private:
  uint32_t slots_ = SLOTS_MOST;
  size_t stride_;
  std::vector<char> memory_;
  Position tail_;
  Position head_;
};

class Writer {
 public:
  Writer(Ring& ring, Payload payload) : ring_(ring), payload_(std::move(payload)) {}

  /// Waits for room. What was written is seen when it is published.
  void write(uint32_t index, int64_t at) {
    if (tail_ - head_ == ring_.slots()) {
      publish();
      uint32_t head = ring_.head().load();
      head_ = head == head_ ? ring_.head().await_change(head_) : head;
    }
    char* slot = ring_.at(tail_);
    Header header{at, index, 0};
    memcpy(slot, &header, sizeof header);
    payload_.write(slot + sizeof header, index);
    tail_++;
  }

  void publish() { ring_.tail().publish(tail_); }

 private:
  Ring& ring_;
  Payload payload_;
  uint32_t tail_ = 0;
  uint32_t head_ = 0;
};

class Reader {
 public:
  Reader(Ring& ring, Payload payload) : ring_(ring), payload_(std::move(payload)) {}

  /// Takes `count` messages, in whatever batches they come, each checked to be the next.
  template <typename Each, typename Batch>
  void take(uint32_t count, Each each, Batch after_batch) {
    for (uint32_t taken = 0; taken < count;) {
      uint32_t tail = ring_.tail().load();
      if (tail == head_) tail = ring_.tail().await_change(head_);
      while (head_ != tail && taken < count) {
        const char* slot = ring_.at(head_);
        Header header;
        memcpy(&header, slot, sizeof header);
        if (header.index != taken || !payload_.read(slot + sizeof header, header.index)) wrong_ = true;
        head_++;
        taken++;
        each(header);
        if (head_ % BATCH == 0) ring_.head().publish(head_);
      }
      ring_.head().publish(head_);
      after_batch();
    }
  }

  bool wrong() const { return wrong_; }

 private:
  Ring& ring_;
  Payload payload_;
  uint32_t head_ = 0;
  bool wrong_ = false;
};

struct Task {
  std::string name;
  uint32_t count;
  double detail;
};

constexpr auto NOTHING = [] {};

/// Sends on its own thread, receives on another, and says what came of it.
class Laboratory {
 public:
  Laboratory(Wait wait, const Payload& payload, std::vector<double> percentiles)
      : there_(wait, payload.size()), back_(wait, payload.size()), out_(there_, payload), in_(there_, payload),
        back_out_(back_, payload), back_in_(back_, payload), to_sender_(wait), to_receiver_(wait),
        percentiles_(std::move(percentiles)), sender_([this] { serve(to_sender_, sender_done_, &Laboratory::send); }),
        receiver_([this] { serve(to_receiver_, receiver_done_, &Laboratory::receive); }) {}

  ~Laboratory() {
    task_.name = "end";
    start(to_receiver_);
    start(to_sender_);
    sender_.join();
    receiver_.join();
  }

  std::string run(const Task& task) {
    task_ = task;
    latencies_.clear();
    latencies_.reserve(task.count);
    sum_ = 0;
    received_ = 0;
    sender_done_ = receiver_done_ = false;
    start(to_receiver_);
    start(to_sender_);
    std::unique_lock<std::mutex> hold(mutex_);
    done_.wait(hold, [&] { return sender_done_ && receiver_done_; });
    uint64_t expected = uint64_t{task.count} * (uint64_t{task.count} - 1) / 2;
    if (in_.wrong() || back_in_.wrong() || received_ != task.count || sum_ != expected) return "{\"error\":\"wrong result\"}";
    return answer();
  }

 private:
  void start(Position& to) { to.publish(to.load() + 1); }

  void serve(Position& orders, bool& done, void (Laboratory::*work)()) {
    for (uint32_t seen = 0;;) {
      seen = orders.await_change(seen);
      if (task_.name == "end") return;
      (this->*work)();
      std::lock_guard<std::mutex> hold(mutex_);
      done = true;
      done_.notify_one();
    }
  }

  void send() {
    const auto& [name, count, detail] = task_;
    began_ = now();
    if (name == "calls") return ask();
    if (name == "pace") return pace();
    uint32_t timed_every = static_cast<uint32_t>(detail);
    for (uint32_t index = 0; index < count; index++) {
      if (name == "saturate") {
        out_.write(index, timed_every != 0 && index % timed_every == 0 ? now() : 0);
        if (index % BATCH == BATCH - 1) out_.publish();
      } else {
        std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(detail));
        out_.write(index, now());
        out_.publish();
      }
    }
    out_.publish();
  }

  /// What is due is sent however late it is, and timed from when it was due.
  void pace() {
    double every = 1e9 / task_.detail;
    for (uint32_t index = 0; index < task_.count;) {
      int64_t time = now();
      uint32_t first = index;
      for (; index < task_.count; index++) {
        int64_t due = began_ + static_cast<int64_t>((index + 1) * every);
        if (due > time) break;
        out_.write(index, due);
      }
      if (index != first) out_.publish();
      else relax();
    }
  }

  void ask() {
    uint32_t asked = 0;
    auto ask_next = [&] { if (asked < task_.count) out_.write(asked++, now()); };
    for (uint32_t first = 0; first < task_.detail; first++) ask_next();
    out_.publish();
    auto answered = [&](const Header& header) {
      note(header);
      ask_next();
    };
    back_in_.take(task_.count, answered, [&] { out_.publish(); });
  }

  void receive() {
    if (task_.name != "calls") {
      in_.take(task_.count, [&](const Header& header) { note(header); }, NOTHING);
    } else {
      auto echo = [&](const Header& header) { back_out_.write(header.index, header.at); };
      in_.take(task_.count, echo, [&] { back_out_.publish(); });
    }
    ended_ = now();
  }

  void note(const Header& header) {
    received_++;
    sum_ += header.index;
    if (header.at != 0) latencies_.push_back(now() - header.at);
  }

  std::string answer() {
    std::ostringstream json;
    json << "{\"seconds\":" << static_cast<double>(ended_ - began_) / 1e9 << ",\"count\":" << latencies_.size() << ",\"nanoseconds\":[";
    std::sort(latencies_.begin(), latencies_.end());
    for (size_t place = 0; place < percentiles_.size() && !latencies_.empty(); place++) {
      double rank = std::ceil(percentiles_[place] / 100 * static_cast<double>(latencies_.size()));
      json << (place == 0 ? "" : ",") << latencies_[rank < 1 ? 0 : static_cast<size_t>(rank) - 1];
    }
    json << "]}";
    return json.str();
  }

  Ring there_;
  Ring back_;
  Writer out_;
  Reader in_;
  Writer back_out_;
  Reader back_in_;
  Position to_sender_;
  Position to_receiver_;
  const std::vector<double> percentiles_;
  Task task_;
  std::vector<int64_t> latencies_;
  uint64_t sum_ = 0;
  uint32_t received_ = 0;
  int64_t began_ = 0;
  int64_t ended_ = 0;
  std::mutex mutex_;
  std::condition_variable done_;
  bool sender_done_ = false;
  bool receiver_done_ = false;
  std::thread sender_;
  std::thread receiver_;
};

std::vector<double> split(const std::string& list) {
  std::vector<double> numbers;
  std::istringstream parts(list);
  for (std::string part; std::getline(parts, part, ',');) numbers.push_back(std::stod(part));
  return numbers;
}

Wait wait_of(const std::string& name) {
  if (name == "hot") return Wait::hot;
  return name == "adaptive" ? Wait::adaptive : Wait::parked;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) return EXIT_FAILURE;
  Payload payload(arguments[2], std::stoul(arguments[3]));
  auto laboratory = std::make_unique<Laboratory>(wait_of(arguments[1]), payload, split(arguments[4]));
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    Task task;
    words >> task.name;
    if (task.name == "idle") {
      int64_t milliseconds;
      words >> milliseconds;
      std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
      std::cout << "{}" << std::endl;
    } else {
      words >> task.count >> task.detail;
      std::cout << laboratory->run(task) << std::endl;
    }
  }
}
