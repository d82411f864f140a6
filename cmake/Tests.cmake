# Kinds of test. Labels: quick (seconds), kext (builds kexts as strangers do), fuse (needs /dev/fuse and root), long (only
# `./test long`), of those sanitized (in the builds of the sanitizers too) and fuzz (by clang).
#
# Two tests run at a time, those with mounts too: each has a mount namespace and a kernel process of its own. COST is
# about how many seconds a test takes; CTest begins with the longest, so that no processor idles at the end.

# What is the same whatever the instrumentation and the compiler of our own programs is tested in this build alone.
set(KEXTBED_REFERENCE OFF)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT KEXTBED_SANITIZE)
    set(KEXTBED_REFERENCE ON)
endif()

# A process under ThreadSanitizer sleeps at its end, a second unless told otherwise, for races with threads that go on.
set(KEXTBED_TSAN_OPTIONS atexit_sleep_ms=50)

# kextbed_unit_test(NAME n SOURCES kernel-side files [OBJECTS OBJECT libraries of such] SUITES names [LABELS l...]
#     [TIMEOUT seconds] [COST seconds])
# Kernel-side case files are linked with the kernel half before its symbols become local, so they see its insides;
# one host-side runner makes cmocka tests of the suites they export.
function(kextbed_unit_test)
    cmake_parse_arguments(A "" "NAME;TIMEOUT;COST" "SOURCES;OBJECTS;SUITES;LABELS;RUNNER_ARGS" ${ARGN})
    string(REPLACE "." "_" id "unit_${A_NAME}")
    add_library(${id}_objects OBJECT ${A_SOURCES})
    target_compile_options(${id}_objects PRIVATE ${KEXTBED_KERNEL_CFLAGS})

    set(dir ${CMAKE_CURRENT_BINARY_DIR}/${id})
    file(MAKE_DIRECTORY ${dir})
    set(objects $<TARGET_OBJECTS:${id}_objects>)
    foreach(library IN LISTS A_OBJECTS)
        list(APPEND objects $<TARGET_OBJECTS:${library}>)
    endforeach()
    kextbed_relocatable(OUT ${dir}/whole.o
        INPUTS ${KERNEL_DIR}/whole.o ${objects} DEPENDS ${id}_objects ${A_OBJECTS})
    kextbed_localise(OUT ${dir}/kernel.o INPUT ${dir}/whole.o)

    set(declarations "")
    set(members "")
    foreach(suite IN LISTS A_SUITES)
        string(APPEND declarations "extern const struct ktest_suite ktest_suite_${suite};\n")
        string(APPEND members "    &ktest_suite_${suite},\n")
    endforeach()
    file(CONFIGURE OUTPUT ${dir}/suites.c @ONLY CONTENT
"#include \"tests/support/ktest.h\"
#include \"tests/support/ktest_runner.h\"

@declarations@
const struct ktest_suite *const ktest_suites[] = {
@members@    NULL,
};
")
    add_executable(${id} ${dir}/suites.c ${dir}/kernel.o)
    target_include_directories(${id} PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${id} PRIVATE ktest_runner host cmocka)
    add_test(NAME unit.${A_NAME} COMMAND ${id} ${A_RUNNER_ARGS})
    kextbed_test_properties(unit.${A_NAME} "${A_LABELS}" "${A_TIMEOUT}" "${A_COST}")
endfunction()

# kextbed_host_test(NAME n SOURCES files [LIBS libraries] [LABELS l...] [TIMEOUT seconds] [COST seconds])
function(kextbed_host_test)
    cmake_parse_arguments(A "" "NAME;TIMEOUT;COST" "SOURCES;LIBS;LABELS;ARGS" ${ARGN})
    string(REPLACE "." "_" id "test_${A_NAME}")
    add_executable(${id} ${A_SOURCES})
    target_include_directories(${id} PRIVATE ${PROJECT_SOURCE_DIR})
    target_compile_definitions(${id} PRIVATE _GNU_SOURCE)
    target_link_libraries(${id} PRIVATE ${A_LIBS} cmocka)
    add_test(NAME ${A_NAME} COMMAND ${id} ${A_ARGS})
    kextbed_test_properties(${A_NAME} "${A_LABELS}" "${A_TIMEOUT}" "${A_COST}")
endfunction()

# kextbed_script_test(NAME n COMMAND c... [LABELS l...] [TIMEOUT seconds] [COST seconds])
function(kextbed_script_test)
    cmake_parse_arguments(A "" "NAME;TIMEOUT;COST" "COMMAND;LABELS" ${ARGN})
    add_test(NAME ${A_NAME} COMMAND ${A_COMMAND})
    kextbed_test_properties(${A_NAME} "${A_LABELS}" "${A_TIMEOUT}" "${A_COST}")
endfunction()

function(kextbed_test_properties name labels timeout cost)
    if(NOT labels)
        set(labels quick)
    endif()
    if(NOT timeout)
        set(timeout 300)
    endif()
    set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT ${timeout} SKIP_RETURN_CODE 77
        ENVIRONMENT "KEXTBED_BUILD=${CMAKE_BINARY_DIR};KEXTBED_SANITIZE=${KEXTBED_SANITIZE};PYTHONDONTWRITEBYTECODE=1;KEXTBED_VALIDATE=1;TSAN_OPTIONS=${KEXTBED_TSAN_OPTIONS}")
    if(cost)
        set_tests_properties(${name} PROPERTIES COST ${cost})
    endif()
endfunction()

# kextbed_allow_directory_order(test): see the file for what is not reported then
function(kextbed_allow_directory_order name)
    set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT
        TSAN_OPTIONS=${KEXTBED_TSAN_OPTIONS}:print_suppressions=0:suppressions=${PROJECT_SOURCE_DIR}/tests/support/directory_order.supp)
endfunction()
