// SPDX-License-Identifier: Apache-2.0
#include "store/check.h"

namespace kith::store {
namespace {

struct Rule {
  const char* count;   // how many rows are wrong
  const char* repair;  // what takes them away
  const char* meaning;
};

constexpr Rule rules[] = {
    {"SELECT count(*) FROM vector JOIN model ON model.id = vector.model WHERE length(half) <> 2 * dimension",
     "DELETE FROM vector WHERE rowid IN (SELECT vector.rowid FROM vector JOIN model ON model.id = "
     "vector.model "
     "WHERE length(half) <> 2 * dimension)",
     "vectors are of the wrong length"},
    {"SELECT count(*) FROM face WHERE landmarks IS NOT NULL AND length(landmarks) <> 40",
     "UPDATE photo SET content = '', size = -1 WHERE id IN (SELECT photo FROM face WHERE landmarks IS NOT "
     "NULL AND "
     "length(landmarks) <> 40)",
     "faces have damaged landmarks"},
    {"SELECT count(*) FROM guess WHERE face IN (SELECT face FROM confirmed)",
     "DELETE FROM guess WHERE face IN (SELECT face FROM confirmed)",
     "guesses are about faces that have a name"},
    {"SELECT count(*) FROM guess JOIN rejected USING (face, person)",
     "DELETE FROM guess WHERE EXISTS (SELECT 1 FROM rejected WHERE rejected.face = guess.face AND "
     "rejected.person = "
     "guess.person)",
     "guesses are names that the owner rejected"},
    {"SELECT count(*) FROM vector WHERE face IN (SELECT face FROM forgotten)",
     "DELETE FROM vector WHERE face IN (SELECT face FROM forgotten)", "forgotten faces have vectors"},
    {"SELECT count(*) FROM crop WHERE face IN (SELECT face FROM forgotten)",
     "DELETE FROM crop WHERE face IN (SELECT face FROM forgotten)", "forgotten faces have crops"},
};

}  // namespace

std::vector<Inconsistency> inconsistencies(Database& database, bool repair) {
  std::vector<Inconsistency> found;
  for (const Rule& rule : rules) {
    const std::int64_t rows = database.sql().execAndGet(rule.count).getInt64();
    if (rows == 0) continue;
    found.push_back({rows, rule.meaning});
    if (repair) database.sql().exec(rule.repair);
  }
  return found;
}

void rebuild_indexes(Database& database) { database.sql().exec("REINDEX"); }

bool is_sound_library(const std::filesystem::path& file) {
  try {
    SQLite::Database backup(file.string(), SQLite::OPEN_READONLY);
    SQLite::Statement check(backup, "PRAGMA integrity_check");
    return backup.execAndGet("PRAGMA application_id").getInt() == application_id && check.executeStep() &&
           check.getColumn(0).getString() == "ok";
  } catch (const SQLite::Exception&) {
    return false;
  }
}

}  // namespace kith::store
