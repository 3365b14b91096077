// SPDX-License-Identifier: Apache-2.0
#include "report/page.h"

#include <string_view>

#include "report/escape.h"

namespace kith::report {
namespace {

constexpr std::string_view page_style =
    R"(:root { color-scheme: light dark; --paper: #fff; --panel: #f6f7f9; --ink: #1d2329;
  --middling: #5b646d; --line: #dfe3e8; --accent: #0072b2; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14181c; --panel: #1c2127; --ink: #e6e9ec; --middling: #9aa4ae; --line: #333b44; --accent: #56b4e9; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, "DejaVu Sans", sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.01em; }
h2 { font-size: 1.25rem; margin: 3rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
p { max-width: 46rem; margin: .5rem 0; }
.summary { font-size: 1.1rem; color: var(--middling); }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem; margin: 1.5rem 0 0; font-size: .9rem; }
.facts dt { color: var(--middling); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; margin: 1.25rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--middling); font-size: .9rem; padding-bottom: .5rem; }
th, td { text-align: right; vertical-align: top; padding: .45rem 0 .45rem 2rem; border-bottom: 1px solid var(--line); }
th:first-child { text-align: left; font-weight: 500; padding-left: 0; }
thead th { color: var(--middling); font-size: .85rem; font-weight: 600; border-bottom-color: var(--middling); }
td small { display: block; color: var(--middling); font-size: .78rem; white-space: nowrap; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 2rem 2.5rem; margin: 1.25rem 0; }
.figures figure { margin: 0; max-width: 40rem; }
figcaption { color: var(--middling); font-size: .85rem; line-height: 1.45; margin-top: .4rem; }
.cards { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1.25rem 0; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: .75rem; break-inside: avoid; }
.card h3 { font-size: .9rem; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
.card p { font-size: .8rem; color: var(--middling); margin: 0 0 .5rem; }
.pictures { display: flex; flex-wrap: wrap; gap: .5rem; }
.pictures figure { margin: 0; width: 7.5rem; }
.pictures img, .blank { display: block; width: 7.5rem; height: 7.5rem; border-radius: 4px; background: var(--line); }
.pictures figcaption { font-size: .7rem; line-height: 1.3; margin-top: .25rem; overflow-wrap: anywhere; }
footer { margin-top: 3.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--middling); font-size: .85rem; }
@media print {
  :root { color-scheme: light; --paper: #fff; --panel: #fff; --ink: #000; --middling: #444; --line: #ccc; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; }
  figure, tr { break-inside: avoid; }
  .pictures figure, .pictures img, .blank { width: 2.4cm; }
  .pictures img, .blank { height: 2.4cm; }
}
)";

// A name must not turn the direction of the text around it.
std::string isolated(std::string_view text) { return "<bdi>" + escaped(text) + "</bdi>"; }

std::string element(std::string_view name, std::string_view text) {
  const std::string tag(name);
  return "<" + tag + ">" + escaped(text) + "</" + tag + ">\n";
}

std::string facts(const std::vector<Fact>& facts) {
  if (facts.empty()) return {};
  std::string text = "<dl class=\"facts\">\n";
  for (const Fact& fact : facts) text += element("dt", fact.name) + "<dd>" + isolated(fact.value) + "</dd>\n";
  return text + "</dl>\n";
}

std::string row(const std::vector<Cell>& cells) {
  std::string text = "<tr>";
  for (const Cell& cell : cells) {
    const bool names_the_row = &cell == &cells.front();
    text += names_the_row ? "<th scope=\"row\">" : "<td>";
    text += isolated(cell.text);
    if (!cell.detail.empty()) text += "<small>" + escaped(cell.detail) + "</small>";
    text += names_the_row ? "</th>" : "</td>";
  }
  return text + "</tr>\n";
}

std::string table(const Table& table) {
  std::string text = "<div class=\"wide\"><table>\n";
  if (!table.caption.empty()) text += element("caption", table.caption);
  text += "<thead><tr>";
  for (const std::string& name : table.head) text += "<th scope=\"col\">" + isolated(name) + "</th>";
  text += "</tr></thead>\n<tbody>\n";
  for (const std::vector<Cell>& cells : table.rows) text += row(cells);
  return text + "</tbody></table></div>\n";
}

std::string figure(const Figure& figure) {
  return "<figure>\n" + svg(figure.plot) + element("figcaption", figure.caption) + "</figure>\n";
}

std::string picture(const Picture& picture) {
  const std::string shown = picture.jpeg.empty() ? "<span class=\"blank\"></span>"
                                                 : "<img alt=\"\" src=\"" + jpeg_uri(picture.jpeg) + "\"/>";
  return "<figure>" + shown + "<figcaption>" + isolated(picture.label) + "</figcaption></figure>\n";
}

std::string card(const Card& card) {
  std::string text = "<div class=\"card\">\n<h3>" + isolated(card.title) + "</h3>\n";
  if (!card.detail.empty()) text += "<p>" + isolated(card.detail) + "</p>\n";
  text += "<div class=\"pictures\">\n";
  for (const Picture& one : card.pictures) text += picture(one);
  return text + "</div>\n</div>\n";
}

// All of them in one element of a class; none where there is nothing.
template <typename Item>
std::string group(std::string_view kind, const std::vector<Item>& items,
                  std::string (*text_of)(const Item&)) {
  if (items.empty()) return {};
  std::string text = "<div class=\"" + std::string(kind) + "\">\n";
  for (const Item& item : items) text += text_of(item);
  return text + "</div>\n";
}

std::string section(const Section& section) {
  std::string text = "<section>\n<h2>" + isolated(section.title) + "</h2>\n";
  for (const std::string& paragraph : section.paragraphs) text += element("p", paragraph);
  for (const Table& one : section.tables) text += table(one);
  return text + group("figures", section.figures, figure) + group("cards", section.cards, card) +
         "</section>\n";
}

}  // namespace

std::string html(const Page& page) {
  std::string text =
      "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
      "<meta charset=\"utf-8\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n" +
      element("title", page.title) + "<style>\n" + std::string(page_style) + plot_style() +
      "</style>\n</head>\n<body>\n<main>\n<header>\n<h1>" + isolated(page.title) + "</h1>\n";
  if (!page.summary.empty()) text += "<p class=\"summary\">" + escaped(page.summary) + "</p>\n";
  text += facts(page.facts) + "</header>\n";
  for (const Section& one : page.sections) text += section(one);
  if (!page.footer.empty()) text += element("footer", page.footer);
  return text + "</main>\n</body>\n</html>\n";
}

}  // namespace kith::report
