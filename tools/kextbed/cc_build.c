// SPDX-License-Identifier: BSD-2-Clause
/*
 * kextbed cc: from sources to a bundle. Objects are made in a folder of their own; the bundle is written when
 * everything has been compiled and linked. Owns that folder and removes it.
 */
#include <elf.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libkext/file.h"
#include "libkext/place.h"
#include "tools/kextbed/cc_internal.h"
#include "tools/kextbed/kextbed.h"

#define OBJECT_MAX (64u << 20) /* bytes of a linked kext */

struct build {
    const struct cc_request *request;
    const struct cc_kext *kext;
    const char *compiler;
    char *own_include, *share;
    char folder[4096];      /* of the objects */
    char **objects;         /* paths in it */
    size_t nobjects, nglue; /* the last nglue are start-up code */
};

/* ---- commands ------------------------------------------------------------------------------------------ */

struct command {
    char **words;
    size_t count, room;
    int quiet; /* shown at a verbosity above this */
    bool lost;
};

static void word_add(struct command *command, const char *word)
{
    if (command->count + 2 > command->room) {
        size_t room = command->room != 0 ? 2 * command->room : 64;
        char **words = reallocarray(command->words, room, sizeof(*words));

        if (words == NULL) {
            command->lost = true;
            return;
        }
        command->words = words;
        command->room = room;
    }
    char *copy = strdup(word);
    command->lost |= copy == NULL;
    command->words[command->count] = copy;
    command->count += copy != NULL;
    command->words[command->count] = NULL;
}

/* Words of a text that have blanks between them. */
static void words_add(struct command *command, const char *text)
{
    for (const char *word = text + strspn(text, " "); *word != '\0'; word += strspn(word, " ")) {
        size_t len = strcspn(word, " ");
        char *copy = strndup(word, len);

        word_add(command, copy != NULL ? copy : "");
        free(copy);
        word += len;
    }
}

static void command_free(struct command *command)
{
    for (size_t i = 0; i < command->count; i++) {
        free(command->words[i]);
    }
    free(command->words);
}

