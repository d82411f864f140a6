# The VFS core: vnodes, mounts, names, registration, contracts. Driven by tinyfs, a file system of the tests' own.
add_library(unit_vfs_tinyfs OBJECT core_tinyfs.c core_setup.c)
target_compile_options(unit_vfs_tinyfs PRIVATE ${KEXTBED_KERNEL_CFLAGS})
kextbed_unit_test(NAME vfs.core
    OBJECTS unit_vfs_tinyfs
    SOURCES core_lifecycle.c core_names.c core_iterate.c core_register.c core_mount.c core_attr.c
        core_ledger.c
    SUITES core_lifecycle core_names core_iterate core_register core_mount core_attr core_ledger)
kextbed_unit_test(NAME vfs.core_races
    OBJECTS unit_vfs_tinyfs
    SOURCES core_races.c core_iterate_races.c
    SUITES core_races core_iterate_races)
