# The system-call layer, driven through vfs/syscalls.h over a file system of the tests' own.
add_library(unit_vfs_fixture OBJECT sys_fixture.c sys_fixture_data.c sys_fixture_fs.c sys_fixture_names.c)
target_compile_options(unit_vfs_fixture PRIVATE ${KEXTBED_KERNEL_CFLAGS})

kextbed_unit_test(NAME vfs.sys_names
    OBJECTS unit_vfs_fixture
    SOURCES sys_lookup_test.c sys_names_test.c sys_rename_test.c sys_authorize_test.c
            sys_listener_test.c sys_fileop_test.c
    SUITES sys_lookup sys_names sys_rename sys_authorize sys_listener sys_fileop)
kextbed_unit_test(NAME vfs.sys_files
    OBJECTS unit_vfs_fixture
    SOURCES sys_open_test.c sys_io_test.c sys_space_test.c sys_readdir_test.c sys_xattr_test.c
    SUITES sys_open sys_io sys_space sys_readdir sys_xattr)
kextbed_unit_test(NAME vfs.sys_mounts
    OBJECTS unit_vfs_fixture
    SOURCES sys_mount_test.c sys_boot_test.c sys_memory_test.c sys_threads_test.c
    SUITES sys_mount sys_boot sys_memory sys_threads)
kextbed_unit_test(NAME vfs.sys_suspend OBJECTS unit_vfs_fixture
    SOURCES sys_suspend_test.c sys_vfsop_test.c sys_handle_test.c
    SUITES sys_suspend sys_vfsop sys_handle)
