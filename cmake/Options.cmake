# Flags that every target shares: warnings, sanitizers, coverage.

set(KEXTBED_SANITIZE "" CACHE STRING "address (with undefined), thread, or empty")
set_property(CACHE KEXTBED_SANITIZE PROPERTY STRINGS "" address thread)
option(KEXTBED_COVERAGE "Count lines with gcov" OFF)
option(KEXTBED_WERROR "Warnings are errors" ON)

set(KEXTBED_WARNINGS
    -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wshadow -Wvla -Wconversion -Wno-sign-conversion)
if(KEXTBED_WERROR)
    list(APPEND KEXTBED_WARNINGS -Werror)
endif()

# Frame pointers everywhere: backtraces of locks, references and panics are taken through them.
set(KEXTBED_COMMON_FLAGS -fno-omit-frame-pointer -g)
set(KEXTBED_INSTRUMENT_FLAGS)
if(KEXTBED_SANITIZE STREQUAL "address")
    set(KEXTBED_INSTRUMENT_FLAGS -fsanitize=address,undefined -fno-sanitize-recover=undefined)
elseif(KEXTBED_SANITIZE STREQUAL "thread")
    set(KEXTBED_INSTRUMENT_FLAGS -fsanitize=thread)
elseif(NOT KEXTBED_SANITIZE STREQUAL "")
    message(FATAL_ERROR "KEXTBED_SANITIZE is '${KEXTBED_SANITIZE}': use address, thread, or leave it empty")
endif()
if(KEXTBED_COVERAGE)
    list(APPEND KEXTBED_INSTRUMENT_FLAGS --coverage -fprofile-update=atomic)
endif()

add_compile_options(${KEXTBED_COMMON_FLAGS} ${KEXTBED_WARNINGS} ${KEXTBED_INSTRUMENT_FLAGS})
add_link_options(${KEXTBED_INSTRUMENT_FLAGS})

execute_process(
    COMMAND ${CMAKE_C_COMPILER} -print-file-name=include
    OUTPUT_VARIABLE KEXTBED_COMPILER_INCLUDE OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

# Kernel side: no libc in sight, our stdint.h ahead of the compiler's.
set(KEXTBED_KPI_CFLAGS
    -ffreestanding -nostdinc -isystem${PROJECT_SOURCE_DIR}/include -isystem${KEXTBED_COMPILER_INCLUDE}
    -DKERNEL=1)
set(KEXTBED_KERNEL_CFLAGS ${KEXTBED_KPI_CFLAGS} -fPIE -ftls-model=initial-exec -I${PROJECT_SOURCE_DIR})
