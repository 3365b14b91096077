# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where, and the package that find_package(kith) finds.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The runtime goes to a folder of its own, where it meets no other version.
set(KITH_RUNTIME_DIR "${CMAKE_INSTALL_LIBDIR}/kith")
set_target_properties(kith PROPERTIES INSTALL_RPATH "$ORIGIN/kith")
set_target_properties(kith_cli PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};$ORIGIN/../${KITH_RUNTIME_DIR}")

install(TARGETS kith EXPORT kith-targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
get_property(parts GLOBAL PROPERTY KITH_PARTS)
if(parts)
  set_target_properties(${parts} PROPERTIES INSTALL_RPATH "$ORIGIN/..")
  install(TARGETS ${parts} LIBRARY DESTINATION ${KITH_RUNTIME_DIR})
endif()
install(TARGETS kith_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/kith" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY "${KITH_DEPS}/openvino/libs/" DESTINATION ${KITH_RUNTIME_DIR}
  FILES_MATCHING REGEX "lib(openvino\\.|openvino_intel_cpu|openvino_onnx|openvino_ir|openvino_tensorflow_lite|tbb\\.|tbbmalloc\\.|tbbbind|hwloc)")
install(DIRECTORY "${KITH_DEPS}/models/" DESTINATION ${CMAKE_INSTALL_DATADIR}/kith/models FILES_MATCHING PATTERN "*.onnx")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/models/" DESTINATION ${CMAKE_INSTALL_DATADIR}/kith/models
  FILES_MATCHING PATTERN "*.json" PATTERN "*.background")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/NOTICE" DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY "${KITH_DEPS}/licences" DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)

set(KITH_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/kith")
install(EXPORT kith-targets NAMESPACE kith:: DESTINATION ${KITH_PACKAGE_DIR})
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/kith-config.cmake.in" "${PROJECT_BINARY_DIR}/kith-config.cmake"
  INSTALL_DESTINATION ${KITH_PACKAGE_DIR})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/kith-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/kith-config.cmake" "${PROJECT_BINARY_DIR}/kith-config-version.cmake"
  DESTINATION ${KITH_PACKAGE_DIR})
