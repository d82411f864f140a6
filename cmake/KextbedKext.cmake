# Building kexts. For the samples here and for anybody's project:
#
#   find_package(Kextbed REQUIRED)
#   kextbed_add_kext(NAME myfs ID com.example.myfs VERSION 1.0.0 SOURCES myfs.c
#       LIBRARIES com.apple.kpi.bsd=8.0.0 com.apple.kpi.libkern=8.0.0)
#
# makes ${CMAKE_BINARY_DIR}/Extensions/myfs.kext, a bundle with Info.plist and one relocatable object.
#
#   NAME n                 bundle and executable name
#   ID id                  CFBundleIdentifier
#   VERSION v              CFBundleVersion, 1.0.0 unless given
#   COMPATIBLE v           OSBundleCompatibleVersion: other kexts may link against this one
#   SOURCES files          C sources, unchanged from what Xcode would build
#   LIBRARIES id=v...      OSBundleLibraries
#   INFO_PLIST file        use this list, with Xcode's $(NAME) and ${NAME} variables filled in, instead of making one
#   START f, STOP f        start and stop routine (MODULE_START, MODULE_STOP); NAME_start and NAME_stop unless given;
#                          NONE for none. Sources that define kmod_info themselves (KMOD_EXPLICIT_DECL, KMOD_DECL)
#                          have named them there
#   OWN_KMOD_INFO          it is an error when the sources do not define kmod_info
#   DEFINITIONS, INCLUDES, OPTIONS     further preprocessor definitions, folders, compiler options
#   EVOLVING               it may use symbols that can still change (state evolving); says so in Info.plist
#   OUTPUT_DIR dir         where the bundle goes instead of Extensions
#   SANITIZE address|thread  instrument this kext; it then loads into a kernel process that is instrumented likewise
#                          (build/asan, build/tsan). Of itself with a Kextbed that was built so

set(KEXTBED_KEXT_ROOT ${CMAKE_CURRENT_LIST_DIR}/..)
get_filename_component(KEXTBED_KEXT_ROOT ${KEXTBED_KEXT_ROOT} ABSOLUTE)
if(NOT CMAKE_C_COMPILER)
    message(FATAL_ERROR "Kextbed: the project has to enable the language C before kexts can be built")
endif()
execute_process(
    COMMAND ${CMAKE_C_COMPILER} -print-file-name=include
    OUTPUT_VARIABLE KEXTBED_KEXT_COMPILER_INCLUDE OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

# What every source of a kext is compiled with. Images lie within 2 GiB of the kernel's code but anywhere in the
# address space: -fPIE makes references relative. Unwind tables and frame pointers serve backtraces. Sources that
# build on several systems see the macros of Darwin's compilers, and none that say Linux.
set(KEXTBED_KEXT_PLAIN_CFLAGS
    -ffreestanding -nostdinc -D__APPLE__=1 -D__APPLE_CC__=6000 -D__MACH__=1 -DKERNEL=1
    -D__ENVIRONMENT_MAC_OS_X_VERSION_MIN_REQUIRED__=101500
    -Ulinux -U__linux -U__linux__ -Uunix -U__unix -U__unix__ -U__gnu_linux__
    -fPIE -fno-common -fno-stack-protector -fno-omit-frame-pointer -fasynchronous-unwind-tables -g)
set(KEXTBED_KEXT_CFLAGS
    -isystem${KEXTBED_KEXT_ROOT}/include -isystem${KEXTBED_KEXT_COMPILER_INCLUDE} ${KEXTBED_KEXT_PLAIN_CFLAGS})
set(KEXTBED_KEXT_LDFLAGS -r --build-id=sha1)

# Fills in the variables that Xcode knows. Unknown ones stay, and the loader will say so.
function(_kextbed_substitute in out)
    file(READ ${in} text)
    set(EXECUTABLE_NAME ${A_NAME})
    set(PRODUCT_NAME ${A_NAME})
    set(PRODUCT_BUNDLE_IDENTIFIER ${A_ID})
    set(PRODUCT_BUNDLE_PACKAGE_TYPE KEXT)
    set(MODULE_NAME ${A_ID})
    set(MODULE_VERSION ${A_VERSION})
    set(MARKETING_VERSION ${A_VERSION})
    set(CURRENT_PROJECT_VERSION ${A_VERSION})
    set(DEVELOPMENT_LANGUAGE en)
    foreach(name EXECUTABLE_NAME PRODUCT_NAME PRODUCT_BUNDLE_IDENTIFIER PRODUCT_BUNDLE_PACKAGE_TYPE MODULE_NAME
            MODULE_VERSION MARKETING_VERSION CURRENT_PROJECT_VERSION DEVELOPMENT_LANGUAGE)
        string(REPLACE "$(${name})" "${${name}}" text "${text}")
        string(REPLACE "\${${name}}" "${${name}}" text "${text}")
        string(REPLACE "$(${name}:rfc1034identifier)" "${${name}}" text "${text}")
        string(REPLACE "\${${name}:rfc1034identifier}" "${${name}}" text "${text}")
    endforeach()
    file(CONFIGURE OUTPUT ${out} CONTENT "${text}" @ONLY)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${in})
