// SPDX-License-Identifier: BSD-2-Clause
/*
 * Source lines of kexts' code; see source_lines.h. In a panic it runs on the panicking thread alone, and
 * takes no lock but what the debugger's list of objects is tried with; for other reports that lock is held.
 */
#include <elf.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fusehost/control_debugger.h"
#include "fusehost/source_lines.h"
#include "host/host.h"

#define LIMIT_S   3
#define KEXTS_MAX 16u

struct object {
    const uint8_t *bytes;
    Dwfl *dwfl; /* NULL: it could not be read */
    Dwfl_Module *module;
};

/* No debug information but the object's own. */
static int no_debuginfo(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, const char *file,
                        const char *link, GElf_Word crc, char **out)
{
    (void)module;
    (void)data;
    (void)name;
    (void)base;
    (void)file;
    (void)link;
    (void)crc;
    (void)out;
    return -1;
}

static Elf64_Shdr section_read(const uint8_t *bytes, unsigned index)
{
    Elf64_Ehdr head;
    Elf64_Shdr section;

    memcpy(&head, bytes, sizeof(head));
    memcpy(&section, bytes + head.e_shoff + index * sizeof(section), sizeof(section));
    return section;
}

static unsigned section_count(const uint8_t *bytes)
{
    Elf64_Ehdr head;

    memcpy(&head, bytes, sizeof(head));
    return head.e_shnum;
}

/* The object as a file, its sections without addresses: the library then lays it out in its own way. */
static int object_file(const uint8_t *bytes, size_t len)
{
    int fd = memfd_create("kext", MFD_CLOEXEC);
    Elf64_Ehdr head;

    if (fd < 0)
        return -1;
    memcpy(&head, bytes, sizeof(head));
    bool ok = write(fd, bytes, len) == (ssize_t)len;
    for (unsigned i = 0; ok && i < head.e_shnum; i++) {
        Elf64_Shdr section = section_read(bytes, i);

        section.sh_addr = 0;
        ok = pwrite(fd, &section, sizeof(section), (off_t)(head.e_shoff + i * sizeof(section))) ==
             (ssize_t)sizeof(section);
    }
    if (!ok) {
        close(fd);
        return -1;
    }
    return fd;
}

static void object_open(struct object *object, size_t len)
{
    static const Dwfl_Callbacks callbacks = {.find_elf = dwfl_build_id_find_elf,
                                             .find_debuginfo = no_debuginfo,
                                             .section_address = dwfl_offline_section_address};
    int fd = object_file(object->bytes, len);

    if (fd < 0)
        return;
    object->dwfl = dwfl_begin(&callbacks);
    if (!object->dwfl) {
        close(fd);
        return;
    }
    dwfl_report_begin(object->dwfl);
    object->module = dwfl_report_offline(object->dwfl, "kext", "kext", fd);
    if (dwfl_report_end(object->dwfl, NULL, NULL) != 0)
        object->module = NULL;
}

static struct object *object_of(uintptr_t pc)
{
    static struct object objects[KEXTS_MAX];
    static size_t count;
    const uint8_t *bytes;
    size_t len;

    if (!control_debugger_find(pc, &bytes, &len))
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (objects[i].bytes == bytes)
            return &objects[i];
    if (count == KEXTS_MAX)
        return NULL;
    struct object *object = &objects[count++];
    object->bytes = bytes;
    object_open(object, len);
    return object;
}

/* Where the library has what we have at @pc. False: nowhere. */
static bool address_translate(const struct object *object, uintptr_t pc, Dwarf_Addr *out)
{
    GElf_Addr bias;
    Elf *elf = object->module ? dwfl_module_getelf(object->module, &bias) : NULL;

    for (unsigned i = 0; elf && i < section_count(object->bytes); i++) {
        Elf64_Shdr ours = section_read(object->bytes, i);
        GElf_Shdr theirs;

        if (!(ours.sh_flags & SHF_EXECINSTR) || pc - ours.sh_addr >= ours.sh_size)
            continue;
        if (!gelf_getshdr(elf_getscn(elf, i), &theirs))
            return false;
        *out = theirs.sh_addr + bias + (pc - ours.sh_addr);
        return true;
    }
    return false;
}

/* The line of what the library has at @there. Compilers need not say which unit an address belongs to (gcc
 * does in .debug_aranges, clang does not): then the units are asked one by one. NULL: unknown. */
static const char *source_find(const struct object *object, Dwarf_Addr there, int *row)
{
    Dwfl_Line *line = dwfl_module_getsrc(object->module, there);
    Dwarf_Die *unit = NULL;
    Dwarf_Addr bias;

    if (line)
        return dwfl_lineinfo(line, NULL, row, NULL, NULL, NULL);
    while ((unit = dwfl_module_nextcu(object->module, unit, &bias)) != NULL) {
        if (dwarf_haspc(unit, there - bias) != 1)
            continue;
        Dwarf_Line *found = dwarf_getsrc_die(unit, there - bias);

        return found && dwarf_lineno(found, row) == 0 ? dwarf_linesrc(found, NULL, NULL) : NULL;
    }
    return NULL;
}

/* "file:12"; only the file where the compiler made code of several lines one. False: nothing is known. */
static bool source_print(const struct object *object, Dwarf_Addr there, char *buf, size_t size)
{
    int row = 0;
    const char *file = source_find(object, there, &row);

    if (!file)
        return false;
    snprintf(buf, size, row ? "%s:%d" : "%s", file, row);
    return true;
}

/* @pc the frame's, @at the address to look up. */
static bool frame_tell(size_t number, const void *pc, uintptr_t at, bool first)
{
    struct object *object = object_of(at);
    Dwarf_Addr there;
    char text[600], where[400];

    if (!object || !address_translate(object, at, &there) ||
        !source_print(object, there, where, sizeof(where)))
        return false;
    const char *name = dwfl_module_addrname(object->module, there);
    int n = snprintf(text, sizeof(text), "%s  #%zu %p %s at %s\n", first ? "source lines of kexts:\n" : "",
                     number, pc, name ? name : "?", where);
    if (n > 0)
        host_log(HOST_LOG_PANIC, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
    return true;
}

static void lines_tell(void *const *pcs, size_t n, bool first_is_exact)
{
    bool any = false;

    (void)alarm(LIMIT_S);
    for (size_t i = 0; i < n; i++) {
        uintptr_t at = (uintptr_t)pcs[i] - (i != 0 || !first_is_exact);

        any = frame_tell(i, pcs[i], at, !any) || any;
    }
}

/* ---- outside a panic ----------------------------------------------------------------------------------- */

struct question {
    uintptr_t pc;
    char *buf;
    size_t len;
    bool answered;
};

/* The debugger's lock is held: the last object that was read stays open for the next question. */
static void line_find(void *arg, uint32_t index, const uint8_t *bytes, size_t len)
{
    static struct object last;
    static uint32_t last_index;
    struct question *question = arg;
    Dwarf_Addr there;

    if (last_index != index) {
        if (last.dwfl)
            dwfl_end(last.dwfl);
        last = (struct object){.bytes = bytes};
        last_index = index;
        object_open(&last, len);
    }
    question->answered = address_translate(&last, question->pc, &there) &&
                         source_print(&last, there, question->buf, question->len);
}

static bool line_tell(const void *pc, char *buf, size_t len)
{
    struct question question = {.pc = (uintptr_t)pc, .buf = buf, .len = len};

    return control_debugger_use(question.pc, line_find, &question) && question.answered;
}

void fh_source_lines_prepare(void)
{
    host_source_set(line_tell);
    host_panic_detail_set(lines_tell);
}
