// SPDX-License-Identifier: BSD-2-Clause
/*
 * utf.c: names between UTF-8 and UTF-16. What cannot be in a name on one side is written in another way on
 * the other: the separator as the caller's @altslash, NUL as U+2400, and with UTF_SFM_CONVERSIONS what
 * Windows file systems refuse as private characters U+F001 to U+F029. No locks, no state.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/utfconv.h>

#include "kern/kern_iface.h"
#include "kern/utf_internal.h"

#define ALT_NUL       0x2400u
#define REPLACEMENT   0xfffdu
#define SFM_BASE      0xf000u
#define SFM_LAST      0xf029u
#define SFM_SPACE     0xf028u /* as the last character */
#define SFM_PERIOD    0xf029u /* as the last character */
#define IS_HIGH(unit) ((unit) >= 0xd800u && (unit) <= 0xdbffu)
#define IS_LOW(unit)  ((unit) >= 0xdc00u && (unit) <= 0xdfffu)

/* U+F020 and on stand for these. */
static const char sfm_chars[] = "\"*/<>?\\|";

static uint16_t swap_if(uint16_t unit, int flags)
{
    return flags & UTF_REVERSE_ENDIAN ? __builtin_bswap16(unit) : unit;
}

static uint32_t sfm_to_private(uint32_t code, bool last)
{
    const char *at;

    if (code >= 1 && code < 0x20)
        return SFM_BASE + code;
    if (last && code == ' ')
        return SFM_SPACE;
    if (last && code == '.')
        return SFM_PERIOD;
    at = code && code < 0x80 ? memchr(sfm_chars, (int)code, sizeof sfm_chars - 1) : NULL;
    return at ? SFM_BASE + 0x20 + (uint32_t)(at - sfm_chars) : code;
}

static uint32_t sfm_from_private(uint32_t code)
{
    if (code <= SFM_BASE || code > SFM_LAST)
        return code;
    if (code < SFM_BASE + 0x20)
        return code - SFM_BASE;
    if (code == SFM_SPACE)
        return ' ';
    if (code == SFM_PERIOD)
        return '.';
    return (unsigned char)sfm_chars[code - SFM_BASE - 0x20];
}

/* ---- UTF-16 to UTF-8 ----------------------------------------------------------------------------------- */

struct encoder {
    uint8_t *out; /* NULL: only count */
    size_t room, len;
    int error;
};

static bool encoder_put(struct encoder *encoder, uint32_t code)
{
    uint8_t bytes[4];
    unsigned n = utf_put_utf8(code, bytes);

    if (encoder->out) {
        if (n > encoder->room - encoder->len) {
            encoder->error = ENAMETOOLONG;
            return false;
        }
        memcpy(encoder->out + encoder->len, bytes, n);
    }
    encoder->len += n;
    return true;
}

static uint32_t encode_map(struct encoder *encoder, uint32_t code, u_int16_t altslash, int flags)
{
    if (flags & UTF_SFM_CONVERSIONS)
        code = sfm_from_private(code);
    if (code == '/') {
        if (altslash)
            return altslash;
        encoder->error = EINVAL;
        return '_';
    }
    return code ? code : ALT_NUL;
}

static void encode(struct encoder *encoder, const u_int16_t *ucsp, size_t ucslen, u_int16_t altslash,
                   int flags)
{
    for (size_t i = 0, n = ucslen / 2; i < n; i++) {
        uint32_t code = swap_if(ucsp[i], flags), low = i + 1 < n ? swap_if(ucsp[i + 1], flags) : 0u;
        uint16_t parts[UTF_DECOMPOSED_MAX];
        unsigned n_parts = 0;

        if (IS_HIGH(code) && IS_LOW(low)) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            i++;
        } else if (IS_HIGH(code) || IS_LOW(code)) {
            code = REPLACEMENT;
            encoder->error = EINVAL;
        } else if (flags & UTF_DECOMPOSED) {
            n_parts = utf_decompose((uint16_t)code, parts);
        }
        if (n_parts > 1) {
            for (unsigned j = 0; j < n_parts; j++)
                if (!encoder_put(encoder, parts[j]))
                    return;
        } else if (!encoder_put(encoder, encode_map(encoder, code, altslash, flags))) {
            return;
        }
    }
}

size_t utf8_encodelen(const u_int16_t *ucsp, size_t ucslen, u_int16_t altslash, int flags)
{
    struct encoder encoder = {0};

    encode(&encoder, ucsp, ucslen, altslash, flags);
    return encoder.len;
}

int utf8_encodestr(const u_int16_t *ucsp, size_t ucslen, u_int8_t *utf8p, size_t *utf8len, size_t buflen,
                   u_int16_t altslash, int flags)
{
    bool terminate = !(flags & UTF_NO_NULL_TERM);
    struct encoder encoder = {.out = utf8p, .room = buflen};

    *utf8len = 0;
    if (terminate) {
        if (!buflen)
            return ENAMETOOLONG;
        encoder.room--;
    }
    encode(&encoder, ucsp, ucslen, altslash, flags);
    if (terminate)
        utf8p[encoder.len] = '\0';
    *utf8len = encoder.len;
    return encoder.error;
}

/* ---- UTF-8 to UTF-16 ----------------------------------------------------------------------------------- */

struct decoder {
    u_int16_t *out;
    size_t room, len; /* units */
    size_t starter;   /* index + 1 of the last character that does not combine; 0: none yet */
    int flags;
};

static bool decoder_append(struct decoder *decoder, uint16_t unit)
{
    if (decoder->len >= decoder->room)
        return false;
    decoder->out[decoder->len++] = swap_if(unit, decoder->flags);
    return true;
}