/* Runs it and ends it with command_free(). Returns whether it ended well. */
static bool command_run(struct build *build, struct command *command)
{
    struct tool *tool = build->request->tool;
    int status = -1;
    pid_t child = command->lost || command->words == NULL ? -1 : fork();

    if (child == 0) {
        if (tool->verbose > command->quiet && !tool->quiet && !tool->json) {
            for (size_t i = 0; i < command->count; i++) {
                fprintf(stderr, "%s%s", i != 0 ? " " : "", command->words[i]);
            }
            fputc('\n', stderr);
        }
        execvp(command->words[0], command->words);
        fprintf(stderr, "kextbed: cannot run %s: %s\n", command->words[0], strerror(errno));
        _exit(127);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    command_free(command);
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

const char *cc_compiler(void)
{
    const char *compiler = getenv("CC");
    return compiler != NULL && compiler[0] != '\0' ? compiler : "cc";
}

/* The compiler knows where its own headers are. */
char *cc_compiler_include(const char *compiler, struct kext_diags *diags)
{
    char *line = NULL, *command = NULL;
    size_t size = 0;
    FILE *pipe =
        asprintf(&command, "%s -print-file-name=include", compiler) < 0 ? NULL : popen(command, "re");
    ssize_t len = pipe != NULL ? getline(&line, &size, pipe) : -1;

    if (pipe != NULL && pclose(pipe) != 0) {
        len = -1;
    }
    free(command);
    if (len <= 1) {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, NULL, NULL, "there is no working C compiler '%s'", compiler);
        kext_diag_mend(diags, "Install gcc or clang, or name one: CC=clang kextbed cc ...");
        free(line);
        return NULL;
    }
    line[strcspn(line, "\n")] = '\0';
    return line;
}

/* ---- compiling ----------------------------------------------------------------------------------------- */

static void flags_add(struct build *build, struct command *command)
{
    const struct cc_request *request = build->request;
    char path[4200];

    words_add(command, build->compiler);
    snprintf(path, sizeof(path), "-isystem%s/include", build->share);
    word_add(command, path);
    snprintf(path, sizeof(path), "-isystem%s", build->own_include);
    word_add(command, path);
    words_add(command, KEXTBED_KEXT_CFLAGS " " KEXTBED_KEXT_INSTRUMENT " -O2");
    for (size_t i = 0; i < request->options.count; i++) {
        word_add(command, request->options.list[i]);
    }
}

/* A routine of the start-up code: -DKEXT_START=... */
static void routine_add(struct command *command, const char *which, const char *name)
{
    char define[600];

    if (strcmp(name, "NONE") != 0) {
        snprintf(define, sizeof(define), "-DKEXT_%s=%s", which, name);
        word_add(command, define);
    }
}

/* What the routine is called unless the command line says. */
static const char *routine_name(const struct build *build, const char *given, const char *which, char *buf,
                                size_t size)
{
    if (given != NULL) {
        return given;
    }
    snprintf(buf, size, "%s_%s", build->kext->name, which);
    for (char *c = buf; *c != '\0'; c++) {
        bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || *c == '_';

        if (!letter && (c == buf || *c < '0' || *c > '9')) {
            *c = '_';
        }
    }
    return buf;
}

static bool source_compile(struct build *build, const char *source, bool glue)
{
    struct command command = {.quiet = glue ? 2 : 1};
    char word[600], start[300], stop[300];
    char *object;

    if (asprintf(&object, "%s/%zu.o", build->folder, build->nobjects) < 0) {
        return false;
    }
    build->objects[build->nobjects++] = object;
    build->nglue += glue;
    flags_add(build, &command);
    if (glue) {
        word_add(&command, "-w");
        snprintf(word, sizeof(word), "-DKEXT_ID=\"%s\"", build->kext->info.id);
        word_add(&command, word);
        snprintf(word, sizeof(word), "-DKEXT_VERSION=\"%s\"", build->kext->info.version_text);
        word_add(&command, word);
        routine_add(&command, "START",
                    routine_name(build, build->request->start, "start", start, sizeof(start)));
        routine_add(&command, "STOP", routine_name(build, build->request->stop, "stop", stop, sizeof(stop)));
    }
    word_add(&command, "-c");
    word_add(&command, source);
    word_add(&command, "-o");
    word_add(&command, object);
    return command_run(build, &command);
}

static bool is_compiled(const char *name)
{
    size_t len = strlen(name);

    return len > 2 && (strcmp(name + len - 2, ".o") == 0 || strcmp(name + len - 2, ".a") == 0);
}

/* All sources are tried, so that one run shows everything that the compiler has to say. */
static bool sources_compile(struct build *build)
{
    const struct cc_words *sources = &build->request->sources;
    char pattern[4200];
    glob_t glue = {0};
    bool ok = true;

    snprintf(pattern, sizeof(pattern), "%s/kext/glue/*.c", build->share);
    if (glob(pattern, 0, NULL, &glue) != 0) {
        kext_diag_add(&build->request->tool->diags, KEXT_DIAG_REQUEST, build->share, NULL,
                      "the start-up code of kexts is not there");
        return false;
    }
    build->objects = calloc(sources->count + glue.gl_pathc + 1, sizeof(*build->objects));
    ok = build->objects != NULL;
    for (size_t i = 0; build->objects != NULL && i < sources->count; i++) {
        ok &= is_compiled(sources->list[i]) || source_compile(build, sources->list[i], false);
    }
    for (size_t i = 0; ok && i < glue.gl_pathc; i++) {
        ok = source_compile(build, glue.gl_pathv[i], true);
    }
    globfree(&glue);
    return ok;
}

/* ---- linking ------------------------------------------------------------------------------------------- */

/* Start-up code goes in as an archive, of which the linker takes what the sources leave undefined. */
static bool objects_link(struct build *build, const char *out)
{
    struct command archive = {.quiet = 2}, link = {.quiet = 1};
    const struct cc_words *sources = &build->request->sources;
    char glue[4200];

    snprintf(glue, sizeof(glue), "%s/glue.a", build->folder);
    words_add(&archive, "ar rcs");
    word_add(&archive, glue);
    words_add(&link, "ld " KEXTBED_KEXT_LDFLAGS " -u kmod_info -o");
    word_add(&link, out);
    for (size_t i = 0; i < build->nobjects; i++) {
        word_add(i < build->nobjects - build->nglue ? &link : &archive, build->objects[i]);
    }
    for (size_t i = 0; i < sources->count; i++) {
        if (is_compiled(sources->list[i])) {
            word_add(&link, sources->list[i]);
        }
    }
    word_add(&link, glue);
    if (!command_run(build, &archive)) {
        command_free(&link);
        return false;
    }
    return command_run(build, &link);
}

/* Whether an object refers to @name and does not define it. The linker has just written it: its headers are
 * taken as they are, but for the bounds. */
static bool object_lacks(const uint8_t *bytes, size_t len, const char *name)
{
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)(const void *)bytes;

    if (len < sizeof(*header) || header->e_shoff > len ||
        header->e_shnum > (len - header->e_shoff) / sizeof(Elf64_Shdr)) {
        return false;
    }
    const Elf64_Shdr *sections = (const Elf64_Shdr *)(const void *)(bytes + header->e_shoff);
    for (size_t i = 0; i < header->e_shnum; i++) {
        const Elf64_Shdr *table = &sections[i];

        if (table->sh_type != SHT_SYMTAB || table->sh_link >= header->e_shnum || table->sh_offset > len ||
            table->sh_size > len - table->sh_offset) {
            continue;
        }
        const Elf64_Sym *symbols = (const Elf64_Sym *)(const void *)(bytes + table->sh_offset);
        const Elf64_Shdr *strings = &sections[table->sh_link];
        for (size_t j = 0; j < table->sh_size / sizeof(*symbols); j++) {
            size_t at = strings->sh_offset + symbols[j].st_name;

            if (symbols[j].st_shndx == SHN_UNDEF && at < len &&
                strncmp((const char *)bytes + at, name, len - at) == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool routines_check(struct build *build, const char *object)
{
    const struct cc_request *request = build->request;
    struct kext_diags *diags = &request->tool->diags;
    size_t errors = diags->errors, len = 0;
    uint8_t *bytes = NULL;
    char buf[300];

    if (kext_file_read(object, OBJECT_MAX, &bytes, &len) != 0) {
        return true;
    }
    const struct {
        const char *given, *word;
    } routines[] = {{request->start, "start"}, {request->stop, "stop"}};
    for (size_t i = 0; i < 2; i++) {
        const char *name = routine_name(build, routines[i].given, routines[i].word, buf, sizeof(buf));

        if (object_lacks(bytes, len, name)) {
            kext_diag_add(diags, KEXT_DIAG_VALIDATION, NULL, build->kext->info.id,
                          "no source defines the %s routine %s", routines[i].word, name);
            kext_diag_mend(
                diags, "Name it with --%s FUNCTION (Xcode: MODULE_%s), or --%s NONE. It must not be static.",
                routines[i].word, i == 0 ? "START" : "STOP", routines[i].word);
        }
    }
    free(bytes);
    return diags->errors == errors;
}

/* ---- the bundle ---------------------------------------------------------------------------------------- */

static bool complain(struct build *build, const char *path)
{
    kext_diag_add(&build->request->tool->diags, KEXT_DIAG_REQUEST, path, NULL, "cannot be written: %s",
                  strerror(errno));
    return false;
}

static bool file_write(struct build *build, const char *path, const void *bytes, size_t len)
{
    FILE *out = fopen(path, "we");
    bool ok = out != NULL && fwrite(bytes, 1, len, out) == len;

    if (out != NULL && fclose(out) != 0) {
        ok = false;
    }
    return ok || complain(build, path);
}

static bool folder_make(struct build *build, const char *path)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST || complain(build, path);
}

static bool bundle_write(struct build *build, const char *object)
{
    const struct cc_kext *kext = build->kext;
    char path[8300];
    uint8_t *bytes = NULL;
    size_t len;
    int error = kext_file_read(object, OBJECT_MAX, &bytes, &len);
    bool ok;

    if (error != 0) {
        errno = error;
        return complain(build, object);
    }
    ok = folder_make(build, kext->bundle);
    snprintf(path, sizeof(path), "%s/Contents", kext->bundle);
    ok = ok && folder_make(build, path);
    snprintf(path, sizeof(path), "%s/Contents/MacOS", kext->bundle);
    ok = ok && folder_make(build, path);
    snprintf(path, sizeof(path), "%s/Contents/MacOS/%s", kext->bundle, kext->info.executable);
    ok = ok && file_write(build, path, bytes, len);
    snprintf(path, sizeof(path), "%s/Contents/Info.plist", kext->bundle);
    ok = ok && file_write(build, path, kext->plist, strlen(kext->plist));
    free(bytes);
    return ok;
}

/* ---- all of it ----------------------------------------------------------------------------------------- */

static bool build_begin(struct build *build)
{
    struct kext_diags *diags = &build->request->tool->diags;
    const char *temporary = getenv("TMPDIR");

    build->compiler = cc_compiler();
    build->share = kext_place_find("share/kextbed");
    if (build->share == NULL) {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, NULL, NULL,
                      "share/kextbed, with the headers of kexts, is not beside the program's folder");
        return false;
    }
    build->own_include = cc_compiler_include(build->compiler, diags);
    if (build->own_include == NULL) {
        return false;
    }
    snprintf(build->folder, sizeof(build->folder), "%s/kextbed-cc.XXXXXX",
             temporary != NULL && temporary[0] != '\0' ? temporary : "/tmp");
    if (mkdtemp(build->folder) == NULL) {
        (void)complain(build, build->folder);
        build->folder[0] = '\0';
        return false;
    }
    return true;
}

static void build_end(struct build *build)
{
    char path[4200];

    for (size_t i = 0; i < build->nobjects; i++) {
        unlink(build->objects[i]);
        free(build->objects[i]);
    }
    if (build->folder[0] != '\0') {
        snprintf(path, sizeof(path), "%s/glue.a", build->folder);
        unlink(path);
        snprintf(path, sizeof(path), "%s/linked", build->folder);
        unlink(path);
        rmdir(build->folder);
    }
    free(build->objects);
    free(build->own_include);
    free(build->share);
}

int cc_build(const struct cc_request *request, const struct cc_kext *kext)
{
    struct build build = {.request = request, .kext = kext};
    char linked[4200];
    bool ok = build_begin(&build);

    snprintf(linked, sizeof(linked), "%s/linked", build.folder);
    ok = ok && sources_compile(&build) && objects_link(&build, linked) && routines_check(&build, linked) &&
         bundle_write(&build, linked);
    build_end(&build);
    return ok ? TOOL_OK : TOOL_BAD_KEXT;
}
