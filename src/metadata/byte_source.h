// SPDX-License-Identifier: Apache-2.0
// Bytes that are read where they are wanted: of a file of gigabytes a writer needs a few thousand.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/descriptor.h"

namespace kith::metadata {

class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // Shorter than asked for where the source ends or can't be read.
  [[nodiscard]] virtual std::string read(std::uint64_t from, std::size_t count) const = 0;
};

class TextSource : public ByteSource {
 public:
  explicit TextSource(std::string_view text) : text_(text) {}

  [[nodiscard]] std::uint64_t size() const override { return text_.size(); }
  [[nodiscard]] std::string read(std::uint64_t from, std::size_t count) const override {
    return from < text_.size() ? std::string(text_.substr(from, count)) : std::string();
  }

 private:
  std::string_view text_;
};

class FileSource : public ByteSource {
 public:
  // `descriptor` must be open for reading, and stay so.
  FileSource(const Descriptor& descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::string read(std::uint64_t from, std::size_t count) const override {
    if (from >= size_) return {};
    std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(count, size_ - from)), '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t got = ::pread(descriptor_.number(), bytes.data() + done, bytes.size() - done,
                                  static_cast<off_t>(from + done));
      if (got <= 0) break;
      done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
  }

 private:
  const Descriptor& descriptor_;
  std::uint64_t size_;
};

// In place of `count` bytes at `from` come `bytes`.
struct Splice {
  std::uint64_t from = 0;
  std::uint64_t count = 0;
  std::string bytes;
};

[[nodiscard]] inline std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

[[nodiscard]] inline std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    value = value << 8U | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

// `count` bytes of the value.
[[nodiscard]] inline std::string big_endian_bytes(std::uint64_t value, std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t i = 0; i < count; ++i) bytes[count - 1 - i] = static_cast<char>(value >> (8 * i) & 0xffU);
  return bytes;
}

[[nodiscard]] inline std::string little_endian_bytes(std::uint64_t value, std::size_t count) {
  const std::string bytes = big_endian_bytes(value, count);
  return {bytes.rbegin(), bytes.rend()};
}

}  // namespace kith::metadata