static uint16_t decoder_unit(const struct decoder *decoder, size_t at)
{
    return swap_if(decoder->out[at], decoder->flags);
}

/* A mark goes before the marks of higher class that are there already. */
static bool decoder_put_mark(struct decoder *decoder, uint16_t mark, unsigned mark_class)
{
    size_t at = decoder->len;

    if (decoder->len >= decoder->room)
        return false;
    while (at > 0 && utf_combining_class(decoder_unit(decoder, at - 1)) > mark_class) {
        decoder->out[at] = decoder->out[at - 1];
        at--;
    }
    decoder->out[at] = swap_if(mark, decoder->flags);
    decoder->len++;
    return true;
}

/* Joins @unit with the last starter, if nothing between the two is in the way. */
static bool decoder_compose(struct decoder *decoder, uint16_t unit, unsigned unit_class)
{
    uint16_t joined;

    if (!decoder->starter)
        return false;
    if (decoder->len > decoder->starter &&
        (!unit_class || utf_combining_class(decoder_unit(decoder, decoder->len - 1)) >= unit_class))
        return false;
    joined = utf_compose(decoder_unit(decoder, decoder->starter - 1), unit);
    if (!joined)
        return false;
    decoder->out[decoder->starter - 1] = swap_if(joined, decoder->flags);
    return true;
}

static bool decoder_put(struct decoder *decoder, uint16_t unit)
{
    unsigned unit_class = decoder->flags & (UTF_DECOMPOSED | UTF_PRECOMPOSED) ? utf_combining_class(unit) : 0;

    if ((decoder->flags & UTF_PRECOMPOSED) && decoder_compose(decoder, unit, unit_class))
        return true;
    if (unit_class)
        return decoder_put_mark(decoder, unit, unit_class);
    if (!decoder_append(decoder, unit))
        return false;
    decoder->starter = decoder->len;
    return true;
}

static bool decoder_put_code(struct decoder *decoder, uint32_t code)
{
    uint16_t parts[UTF_DECOMPOSED_MAX];
    unsigned n;

    if (code >= 0x10000) {
        code -= 0x10000;
        return decoder->room - decoder->len >= 2 && decoder_put(decoder, (uint16_t)(0xd800 + (code >> 10))) &&
               decoder_put(decoder, (uint16_t)(0xdc00 + (code & 0x3ff)));
    }
    if (!(decoder->flags & UTF_DECOMPOSED))
        return decoder_put(decoder, (uint16_t)code);
    n = utf_decompose((uint16_t)code, parts);
    if (n > decoder->room - decoder->len)
        return false;
    for (unsigned i = 0; i < n; i++)
        (void)decoder_put(decoder, parts[i]);
    return true;
}

static bool decoder_put_escaped(struct decoder *decoder, uint8_t byte)
{
    static const char digits[] = "0123456789ABCDEF";

    return decoder->room - decoder->len >= 3 && decoder_put(decoder, '%') &&
           decoder_put(decoder, (uint16_t)digits[byte >> 4]) &&
           decoder_put(decoder, (uint16_t)digits[byte & 15]);
}

static uint32_t decode_map(uint32_t code, u_int16_t altslash, int flags, bool last)
{
    if (altslash && code == altslash)
        return '/';
    if (code == ALT_NUL)
        return 0;
    return flags & UTF_SFM_CONVERSIONS ? sfm_to_private(code, last) : code;
}

int utf8_decodestr(const u_int8_t *utf8p, size_t utf8len, u_int16_t *ucsp, size_t *ucslen, size_t buflen,
                   u_int16_t altslash, int flags)
{
    struct decoder decoder = {.out = ucsp, .room = buflen / 2, .flags = flags};
    const u_int8_t *at = utf8p, *end = utf8p + utf8len;
    int error = 0;

    while (at < end && *at && !error) {
        uint8_t byte = *at;
        uint32_t code = utf_take_utf8(&at, end);
        bool fits;

        if (code == UTF_BAD) {
            if (!(flags & UTF_ESCAPE_ILLEGAL)) {
                error = EINVAL;
                break;
            }
            fits = decoder_put_escaped(&decoder, byte);
        } else {
            fits = decoder_put_code(&decoder, decode_map(code, altslash, flags, at == end || !*at));
        }
        if (!fits)
            error = ENAMETOOLONG;
    }
    *ucslen = decoder.len * 2;
    return error;
}

int utf8_validatestr(const u_int8_t *utf8p, size_t utf8len)
{
    const u_int8_t *at = utf8p, *end = utf8p + utf8len;

    while (at < end)
        if (utf_take_utf8(&at, end) == UTF_BAD)
            return EINVAL;
    return 0;
}

int utf8_normalizestr(const u_int8_t *instr, size_t inlen, u_int8_t *outstr, size_t *outlen, size_t buflen,
                      int flags)
{
    size_t room = (inlen + 1) * 2 * UTF_DECOMPOSED_MAX, ucslen;
    u_int16_t *units;
    int error;

    *outlen = 0;
    if ((flags & ~(UTF_DECOMPOSED | UTF_PRECOMPOSED | UTF_NO_NULL_TERM | UTF_ESCAPE_ILLEGAL)) ||
        !(flags & (UTF_DECOMPOSED | UTF_PRECOMPOSED)))
        return EINVAL;
    units = kern_alloc_try(room, "utf");
    if (!units)
        return ENOMEM;
    error = utf8_decodestr(instr, inlen, units, &ucslen, room, '/', flags & ~UTF_NO_NULL_TERM);
    if (!error)
        error = utf8_encodestr(units, ucslen, outstr, outlen, buflen, '/', flags & UTF_NO_NULL_TERM);
    kern_free(units, room);
    return error;
}
