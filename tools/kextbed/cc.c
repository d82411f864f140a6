// SPDX-License-Identifier: BSD-2-Clause
/*
 * kextbed cc: a compiler driver for kexts, from sources to a bundle in one command; and for builds that do
 * the compiling themselves, the flags, start-up code and CMake module that they need. The flags are those
 * that the project's own samples are built with; the build passes them in.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libkext/place.h"
#include "tools/kextbed/cc_internal.h"
#include "tools/kextbed/kextbed.h"

/* ---- printing ------------------------------------------------------------------------------------------ */

static const char *const whats[] = {"cflags", "ldflags", "sources", "cmake", "samples"};
enum { N_WHATS = sizeof(whats) / sizeof(whats[0]) };

/* All files of the start-up code, on one line. */
static char *sources_text(const char *share)
{
    char *out = NULL, *pattern = NULL;
    size_t size;
    glob_t files = {0};
    FILE *stream = open_memstream(&out, &size);

    if (stream == NULL || asprintf(&pattern, "%s/kext/glue/*.c", share) < 0) {
        pattern = NULL;
    }
    if (pattern != NULL && glob(pattern, 0, NULL, &files) == 0) {
        for (size_t i = 0; i < files.gl_pathc; i++) {
            fprintf(stream, "%s%s", i != 0 ? " " : "", files.gl_pathv[i]);
        }
        globfree(&files);
    }
    free(pattern);
    if (stream != NULL) {
        fclose(stream);
    }
    return out;
}

/* The kernel's headers come before the compiler's own. NULL: there is no compiler. */
static char *cflags_text(const char *share, struct kext_diags *diags)
{
    char *own = cc_compiler_include(cc_compiler(), diags), *text = NULL;

    if (own != NULL &&
        asprintf(&text, "-isystem%s/include -isystem%s " KEXTBED_KEXT_CFLAGS "%s" KEXTBED_KEXT_INSTRUMENT,
                 share, own, KEXTBED_KEXT_INSTRUMENT[0] != '\0' ? " " : "") < 0) {
        text = NULL;
    }
    free(own);
    return text;
}

static int what_print(struct tool *tool, const char *what)
{
    char *share = kext_place_find("share/kextbed"), *text = NULL;

    if (share == NULL) {
        kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, NULL, NULL,
                      "share/kextbed, with the headers of kexts, is not beside the program's folder");
        return TOOL_NOT_FOUND;
    }
    if (strcmp(what, "ldflags") == 0) {
        text = strdup(KEXTBED_KEXT_LDFLAGS);
    } else if (strcmp(what, "sources") == 0) {
        text = sources_text(share);
    } else if (strcmp(what, "samples") == 0) {
        text = kext_place_find("share/doc/kextbed/examples");
    } else if (strcmp(what, "cmake") == 0) {
        if (asprintf(&text, "%s/cmake/KextbedKext.cmake", share) < 0) {
            text = NULL;
        }
    } else {
        text = cflags_text(share, &tool->diags);
        if (text == NULL) {
            free(share);
            return TOOL_NOT_FOUND;
        }
    }
    if (text != NULL && !tool->json) {
        puts(text);
    }
    json_object_set_new(tool->result, what, text != NULL ? json_string(text) : json_null());
    free(text);
    free(share);
    return TOOL_OK;
}

/* ---- the command line ---------------------------------------------------------------------------------- */

/* Options of our own that have an argument, as "--name value" or "--name=value". Everything else that begins
 * with a dash is the compiler's. */
static const char **option_find(struct cc_request *request, const char *word, const char **value)
{
    const struct {
        const char *name;
        const char **where;
    } all[] = {{"--info", &request->info},   {"--id", &request->id},     {"--version", &request->version},
               {"--start", &request->start}, {"--stop", &request->stop}, {"-o", &request->bundle}};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        size_t len = strlen(all[i].name);

        if (strcmp(word, all[i].name) == 0) {
            *value = NULL;
            return all[i].where;
        }
        if (strncmp(word, all[i].name, len) == 0 && word[len] == '=' && word[1] == '-') {
            *value = word + len + 1;
            return all[i].where;
        }
    }
    return NULL;
}

