# The file-system half of the KPI by noun: what no suite of core.cmake and sys.cmake drives.
kextbed_unit_test(NAME vfs.kpi
    OBJECTS unit_vfs_tinyfs
    SOURCES kpi_stock.c kpi_vnode.c kpi_attr.c
    SUITES kpi_stock kpi_vnode kpi_attr)
kextbed_unit_test(NAME vfs.kpi_device
    OBJECTS unit_vfs_fixture
    SOURCES kpi_device.c kpi_descriptor.c
    SUITES kpi_device kpi_descriptor)
