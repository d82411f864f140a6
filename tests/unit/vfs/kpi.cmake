# The file-system half of the KPI by noun: what no suite of core.cmake and sys.cmake drives.
kextbed_unit_test(NAME vfs.kpi
    SOURCES ${VFS_CORE_TINYFS} kpi_stock.c kpi_vnode.c kpi_attr.c
    SUITES kpi_stock kpi_vnode kpi_attr)
kextbed_unit_test(NAME vfs.kpi_device
    SOURCES ${SYS_FIXTURE} kpi_device.c kpi_descriptor.c
    SUITES kpi_device kpi_descriptor)
