// SPDX-License-Identifier: BSD-2-Clause
/*
 * kextutil: load a kext as its developer wants it: look at it first, try the link without loading, write
 * symbol files, leave it unstarted. Runs on its only thread.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/common/loader.h"
#include "tools/kextutil/trylink.h"

static const char usage_text[] =
    "usage: kextutil [options] [--] KEXT.kext ...\n"
    "\n"
    "  -b, -bundle-id ID           also the kext with this identifier\n"
    "  -d, -dependency KEXT        a kext that may be needed\n"
    "  -r, -repository DIR         a folder of further kexts\n"
    "  -e, -no-system-extensions   do not look into the usual folder\n"
    "  -Z, -no-resolve-dependencies  with -n: look at the kexts themselves alone, do not link\n"
    "  -n, -no-load                try everything, load nothing; needs no kernel process\n"
    "  -l, -load-only              load and link, but do not start\n"
    "  -i, -interactive            load, then ask before starting\n"
    "  -t, -print-diagnostics      say for each kext what is wrong or doubtful, or that it can be loaded\n"
    "  -s, -symbols DIR            write symbol files (ID.sym) for the kexts and what they need\n"
    "  -a, -address ID@ADDRESS     with -n: link as if it lay there\n"
    "  -A, -use-load-addresses     with -n: link as if each lay where it is loaded\n"
    "  -q, -quiet; -v, -verbose [0-6]; -h, -help\n"
    "  --json                      one JSON object on standard output instead of text\n"
    "  --socket PATH               the kernel process that listens there\n"
    "\n"
    "Exit status: 0; 1 not found; 3 not started because the answer was no; 4 a kext is wrong; 6 loading "
    "failed;\n"
    "7 -i without a terminal; 34 its start routine failed; 64 usage; 69 no kernel process; 77 not "
    "permitted.\n";

enum { ADDRESSES_MAX = 64, EXIT_NO_TERMINAL = 7 };

struct address {
    char id[KEXT_WIRE_MAX_ID + 1];
    uint64_t address;
};

struct options {
    bool no_load, load_only, interactive, diagnostics, no_system, no_resolve, load_addresses;
    bool symbols_given;
    const char *symbols;
    struct address addresses[ADDRESSES_MAX];
    size_t naddresses;
};

static int code_worse(int a, int b)
{
    return a != TOOL_OK ? a : b;
}

/* ---- options ------------------------------------------------------------------------------------------- */

static bool address_read(struct tool *tool, struct options *o, const char *text)
{
    const char *at = strrchr(text, '@');
    struct address *address = &o->addresses[o->naddresses];
    char *end;

    if (at == NULL || at == text || (size_t)(at - text) >= sizeof(address->id) ||
        o->naddresses == ADDRESSES_MAX) {
        tool_usage_error(tool, "-address %s: ID@ADDRESS is needed", text);
        return false;
    }
    errno = 0;
    address->address = strtoull(at + 1, &end, 0);
    if (*end != '\0' || end == at + 1 || errno != 0 || address->address == 0 ||
        address->address % 4096 != 0) {
        tool_usage_error(tool, "-address %s: the address has to be a multiple of 4096", text);
        return false;
    }
    snprintf(address->id, sizeof(address->id), "%.*s", (int)(at - text), text);
    o->naddresses++;
    return true;
}

static const struct option long_options[] = {{"bundle-id", required_argument, NULL, 'b'},
                                             {"dependency", required_argument, NULL, 'd'},
                                             {"repository", required_argument, NULL, 'r'},
                                             {"no-system-extensions", no_argument, NULL, 'e'},
                                             {"no-resolve-dependencies", no_argument, NULL, 'Z'},
                                             {"no-load", no_argument, NULL, 'n'},
                                             {"load-only", no_argument, NULL, 'l'},
                                             {"interactive", no_argument, NULL, 'i'},
                                             {"print-diagnostics", no_argument, NULL, 't'},
                                             {"symbols", required_argument, NULL, 's'},
                                             {"address", required_argument, NULL, 'a'},
                                             {"use-load-addresses", no_argument, NULL, 'A'},
                                             TOOL_OPTIONS,
                                             {NULL, 0, NULL, 0}};

/* One option. False: a usage error has been told. */
static bool option_read(struct tool *tool, struct options *o, int opt)
{
    switch (opt) {
    case 'e':
        o->no_system = true;
        return true;
    case 'Z':
        o->no_resolve = true;
        return true;
    case 'n':
        o->no_load = true;
        return true;
    case 'l':
        o->load_only = true;
        return true;
    case 'i':
        o->interactive = true;
        return true;
    case 't':
        o->diagnostics = true;
        return true;
    case 's':
        tool_once(tool, "-symbols", &o->symbols_given);
        o->symbols = optarg;
        return true;
    case 'a':
        return address_read(tool, o, optarg);
    case 'A':
        o->load_addresses = true;
        return true;
    default:
        tool_usage_told(tool);
        return false;
    }
}

