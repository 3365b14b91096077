// SPDX-License-Identifier: Apache-2.0
// What identification rests on, as the catalogue, model descriptions, files of trained classifiers and the
// states that tell whether something is still as it was made hold it.
#pragma once

#include <nlohmann/json.hpp>

#include <kith/identify.h>

namespace kith {

// Gives the same floats again when it is read.
[[nodiscard]] nlohmann::json calibration_json(const Calibration& calibration);

// Of JSON that is not trusted. Throws a std::exception that names what is missing or outside of its range.
[[nodiscard]] Calibration calibration_from(const nlohmann::json& object);

// Equal settings give equal JSON, others another.
[[nodiscard]] nlohmann::json settings_json(const IdentifySettings& settings);

}  // namespace kith
