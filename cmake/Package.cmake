# cmake --install, and a Debian package by CPack. Programs find everything else from where they lie themselves
# (libkext/place.c), so the folders below PREFIX are fixed, whatever the prefix is at the end.
include(CMakePackageConfigHelpers)

set(KEXTBED_SHARE share/kextbed)
set(KEXTBED_DOC share/doc/kextbed)

# The build tree looks like an installed one: what is built there builds other people's kexts too.
set(tree ${CMAKE_BINARY_DIR}/share)
file(MAKE_DIRECTORY ${tree}/kextbed/kext ${tree}/cmake/Kextbed ${tree}/doc/kextbed)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/fs-samples ${tree}/doc/kextbed/examples SYMBOLIC)
foreach(part include cmake kext/glue)
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${part} ${tree}/kextbed/${part} SYMBOLIC)
endforeach()
configure_file(${PROJECT_SOURCE_DIR}/cmake/KextbedConfig.cmake.in ${tree}/cmake/Kextbed/KextbedConfig.cmake @ONLY)
write_basic_package_version_file(${tree}/cmake/Kextbed/KextbedConfigVersion.cmake
    COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)

# What is installed, without tests and benchmarks.
set(KEXTBED_USER_PROGRAMS kextbed kextbed-disk kextload kextstat kextunload kextutil fsx)
set(KEXTBED_SYSTEM_PROGRAMS fusehost mount.kext)
add_custom_target(product DEPENDS ${KEXTBED_USER_PROGRAMS} ${KEXTBED_SYSTEM_PROGRAMS} kext_emptyfs kext_memfs)

# Programs for everybody, for the administrator, and mount(8)'s helper, which is looked for in /sbin.
install(TARGETS ${KEXTBED_USER_PROGRAMS} DESTINATION bin)
install(TARGETS ${KEXTBED_SYSTEM_PROGRAMS} DESTINATION sbin)
install(DIRECTORY ${CMAKE_BINARY_DIR}/Extensions/ DESTINATION lib/kextbed/Extensions)

# What somebody else's build of a kext includes.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${KEXTBED_SHARE}/include)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/kext/glue DESTINATION ${KEXTBED_SHARE}/kext)
install(FILES cmake/KextbedKext.cmake DESTINATION ${KEXTBED_SHARE}/cmake)
install(FILES ${tree}/cmake/Kextbed/KextbedConfig.cmake ${tree}/cmake/Kextbed/KextbedConfigVersion.cmake
    DESTINATION share/cmake/Kextbed)

install(FILES README.md CHANGELOG.md docs/architecture.md docs/first-kext.md docs/kpi-coverage.md
    docs/locking.md docs/performance.md docs/porting.md DESTINATION ${KEXTBED_DOC})
install(FILES LICENSE DESTINATION ${KEXTBED_DOC} RENAME copyright)
install(DIRECTORY fs-samples/ DESTINATION ${KEXTBED_DOC}/examples)
file(GLOB manuals CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.[1-9])
foreach(manual IN LISTS manuals ITEMS ${PROJECT_SOURCE_DIR}/tools/fsx/fsx.1)
    get_filename_component(section ${manual} LAST_EXT)
    string(SUBSTRING ${section} 1 -1 section)
    install(FILES ${manual} DESTINATION share/man/man${section})
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kextbed)
set(CPACK_PACKAGE_CONTACT "Kextbed developers <kextbed@example.org>")
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "fuse3, mount")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gcc, binutils")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "cmake, gdb")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
include(CPack)