/* Combinations that make no sense are told and then read as well as they can be. */
static void options_settle(struct tool *tool, struct options *o)
{
    struct kext_diags *diags = &tool->diags;

    if (o->no_load && (o->load_only || o->interactive)) {
        kext_diag_add(diags, KEXT_DIAG_WARNING, NULL, NULL, "-no-load is given: nothing will be loaded");
        o->load_only = o->interactive = false;
    }
    if (!o->no_load && (o->naddresses != 0 || o->load_addresses)) {
        kext_diag_add(diags, KEXT_DIAG_WARNING, NULL, NULL, "addresses are of use with -no-load alone");
    }
    if (o->no_resolve && !o->no_load) {
        kext_diag_add(diags, KEXT_DIAG_WARNING, NULL, NULL,
                      "-no-resolve-dependencies is of use with -no-load alone");
        o->no_resolve = false;
    }
}

/* ---- without loading ----------------------------------------------------------------------------------- */

static uint64_t address_loaded(const json_t *rows, const char *id)
{
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row)
    {
        const char *name = json_string_value(json_object_get(row, "name"));
        if (name != NULL && strcmp(name, id) == 0) {
            return (uint64_t)json_integer_value(json_object_get(row, "address"));
        }
    }
    return 0;
}

/* Where each kext of a plan is to lie. False: an error was added. */
static bool bases_find(struct loader *loader, const struct options *o, const struct kext_plan *plan,
                       uint64_t *bases)
{
    json_t *reply = NULL;

    if (o->load_addresses) {
        if (loader_connect(loader) != KEXT_CLIENT_OK ||
            kext_client_call(&loader->client, "stat", NULL, -1, "asking for addresses", &reply,
                             &loader->tool->diags) != KEXT_CLIENT_OK) {
            return false;
        }
    }
    for (size_t i = 0; i < plan->count; i++) {
        bases[i] = address_loaded(json_object_get(reply, "kexts"), plan->order[i]->info.id);
        for (size_t j = 0; j < o->naddresses; j++) {
            if (strcmp(o->addresses[j].id, plan->order[i]->info.id) == 0) {
                bases[i] = o->addresses[j].address;
            }
        }
    }
    json_decref(reply);
    return true;
}