static bool word_keep(struct cc_words *words, const char *word)
{
    if (words->count == CC_WORDS_MAX) {
        return false;
    }
    words->list[words->count++] = word;
    return true;
}

/* Options of compilers whose argument may be the next word. */
static bool compiler_takes_word(const char *word)
{
    static const char *const names[] = {"-I",       "-D",      "-U",       "-include",
                                        "-isystem", "-iquote", "-imacros", "-x"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(word, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Options that all verbs have; -v may be followed by a digit. Returns how many words that were; 0: none of
 * them. */
static int tool_word(struct tool *tool, char **argv)
{
    const char *word = argv[0], *next = argv[1] != NULL ? argv[1] : "";
    bool digit = next[0] >= '0' && next[0] <= '6' && next[1] == '\0';

    if (strcmp(word, "-v") == 0 || strcmp(word, "-verbose") == 0 || strcmp(word, "--verbose") == 0) {
        tool->verbose = digit ? next[0] - '0' : 2;
        return digit ? 2 : 1;
    }
    if (strcmp(word, "-q") == 0 || strcmp(word, "-quiet") == 0 || strcmp(word, "--quiet") == 0) {
        tool->quiet = true;
        return 1;
    }
    tool->json |= strcmp(word, "--json") == 0;
    return strcmp(word, "--json") == 0;
}

/* One word, or an option with its argument. Returns how many words that were; 0: an argument is missing or
 * there are too many. */
static int word_read(struct cc_request *request, char **argv, const char **what)
{
    const char *word = argv[0], *value, **where = option_find(request, word, &value);

    if (where != NULL) {
        *where = value != NULL ? value : argv[1];
        return value != NULL ? 1 : argv[1] != NULL ? 2 : 0;
    }
    if (strcmp(word, "--library") == 0) {
        return argv[1] != NULL && word_keep(&request->libraries, argv[1]) ? 2 : 0;
    }
    if (strncmp(word, "--library=", 10) == 0) {
        return word_keep(&request->libraries, word + 10);
    }
    if (strcmp(word, "--evolving") == 0) {
        request->evolving = true;
        return 1;
    }
    for (size_t i = 0; i < N_WHATS; i++) {
        if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, whats[i]) == 0) {
            *what = whats[i];
            return 1;
        }
    }
    int words = tool_word(request->tool, argv);
    if (words != 0) {
        return words;
    }
    if (word[0] != '-') {
        return word_keep(&request->sources, word);
    }
    if (compiler_takes_word(word)) {
        return argv[1] != NULL && word_keep(&request->options, word) && word_keep(&request->options, argv[1])
                   ? 2
                   : 0;
    }
    return word_keep(&request->options, word);
}

int verb_cc(struct tool *tool, int argc, char **argv)
{
    static struct cc_request request;
    struct cc_kext kext;
    const char *what = NULL;
    int code = TOOL_BAD_KEXT;

    request.tool = tool;
    for (int i = 1; i < argc;) {
        int words = word_read(&request, argv + i, &what);

        if (words == 0) {
            return tool_usage_error(tool, "cc: %s needs an argument", argv[i]);
        }
        i += words;
    }
    if (what != NULL && request.sources.count == 0) {
        return tool_finish(tool, what_print(tool, what));
    }
    if (what != NULL || request.sources.count == 0) {
        return tool_usage_error(
            tool, "cc: sources to build, or one of --cflags, --ldflags, --sources, --cmake, --samples");
    }
    if (cc_info_make(&request, &kext)) {
        code = cc_build(&request, &kext);
        json_object_set_new(tool->result, "bundle", json_string(kext.bundle));
        if (code == TOOL_OK) {
            tool_say(tool, 2, "%s: %s (%s)", kext.bundle, kext.info.id, kext.info.version_text);
        }
    }
    cc_info_free(&kext);
    return tool_finish(tool, code);
}
