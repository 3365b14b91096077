// SPDX-License-Identifier: Apache-2.0
// Crops that are no faces and can be told apart: each person has a colour and a direction of stripes.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include <kith/train.h>

namespace kith::test {

inline CropSet toy_faces(int people, int photos, int side, unsigned seed = 1) {
  CropSet set;
  set.side = side;
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> noise(-25, 25);
  for (int person = 0; person < people; ++person) {
    set.names.push_back("person " + std::to_string(person));
    const double angle = 3.14159 * person / people;
    for (int photo = 0; photo < photos; ++photo) {
      set.people.push_back(person);
      set.photos.push_back(std::to_string(person) + "/" + std::to_string(photo));
      const double phase = noise(random);
      for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
          const double stripe = std::sin((x * std::cos(angle) + y * std::sin(angle)) * 0.9 + phase);
          for (int channel = 0; channel < 3; ++channel) {
            const double value = 128 + 50 * stripe + 20 * std::cos(person * (channel + 1.0)) + noise(random);
            set.pixels.push_back(static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0)));
          }
        }
      }
    }
  }
  return set;
}

}  // namespace kith::test
