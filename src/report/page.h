// SPDX-License-Identifier: Apache-2.0
// A report as one file of HTML: tables, plots and pictures inside it, no script, nothing fetched.
//
// The page is XML too (it can be parsed by either kind of parser), follows the reader's choice of dark or
// light, and prints. All text is escaped here; whoever fills a page hands over plain text. A content security
// policy forbids what the page has no need of, should anything slip through.
//
// Thread rule: plain values and a pure function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/plot.h"

namespace kith::report {

struct Cell {
  std::string text;
  std::string detail;  // smaller, below it: an interval
};

struct Table {
  std::string caption;
  std::vector<std::string> head;
  std::vector<std::vector<Cell>> rows;  // each as long as the head; the first cell names the row
};

struct Figure {
  Plot plot;
  std::string caption;
};

struct Picture {
  std::vector<std::uint8_t> jpeg;  // empty: a blank stands for it
  std::string label;               // which photo, or whom it shows
};

// Pictures that belong together, such as a pair that was decided wrongly.
struct Card {
  std::string title;
  std::string detail;
  std::vector<Picture> pictures;
};

// A heading, then what there is of the rest, in this order.
struct Section {
  std::string title;
  std::vector<std::string> paragraphs;
  std::vector<Table> tables;
  std::vector<Figure> figures;
  std::vector<Card> cards;
};

struct Fact {
  std::string name;
  std::string value;
};

struct Page {
  std::string title;
  std::string summary;      // a sentence or two below it
  std::vector<Fact> facts;  // what was measured, on what, with what
  std::vector<Section> sections;
  std::string footer;
};

[[nodiscard]] std::string html(const Page& page);

}  // namespace kith::report
