// SPDX-License-Identifier: Apache-2.0
// Copies of one compiled network, as many as threads compute with it at the same time.
//
// Thread rule: a pool may be shared by any number of threads; a copy is one thread's at a time.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <tbb/task_arena.h>
#include <openvino/openvino.hpp>

namespace kith::infer {

// The engine computes a stream of one thread in the thread that calls; the arena keeps its loops in there,
// and other photos' work out. Several streams it would hand to threads of its own, which the system has to
// wake and to find a processor for (docs/performance.md).
class NetworkCopy {
 public:
  // Throws what the engine throws.
  explicit NetworkCopy(ov::CompiledModel compiled);
  NetworkCopy(const NetworkCopy&) = delete;
  NetworkCopy& operator=(const NetworkCopy&) = delete;
  ~NetworkCopy();

  // Throws what the engine throws.
  void infer();

  [[nodiscard]] const ov::CompiledModel& compiled() const { return compiled_; }
  [[nodiscard]] ov::InferRequest& request() { return request_; }

 private:
  ov::CompiledModel compiled_;
  ov::InferRequest request_;
  tbb::task_arena arena_{1};
};

// Every copy is made of the same export, the first at once, more when a thread finds none idle. Their weights
// are views of the export's bytes, as far as the engine does not reorder them.
class NetworkPool {
 public:
  // Throws what the engine throws.
  NetworkPool(ov::Core engine, const std::string& exported, ov::AnyMap settings);

  // Throws what the engine throws.
  [[nodiscard]] std::unique_ptr<NetworkCopy> take();
  void give_back(std::unique_ptr<NetworkCopy> copy);

  // What its copies were made of, as the engine describes it.
  [[nodiscard]] ov::CompiledModel compiled();

 private:
  [[nodiscard]] std::unique_ptr<NetworkCopy> made();

  ov::Core engine_;
  const ov::Tensor bytes_;
  const ov::AnyMap settings_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<NetworkCopy>> idle_;
};

}  // namespace kith::infer