endfunction()

function(_kextbed_make_plist out)
    set(keys "    <key>CFBundleExecutable</key>\n    <string>${A_NAME}</string>\n")
    string(APPEND keys "    <key>CFBundleIdentifier</key>\n    <string>${A_ID}</string>\n")
    string(APPEND keys "    <key>CFBundleInfoDictionaryVersion</key>\n    <string>6.0</string>\n")
    string(APPEND keys "    <key>CFBundleName</key>\n    <string>${A_NAME}</string>\n")
    string(APPEND keys "    <key>CFBundlePackageType</key>\n    <string>KEXT</string>\n")
    string(APPEND keys "    <key>CFBundleVersion</key>\n    <string>${A_VERSION}</string>\n")
    if(A_COMPATIBLE)
        string(APPEND keys "    <key>OSBundleCompatibleVersion</key>\n    <string>${A_COMPATIBLE}</string>\n")
    endif()
    if(A_EVOLVING)
        string(APPEND keys "    <key>KextbedEvolvingInterfaces</key>\n    <true/>\n")
    endif()
    string(APPEND keys "    <key>OSBundleLibraries</key>\n    <dict>\n")
    foreach(library IN LISTS A_LIBRARIES)
        if(NOT library MATCHES "^([^=]+)=(.+)$")
            message(FATAL_ERROR "kextbed_add_kext(${A_NAME}): LIBRARIES has '${library}'; identifier=version is needed")
        endif()
        string(APPEND keys
            "        <key>${CMAKE_MATCH_1}</key>\n        <string>${CMAKE_MATCH_2}</string>\n")
    endforeach()
    string(APPEND keys "    </dict>\n")
    set(text "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
    string(APPEND text "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" ")
    string(APPEND text "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n")
    string(APPEND text "<plist version=\"1.0\">\n<dict>\n${keys}</dict>\n</plist>\n")
    file(CONFIGURE OUTPUT ${out} CONTENT "${text}" @ONLY)
endfunction()

# _kextbed_glue_archive(target sources definition...): one object a symbol, compiled as the kext is
function(_kextbed_glue_archive target sources)
    add_library(${target} STATIC ${sources})
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF
        ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/kextbed_glue)
    target_compile_options(${target} PRIVATE ${KEXTBED_KEXT_CFLAGS} ${instrument} ${A_OPTIONS})
    target_compile_definitions(${target} PRIVATE ${ARGN})
endfunction()

# Start-up code and who the kext is, as archives: the link takes what the kext's own sources leave undefined. What is
# the same for every kext that is compiled alike is compiled once. Sets @out to the names of the targets.
function(_kextbed_glue out)
    file(GLOB common ${KEXTBED_KEXT_ROOT}/kext/glue/*.c)
    set(own ${common})
    list(FILTER own INCLUDE REGEX "/kmod_(info|realmain|antimain)[.]c$")
    list(FILTER common EXCLUDE REGEX "/kmod_(info|realmain|antimain)[.]c$")
    set(alike "${instrument} ${A_OPTIONS} ${CMAKE_C_FLAGS}")
    foreach(property COMPILE_OPTIONS COMPILE_DEFINITIONS INCLUDE_DIRECTORIES)
        get_directory_property(value ${property})
        string(APPEND alike " ${value}")
    endforeach()
    string(SHA1 alike "${alike}")
    set(shared kextbed_glue_${alike})
    if(NOT TARGET ${shared})
        _kextbed_glue_archive(${shared} "${common}")
    endif()
    set(archives ${shared})
    if(NOT A_OWN_KMOD_INFO)
        set(definitions "KEXT_ID=\"${A_ID}\"" "KEXT_VERSION=\"${A_VERSION}\"")
        string(MAKE_C_IDENTIFIER "${A_NAME}" identifier)
        foreach(which START STOP)
            string(TOLOWER ${which} routine)
            if(NOT A_${which})
                set(A_${which} ${identifier}_${routine})
            endif()
            if(NOT A_${which} STREQUAL "NONE")
                list(APPEND definitions KEXT_${which}=${A_${which}})
            endif()
        endforeach()
        _kextbed_glue_archive(kext_${A_NAME}_glue "${own}" ${definitions})
        list(PREPEND archives kext_${A_NAME}_glue)
    endif()
    set(${out} ${archives} PARENT_SCOPE)
endfunction()

# What SANITIZE stands for.
function(_kextbed_instrument out)
    set(flags ${KEXTBED_KEXT_INSTRUMENT_FLAGS})
    if(A_SANITIZE STREQUAL "address")
        set(flags -fsanitize=address,undefined -fno-sanitize-recover=undefined)
    elseif(A_SANITIZE STREQUAL "thread")
        set(flags -fsanitize=thread)
    elseif(A_SANITIZE)
        message(FATAL_ERROR "kextbed_add_kext(${A_NAME}): SANITIZE is '${A_SANITIZE}'; address or thread is needed")
    endif()
    set(${out} ${flags} PARENT_SCOPE)
endfunction()

function(kextbed_add_kext)
    cmake_parse_arguments(A "OWN_KMOD_INFO;EVOLVING" "NAME;ID;VERSION;COMPATIBLE;INFO_PLIST;START;STOP;OUTPUT_DIR;SANITIZE"
        "SOURCES;LIBRARIES;DEFINITIONS;INCLUDES;OPTIONS" ${ARGN})
    if(NOT A_NAME OR NOT A_ID OR NOT A_SOURCES)
        message(FATAL_ERROR "kextbed_add_kext: NAME, ID and SOURCES are needed")
    endif()
    if(A_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "kextbed_add_kext(${A_NAME}): unknown argument ${A_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT A_VERSION)
        set(A_VERSION 1.0.0)
    endif()
    if(NOT A_OUTPUT_DIR)
        set(A_OUTPUT_DIR ${CMAKE_BINARY_DIR}/Extensions)
    endif()
    set(contents ${A_OUTPUT_DIR}/${A_NAME}.kext/Contents)
    _kextbed_instrument(instrument)
    _kextbed_glue(glue)
    set(archives)
    foreach(target IN LISTS glue)
        list(APPEND archives $<TARGET_FILE:${target}>)
    endforeach()
    set(require)
    if(NOT A_OWN_KMOD_INFO)
        set(require -u kmod_info)
    endif()
    if(A_INFO_PLIST)
        get_filename_component(plist ${A_INFO_PLIST} ABSOLUTE)
        _kextbed_substitute(${plist} ${contents}/Info.plist)
    else()
        _kextbed_make_plist(${contents}/Info.plist)
    endif()

    set(objects kext_${A_NAME}_objects)
    add_library(${objects} OBJECT ${A_SOURCES})
    set_target_properties(${objects} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${objects} PRIVATE ${KEXTBED_KEXT_CFLAGS} ${instrument} ${A_OPTIONS})
    target_compile_definitions(${objects} PRIVATE ${A_DEFINITIONS})
    target_include_directories(${objects} PRIVATE ${A_INCLUDES})
    file(MAKE_DIRECTORY ${contents}/MacOS)
    add_custom_command(
        OUTPUT ${contents}/MacOS/${A_NAME}
        COMMAND ${CMAKE_LINKER} ${KEXTBED_KEXT_LDFLAGS} ${require} -o ${contents}/MacOS/${A_NAME}
            $<TARGET_OBJECTS:${objects}> --start-group ${archives} --end-group
        DEPENDS ${objects} $<TARGET_OBJECTS:${objects}> ${glue} ${archives}
        COMMENT "Linking kext ${A_NAME}.kext"
        COMMAND_EXPAND_LISTS VERBATIM)
    add_custom_target(kext_${A_NAME} ALL DEPENDS ${contents}/MacOS/${A_NAME})
    set_target_properties(kext_${A_NAME} PROPERTIES KEXT_BUNDLE ${A_OUTPUT_DIR}/${A_NAME}.kext)
endfunction()
