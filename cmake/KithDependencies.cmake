# SPDX-License-Identifier: Apache-2.0
# Everything that kith links, found once and named here.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

if(NOT OpenVINO_DIR)
  set(OpenVINO_DIR "${KITH_DEPS}/openvino/cmake")
endif()
find_package(OpenVINO 2026.4 REQUIRED COMPONENTS Runtime)
# The TBB of the OpenVINO wheel, so that one copy of it runs in the process.
set(TBB_DIR "${OpenVINO_DIR}")
find_package(TBB REQUIRED)
find_package(OpenCV 4.6 REQUIRED COMPONENTS core imgproc)
find_package(tl-expected REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(SQLiteCpp 3.2 REQUIRED)
find_package(pugixml 1.13 REQUIRED)
# Debian's libsvm brings neither a CMake package nor a pkg-config file.
find_library(KITH_LIBSVM svm REQUIRED)
pkg_check_modules(VIPS REQUIRED IMPORTED_TARGET vips>=8.14)
pkg_check_modules(JPEG REQUIRED IMPORTED_TARGET libjpeg)
pkg_check_modules(LIBRAW REQUIRED IMPORTED_TARGET libraw_r)
# LibRaw's pkg-config file asks for -fopenmp, which is its own business and which clang may not have.
set_property(TARGET PkgConfig::LIBRAW PROPERTY INTERFACE_LINK_OPTIONS "")
pkg_check_modules(LCMS REQUIRED IMPORTED_TARGET lcms2)
pkg_check_modules(GLIB REQUIRED IMPORTED_TARGET glib-2.0)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
if(KITH_METADATA)
  pkg_check_modules(EXIV2 REQUIRED IMPORTED_TARGET exiv2>=0.27.6)  # its XMP toolkit refuses entities and deep nesting
  # Photos' XMP is changed in its own text, by the XML parser that Exiv2 uses, too.
  pkg_check_modules(EXPAT REQUIRED IMPORTED_TARGET expat)
  pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
endif()
