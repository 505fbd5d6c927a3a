/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options option = {.cpu = UINT64_MAX};

static bool parse(const char *word)
{
    static const struct {
        const char *key;
        uint64_t *value;
    } numbers[] = {{"base=", &option.base},         {"size=", &option.size},
                   {"vectors=", &option.vectors},   {"load=", &option.load},
                   {"firmware=", &option.firmware}, {"firmware-size=", &option.firmware_size},
                   {"cpu=", &option.cpu}};
    static const struct {
        const char *text;
        bool *value;
    } flags[] = {{"guests=on", &option.guests},
                 {"accesses=on", &option.accesses},
                 {"marks=on", &option.marks},
                 {"profile=on", &option.profile}};
    static const struct {
        const char *key;
        const char **value;
    } texts[] = {{"log=", &option.log}, {"cache=", &option.cache}, {"owners=", &option.owners}};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        size_t n = strlen(numbers[i].key);
        if (strncmp(word, numbers[i].key, n) == 0) {
            char *end = NULL;
            *numbers[i].value = strtoull(word + n, &end, 0);
            return end != word + n && *end == '\0';
        }
    }
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (strcmp(word, flags[i].text) == 0) {
            *flags[i].value = true;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t n = strlen(texts[i].key);
        if (strncmp(word, texts[i].key, n) == 0) {
            *texts[i].value = strdup(word + n);
            return *texts[i].value != NULL;
        }
    }
    return false;
}

static bool complete(void)
{
    return option.log != NULL && (option.size == 0U) == (option.vectors == 0U) && (option.size != 0U || option.guests) &&
           (option.cache == NULL) == (option.owners == NULL) && (option.cache == NULL || option.accesses);
}

bool options_read(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (!parse(argv[i])) {
            fprintf(stderr, "count: not understood: %s\n", argv[i]);
            return false;
        }
    }
    if (!complete()) {
        fprintf(stderr, "count: log, and base, size and vectors or guests=on are needed; cache goes with owners and accesses\n");
        return false;
    }
    if (option.cache != NULL && (!cache_open(option.cache) || !cache_owners(option.owners))) {
        fprintf(stderr, "count: not a cache, or not ranges: %s, %s\n", option.cache, option.owners);
        return false;
    }
    return true;
}
