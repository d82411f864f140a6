# The kernel half is linked into one relocatable object whose symbols are all local but its entry points, so
# that KPI names (printf, strlcpy, random...) never meet libc's.

set(KEXTBED_ENTRY_POINTS "sys_*" "kext_control_*" "ktest_suite_*")

# kextbed_relocatable(OUT file INPUTS objects...): ld -r
function(kextbed_relocatable)
    cmake_parse_arguments(A "" "OUT" "INPUTS;DEPENDS" ${ARGN})
    add_custom_command(
        OUTPUT ${A_OUT}
        COMMAND ${CMAKE_LINKER} -r -o ${A_OUT} ${A_INPUTS}
        DEPENDS ${A_INPUTS} ${A_DEPENDS}
        COMMAND_EXPAND_LISTS VERBATIM)
endfunction()

# kextbed_localise(OUT file INPUT object): keeps the entry points alone visible
function(kextbed_localise)
    cmake_parse_arguments(A "" "OUT;INPUT" "" ${ARGN})
    set(keep)
    foreach(pattern IN LISTS KEXTBED_ENTRY_POINTS)
        list(APPEND keep "--keep-global-symbol=${pattern}")
    endforeach()
    add_custom_command(
        OUTPUT ${A_OUT}
        COMMAND ${CMAKE_OBJCOPY} --wildcard ${keep} ${A_INPUT} ${A_OUT}
        DEPENDS ${A_INPUT}
        VERBATIM)
endfunction()

file(GLOB_RECURSE KEXTBED_KERNEL_SOURCES CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/kern/*.c ${PROJECT_SOURCE_DIR}/validate/*.c ${PROJECT_SOURCE_DIR}/buf/*.c
    ${PROJECT_SOURCE_DIR}/ubc/*.c
    ${PROJECT_SOURCE_DIR}/vfs/*.c ${PROJECT_SOURCE_DIR}/kxld/*.c ${PROJECT_SOURCE_DIR}/kext/*.c)
list(FILTER KEXTBED_KERNEL_SOURCES EXCLUDE REGEX "/kext/glue/")

set(KERNEL_DIR ${CMAKE_BINARY_DIR}/kernel)
file(MAKE_DIRECTORY ${KERNEL_DIR})

# Descriptors and dispatch of the vnode operations, and checking variants of calls, come from their contract.
add_custom_command(
    OUTPUT ${KERNEL_DIR}/vnop_desc.c ${KERNEL_DIR}/vnop_dispatch.c ${KERNEL_DIR}/checked_block.S
    COMMAND ${CMAKE_COMMAND} -E env PYTHONDONTWRITEBYTECODE=1
            ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/vfs/gen_vnop.py ${PROJECT_SOURCE_DIR}/vfs/vnop.contract
            --desc ${KERNEL_DIR}/vnop_desc.c --dispatch ${KERNEL_DIR}/vnop_dispatch.c
            --variants ${KERNEL_DIR}/checked_block.S
    DEPENDS ${PROJECT_SOURCE_DIR}/vfs/gen_vnop.py ${PROJECT_SOURCE_DIR}/vfs/vnop.contract
    VERBATIM)

add_library(kernel_objects OBJECT
    ${KEXTBED_KERNEL_SOURCES} ${KERNEL_DIR}/vnop_desc.c ${KERNEL_DIR}/vnop_dispatch.c
    ${KERNEL_DIR}/checked_block.S)
target_compile_options(kernel_objects PRIVATE ${KEXTBED_KERNEL_CFLAGS})

kextbed_relocatable(OUT ${KERNEL_DIR}/base.o INPUTS $<TARGET_OBJECTS:kernel_objects> DEPENDS kernel_objects)

# The export table names what the kernel half defines, so it is made from the linked object itself.
add_custom_command(
    OUTPUT ${KERNEL_DIR}/base.symbols
    COMMAND sh -c "${CMAKE_NM} --defined-only --extern-only ${KERNEL_DIR}/base.o > ${KERNEL_DIR}/base.symbols"
    DEPENDS ${KERNEL_DIR}/base.o VERBATIM)
file(GLOB KEXTBED_EXPORT_LISTS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/kext/exports/*.exports)
add_custom_command(
    OUTPUT ${KERNEL_DIR}/export_table.c
    COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/mkexports/mkexports.py
            --symbols ${KERNEL_DIR}/base.symbols --out ${KERNEL_DIR}/export_table.c ${KEXTBED_EXPORT_LISTS}
    DEPENDS ${KERNEL_DIR}/base.symbols ${KEXTBED_EXPORT_LISTS} ${PROJECT_SOURCE_DIR}/tools/mkexports/mkexports.py
    VERBATIM)
add_library(kernel_exports OBJECT ${KERNEL_DIR}/export_table.c)
target_compile_options(kernel_exports PRIVATE ${KEXTBED_KERNEL_CFLAGS})

kextbed_relocatable(OUT ${KERNEL_DIR}/whole.o
    INPUTS ${KERNEL_DIR}/base.o $<TARGET_OBJECTS:kernel_exports> DEPENDS kernel_exports)
kextbed_localise(OUT ${KERNEL_DIR}/kernel.o INPUT ${KERNEL_DIR}/whole.o)
add_custom_target(kernel DEPENDS ${KERNEL_DIR}/kernel.o)

# kextbed_link_kernel(target): the kernel half and the host layer under it
function(kextbed_link_kernel target)
    target_link_libraries(${target} PRIVATE ${KERNEL_DIR}/kernel.o host)
    add_dependencies(${target} kernel)
endfunction()