static bool address_given(const struct options *o, const char *id)
{
    for (size_t i = 0; i < o->naddresses; i++) {
        if (strcmp(o->addresses[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

static bool symbols_of_link(struct tool *tool, const struct options *o, const struct trylink *link,
                            const struct kext_plan *plan)
{
    bool ok = true;

    for (size_t i = 0; i < plan->count; i++) {
        const struct kext_section *sections;
        size_t n = trylink_sections(link, plan->order[i], &sections);

        /* With addresses given for some, the others are linked and nothing is written for them. */
        if (n != 0 && (o->naddresses == 0 || address_given(o, plan->order[i]->info.id))) {
            ok &= kext_symfile_write(plan->order[i], sections, n, o->symbols, &tool->diags);
        }
    }
    return ok;
}

/* Everything but loading. The target's dependencies are looked for on disk, whatever is loaded. */
static int kext_try(struct loader *loader, const struct options *o, struct kext_bundle *target)
{
    struct tool *tool = loader->tool;
    uint64_t bases[KEXT_WIRE_MAX_ENTRIES];
    struct trylink *link;
    struct kext_plan plan;
    size_t n;
    const struct kext_loaded *interfaces = kext_interfaces_loaded(&n);

    if (o->no_resolve) {
        return kext_bundle_load_executable(target, &tool->diags) ? TOOL_OK : TOOL_BAD_KEXT;
    }
    if (!kext_plan_make(&loader->repo, target, interfaces, n, &plan, &tool->diags)) {
        return TOOL_BAD_KEXT;
    }
    if (!bases_find(loader, o, &plan, bases)) {
        return TOOL_UNREACHABLE;
    }
    if (!trylink_run(&plan, bases, o->diagnostics, &link, &tool->diags)) {
        return TOOL_BAD_KEXT;
    }
    bool ok = o->symbols == NULL || symbols_of_link(tool, o, link, &plan);
    trylink_free(link);
    return ok ? TOOL_OK : TOOL_UNSPECIFIED;
}

/* ---- loading ------------------------------------------------------------------------------------------- */

/* Symbol files for what is loaded, with the addresses that it has. */
static int symbols_of_loaded(struct loader *loader, const struct options *o, struct kext_bundle *target)
{
    struct tool *tool = loader->tool;
    size_t n_interfaces;
    const struct kext_loaded *interfaces = kext_interfaces_loaded(&n_interfaces);
    struct kext_plan plan;
    int code = TOOL_OK;

    if (!kext_plan_make(&loader->repo, target, interfaces, n_interfaces, &plan, &tool->diags)) {
        return TOOL_BAD_KEXT;
    }
    for (size_t i = 0; i < plan.count; i++) {
        struct kext_bundle *bundle = plan.order[i];
        json_t *reply, *row;
        size_t j;

        if (!kext_bundle_load_executable(bundle, &tool->diags) || bundle->exec == NULL) {
            continue;
        }
        if (kext_client_call(&loader->client, "sections", json_pack("{s:s}", "id", bundle->info.id), -1,
                             "asking for addresses", &reply, &tool->diags) != KEXT_CLIENT_OK) {
            return TOOL_UNSPECIFIED;
        }
        const json_t *rows = json_object_get(reply, "sections");
        struct kext_section *sections = calloc(json_array_size(rows) + 1, sizeof(*sections));
        json_array_foreach(rows, j, row)
        {
            sections[j].name = json_string_value(json_object_get(row, "name"));
            sections[j].address = (uint64_t)json_integer_value(json_object_get(row, "address"));
        }
        if (!kext_symfile_write(bundle, sections, json_array_size(rows), o->symbols, &tool->diags)) {
            code = TOOL_UNSPECIFIED;
        }
        free(sections);
        json_decref(reply);
    }
    return code;
}

static bool answer_is_yes(const char *id)
{
    char line[16];

    printf("Start %s? [y/N] ", id);
    fflush(stdout);
    return fgets(line, sizeof(line), stdin) != NULL && (line[0] == 'y' || line[0] == 'Y');
}

static int kext_begin(struct loader *loader, struct kext_bundle *target)
{
    if (!answer_is_yes(target->info.id)) {
        return TOOL_ABORTED;
    }
    enum kext_client_result result =
        kext_client_call(&loader->client, "start", json_pack("{s:s}", "id", target->info.id), -1,
                         "waiting for its start routine", NULL, &loader->tool->diags);
    return result == KEXT_CLIENT_OK      ? TOOL_OK
           : result == KEXT_CLIENT_START ? TOOL_NO_START
                                         : TOOL_LOAD_FAILED;
}

static int kext_put(struct loader *loader, const struct options *o, struct kext_bundle *target)
{
    bool now;
    int code = loader_exit_code(loader_connect(loader));

    if (code == TOOL_OK) {
        code = loader_exit_code(loader_load(loader, target, o->load_only || o->interactive, &now));
    }
    if (code == TOOL_OK && o->symbols != NULL) {
        code = symbols_of_loaded(loader, o, target);
    }
    if (code == TOOL_OK && o->interactive && now) {
        code = kext_begin(loader, target);
    }
    return code;
}

/* ---- one kext after the other -------------------------------------------------------------------------- */

static int kext_handle(struct loader *loader, const struct options *o, struct kext_bundle *target)
{
    struct tool *tool = loader->tool;
    int code;

    if (o->diagnostics) {
        kext_bundle_check_permissions(target, &tool->diags);
    }
    code = o->no_load ? kext_try(loader, o, target) : kext_put(loader, o, target);
    if (code == TOOL_OK && (o->diagnostics || o->no_load)) {
        tool_say(tool, o->diagnostics ? 0 : 1, "%s can be loaded%s", target->path,
                 o->no_resolve ? " as far as it was looked at" : ": valid, libraries found, linked");
    }
    return code;
}

static int kexts_handle(struct loader *loader, const struct options *o)
{
    json_t *rows = json_array();
    int code = loader_collect(loader, !o->no_system);

    for (size_t i = 0; i < loader->ntargets; i++) {
        const struct kext_info *info = &loader->targets[i]->info;
        int one = kext_handle(loader, o, loader->targets[i]);

        json_array_append_new(rows,
                              json_pack("{s:s, s:s, s:s, s:i}", "name", info->id, "version",
                                        info->version_text, "path", loader->targets[i]->path, "exit", one));
        code = code_worse(code, one);
    }
    json_object_set_new(loader->tool->result, "kexts", rows);
    return code;
}

int main(int argc, char **argv)
{
    static struct options o;
    struct tool tool;
    struct loader loader;
    int opt;

    if (tool_wants_help(argc, argv)) {
        fputs(usage_text, stdout);
        return TOOL_OK;
    }
    tool_begin(&tool, "kextutil");
    loader_begin(&loader, &tool);
    while ((opt = getopt_long_only(argc, argv, "b:d:r:eZnlits:a:Aqvh", long_options, NULL)) != -1) {
        if (!tool_option(&tool, opt, argc, argv) && !loader_option(&loader, opt, optarg) &&
            !option_read(&tool, &o, opt)) {
            loader_end(&loader);
            return TOOL_USAGE;
        }
    }
    for (; optind < argc; optind++) {
        loader_path(&loader, argv[optind]);
    }
    if (loader.npaths + loader.nids == 0) {
        loader_end(&loader);
        return tool_usage_error(&tool, "no kext is named");
    }
    if (o.interactive && (!isatty(STDIN_FILENO) || tool.json)) {
        kext_diag_add(&tool.diags, KEXT_DIAG_REQUEST, NULL, NULL, "-interactive needs a terminal to ask at");
        loader_end(&loader);
        return tool_finish(&tool, EXIT_NO_TERMINAL);
    }
    options_settle(&tool, &o);
    int code = kexts_handle(&loader, &o);
    loader_end(&loader);
    return tool_finish(&tool, code);
}
