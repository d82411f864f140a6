# Kinds of test. Labels: quick (seconds), kext (builds kexts as strangers do), fuse (needs /dev/fuse and root), long (only
# `./test long`), of those sanitized (in the builds of the sanitizers too) and fuzz (by clang).

# kextbed_unit_test(NAME n SOURCES kernel-side files SUITES names [LABELS l...] [TIMEOUT seconds])
# Kernel-side case files are linked with the kernel half before its symbols become local, so they see its insides;
# one host-side runner makes cmocka tests of the suites they export.
function(kextbed_unit_test)
    cmake_parse_arguments(A "" "NAME;TIMEOUT" "SOURCES;SUITES;LABELS;RUNNER_ARGS" ${ARGN})
    string(REPLACE "." "_" id "unit_${A_NAME}")
    add_library(${id}_objects OBJECT ${A_SOURCES})
    target_compile_options(${id}_objects PRIVATE ${KEXTBED_KERNEL_CFLAGS})

    set(dir ${CMAKE_CURRENT_BINARY_DIR}/${id})
    file(MAKE_DIRECTORY ${dir})
    kextbed_relocatable(OUT ${dir}/whole.o
        INPUTS ${KERNEL_DIR}/whole.o $<TARGET_OBJECTS:${id}_objects> DEPENDS ${id}_objects)
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
    kextbed_test_properties(unit.${A_NAME} "${A_LABELS}" "${A_TIMEOUT}")
endfunction()

# kextbed_host_test(NAME n SOURCES files [LIBS libraries] [LABELS l...] [TIMEOUT seconds])
function(kextbed_host_test)
    cmake_parse_arguments(A "" "NAME;TIMEOUT" "SOURCES;LIBS;LABELS;ARGS" ${ARGN})
    string(REPLACE "." "_" id "test_${A_NAME}")
    add_executable(${id} ${A_SOURCES})
    target_include_directories(${id} PRIVATE ${PROJECT_SOURCE_DIR})
    target_compile_definitions(${id} PRIVATE _GNU_SOURCE)
    target_link_libraries(${id} PRIVATE ${A_LIBS} cmocka)
    add_test(NAME ${A_NAME} COMMAND ${id} ${A_ARGS})
    kextbed_test_properties(${A_NAME} "${A_LABELS}" "${A_TIMEOUT}")
endfunction()

# kextbed_script_test(NAME n COMMAND c... [LABELS l...] [TIMEOUT seconds])
function(kextbed_script_test)
    cmake_parse_arguments(A "" "NAME;TIMEOUT" "COMMAND;LABELS" ${ARGN})
    add_test(NAME ${A_NAME} COMMAND ${A_COMMAND})
    kextbed_test_properties(${A_NAME} "${A_LABELS}" "${A_TIMEOUT}")
endfunction()

function(kextbed_test_properties name labels timeout)
    if(NOT labels)
        set(labels quick)
    endif()
    if(NOT timeout)
        set(timeout 300)
    endif()
    set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT ${timeout} SKIP_RETURN_CODE 77
        ENVIRONMENT "KEXTBED_BUILD=${CMAKE_BINARY_DIR};KEXTBED_SANITIZE=${KEXTBED_SANITIZE};PYTHONDONTWRITEBYTECODE=1;KEXTBED_VALIDATE=1")
    if("fuse" IN_LIST labels)
        set_tests_properties(${name} PROPERTIES RESOURCE_LOCK fuse)
    endif()
endfunction()
