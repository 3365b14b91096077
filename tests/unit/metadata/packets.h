// SPDX-License-Identifier: Apache-2.0
// XMP of our own making, in the forms that programs write.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kith::test {

// What stands in one rdf:Description, with the namespaces that programs declare.
[[nodiscard]] inline std::string packet(std::string_view properties) {
  return "<?xpacket begin='\xef\xbb\xbf' id='W5M0MpCehiHzreSzNTczkc9d'?>\n"
         "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
         "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
         "<rdf:Description rdf:about=''"
         " xmlns:mwg-rs='http://www.metadataworkinggroup.com/schemas/regions/'"
         " xmlns:stArea='http://ns.adobe.com/xmp/sType/Area#'"
         " xmlns:stDim='http://ns.adobe.com/xap/1.0/sType/Dimensions#'"
         " xmlns:MP='http://ns.microsoft.com/photo/1.2/'"
         " xmlns:MPRI='http://ns.microsoft.com/photo/1.2/t/RegionInfo#'"
         " xmlns:MPReg='http://ns.microsoft.com/photo/1.2/t/Region#'"
         " xmlns:Iptc4xmpExt='http://iptc.org/std/Iptc4xmpExt/2008-02-29/'"
         " xmlns:dc='http://purl.org/dc/elements/1.1/'"
         " xmlns:lr='http://ns.adobe.com/lightroom/1.0/'"
         " xmlns:digiKam='http://www.digikam.org/ns/1.0/'"
         " xmlns:exif='http://ns.adobe.com/exif/1.0/'"
         " xmlns:exifEX='http://cipa.jp/exif/1.0/'"
         " xmlns:aux='http://ns.adobe.com/exif/1.0/aux/'"
         " xmlns:tiff='http://ns.adobe.com/tiff/1.0/'"
         " xmlns:xmp='http://ns.adobe.com/xap/1.0/'"
         " xmlns:xmpNote='http://ns.adobe.com/xmp/note/'>" +
         std::string(properties) + "</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end='w'?>";
}

// Lightroom's and Picasa's way: attributes, in a description within the item.
[[nodiscard]] inline std::string attribute_region(std::string_view name, std::string_view area,
                                                  std::string_view type = "Face") {
  return "<rdf:li><rdf:Description mwg-rs:Name='" + std::string(name) + "' mwg-rs:Type='" +
         std::string(type) + "'><mwg-rs:Area " + std::string(area) + "/></rdf:Description></rdf:li>";
}

[[nodiscard]] inline std::string mwg_regions(std::string_view items, std::string_view dimensions = "") {
  std::string text = "<mwg-rs:Regions rdf:parseType='Resource'>";
  if (!dimensions.empty()) text.append("<mwg-rs:AppliedToDimensions ").append(dimensions).append("/>");
  return text + "<mwg-rs:RegionList><rdf:Bag>" + std::string(items) +
         "</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>";
}

// Windows' way.
[[nodiscard]] inline std::string microsoft_regions(std::string_view items) {
  return "<MP:RegionInfo><rdf:Description><MPRI:Regions><rdf:Bag>" + std::string(items) +
         "</rdf:Bag></MPRI:Regions></rdf:Description></MP:RegionInfo>";
}
[[nodiscard]] inline std::string microsoft_region(std::string_view name, std::string_view rectangle) {
  std::string text = "<rdf:li><rdf:Description";
  if (!rectangle.empty()) text.append(" MPReg:Rectangle='").append(rectangle).append("'");
  return text + " MPReg:PersonDisplayName='" + std::string(name) + "'/></rdf:li>";
}

// A list as the property's value: rdf:Bag or rdf:Seq.
[[nodiscard]] inline std::string list(const std::string& property, const std::vector<std::string>& items,
                                      const std::string& kind = "Bag") {
  std::string text = "<" + property + "><rdf:" + kind + ">";
  for (const std::string& item : items) text += "<rdf:li>" + item + "</rdf:li>";
  return text + "</rdf:" + kind + "></" + property + ">";
}

}  // namespace kith::test
