// SPDX-License-Identifier: BSD-2-Clause
/*
 * The interface that gdb offers to programs which make code at run time: a list of object files in memory,
 * and a function that gdb stops at when the list changes. Names and layout of both are gdb's.
 *
 * Owns the list and the objects on it, each a copy whose section headers say where the sections lie. Lock:
 * debugger_lock, a leaf above the kernel half's calls (it is held while kext_control_sections() runs, which
 * takes no lock of the host's).
 */
#include "fusehost/control_debugger.h"

#include <elf.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kext/kext_control.h"
#include "libkext/symfile.h"

enum jit_action { JIT_NONE, JIT_REGISTER, JIT_UNREGISTER };

struct jit_code_entry {
    struct jit_code_entry *next_entry, *prev_entry;
    const char *symfile_addr;
    uint64_t symfile_size;
};

struct jit_descriptor {
    uint32_t version;
    uint32_t action_flag;
    struct jit_code_entry *relevant_entry, *first_entry;
};

extern struct jit_descriptor __jit_debug_descriptor;
struct jit_descriptor __jit_debug_descriptor = {.version = 1};

void __jit_debug_register_code(void);

/* gdb has a breakpoint here; the compiler may neither inline nor drop it. */
__attribute__((noinline)) void __jit_debug_register_code(void)
{
    __asm__ volatile("" ::: "memory");
}

struct announced {
    struct jit_code_entry entry; /* first: the list is gdb's */
    uint32_t index;              /* load tag */
    uint8_t bytes[];
};

static pthread_mutex_t debugger_lock = PTHREAD_MUTEX_INITIALIZER;

static void entry_tell(struct announced *kext, enum jit_action action)
{
    __jit_debug_descriptor.relevant_entry = &kext->entry;
    __jit_debug_descriptor.action_flag = action;
    __jit_debug_register_code();
    __jit_debug_descriptor.action_flag = JIT_NONE;
    __jit_debug_descriptor.relevant_entry = NULL;
}

static void entry_link(struct announced *kext)
{
    kext->entry.next_entry = __jit_debug_descriptor.first_entry;
    if (kext->entry.next_entry != NULL) {
        kext->entry.next_entry->prev_entry = &kext->entry;
    }
    __jit_debug_descriptor.first_entry = &kext->entry;
    entry_tell(kext, JIT_REGISTER);
}

static void entry_unlink(struct announced *kext)
{
    if (kext->entry.prev_entry != NULL) {
        kext->entry.prev_entry->next_entry = kext->entry.next_entry;
    } else {
        __jit_debug_descriptor.first_entry = kext->entry.next_entry;
    }
    if (kext->entry.next_entry != NULL) {
        kext->entry.next_entry->prev_entry = kext->entry.prev_entry;
    }
    entry_tell(kext, JIT_UNREGISTER);
    free(kext);
}

/* Where a kext's sections lie, in the form that the object wants. Returns how many. */
static size_t sections_get(const char *id, struct kext_control_section **rows, struct kext_section **sections)
{
    size_t room = kext_control_sections(id, NULL, 0);
    size_t n;

    *rows = calloc(room + 1, sizeof(**rows));
    *sections = calloc(room + 1, sizeof(**sections));
    if (*rows == NULL || *sections == NULL) {
        return 0;
    }
    n = kext_control_sections(id, *rows, room);
    n = n < room ? n : room;
    for (size_t i = 0; i < n; i++) {
        (*sections)[i] = (struct kext_section){.name = (*rows)[i].name, .address = (*rows)[i].address};
    }
    return n;
}

/* The load tag of a kext, 0 where it is not loaded; with @id NULL, whether @index is a loaded kext's. */
static uint32_t loaded_find(const char *id, uint32_t index)
{
    struct kext_control_info *infos = calloc(KEXT_CONTROL_MAX, sizeof(*infos));
    size_t n = infos != NULL ? kext_control_list(infos, KEXT_CONTROL_MAX) : 0;
    uint32_t found = 0;

    for (size_t i = 0; i < n; i++) {
        if (id != NULL ? strcmp(infos[i].id, id) == 0 : infos[i].index == index) {
            found = infos[i].index;
        }
    }
    free(infos);
    return found;
}

void control_debugger_add(const char *id, const uint8_t *exec, size_t len)
{
    struct announced *kext = calloc(1, sizeof(*kext) + len);
    struct kext_control_section *rows = NULL;
    struct kext_section *sections = NULL;

    pthread_mutex_lock(&debugger_lock);
    size_t n = kext != NULL ? sections_get(id, &rows, &sections) : 0;
    if (n != 0) {
        memcpy(kext->bytes, exec, len);
        kext->index = loaded_find(id, 0);
    }
    if (n != 0 && kext->index != 0 && kext_symfile_place(kext->bytes, len, sections, n)) {
        kext->entry.symfile_addr = (const char *)kext->bytes;
        kext->entry.symfile_size = len;
        entry_link(kext);
        kext = NULL;
    }
    pthread_mutex_unlock(&debugger_lock);
    free(rows);
    free(sections);
    free(kext);
}

/* The linker has checked the object: its tables lie inside it. */
static bool object_has(const uint8_t *bytes, uintptr_t pc)
{
    Elf64_Ehdr head;
    Elf64_Shdr section;

    memcpy(&head, bytes, sizeof(head));
    for (unsigned i = 0; i < head.e_shnum; i++) {
        memcpy(&section, bytes + head.e_shoff + i * sizeof(section), sizeof(section));
        if ((section.sh_flags & SHF_EXECINSTR) && pc - section.sh_addr < section.sh_size) {
            return true;
        }
    }
    return false;
}

bool control_debugger_find(uintptr_t pc, const uint8_t **bytes, size_t *len)
{
    bool found = false;

    if (pthread_mutex_trylock(&debugger_lock) != 0) {
        return false;
    }
    for (struct jit_code_entry *entry = __jit_debug_descriptor.first_entry; entry != NULL && !found;
         entry = entry->next_entry) {
        found = object_has((const uint8_t *)entry->symfile_addr, pc);
        *bytes = (const uint8_t *)entry->symfile_addr;
        *len = entry->symfile_size;
    }
    pthread_mutex_unlock(&debugger_lock);
    return found;
}

bool control_debugger_use(uintptr_t pc,
                          void (*fn)(void *arg, uint32_t index, const uint8_t *bytes, size_t len), void *arg)
{
    bool found = false;

    pthread_mutex_lock(&debugger_lock);
    for (struct jit_code_entry *entry = __jit_debug_descriptor.first_entry; entry != NULL && !found;
         entry = entry->next_entry) {
        found = object_has((const uint8_t *)entry->symfile_addr, pc);
        if (found) {
            fn(arg, ((struct announced *)entry)->index, (const uint8_t *)entry->symfile_addr,
               entry->symfile_size);
        }
    }
    pthread_mutex_unlock(&debugger_lock);
    return found;
}

void control_debugger_prune(void)
{
    pthread_mutex_lock(&debugger_lock);
    for (struct jit_code_entry *entry = __jit_debug_descriptor.first_entry, *next; entry != NULL;
         entry = next) {
        struct announced *kext = (struct announced *)entry;

        next = entry->next_entry;
        if (loaded_find(NULL, kext->index) == 0) {
            entry_unlink(kext);
        }
    }
    pthread_mutex_unlock(&debugger_lock);
}
