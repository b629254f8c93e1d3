/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Objects of the module datetime: after the head a hash (a word) and a byte that tells whether
 * there is a time zone; then the fields, the year in two bytes and microseconds in three. */
#include "remote/inspection.h"

#define FIELDS 9u     /* after the head: behind the hash and the flag */
#define TIME_ZONE 24u /* behind the head of a datetime: after its ten fields and the fold */

static bool read_fields(struct pyr_inspection *in, uint64_t address, uint8_t *fields, size_t count)
{
    const uint64_t at = address + in->layout->object_head + FIELDS;
    if (!pyr_memory_read(in->memory, at, fields, count)) {
        pyr_inspect_unreadable(in);
        return false;
    }
    return true;
}

static unsigned year_of(const uint8_t *fields)
{
    return (unsigned)fields[0] << 8 | fields[1];
}

static unsigned microseconds_of(const uint8_t *fields)
{
    return (unsigned)fields[0] << 16 | (unsigned)fields[1] << 8 | fields[2];
}

/* ", second, microsecond" as far as they are not 0, as repr() leaves them out. */
static void write_seconds(struct pyr_buf *out, unsigned second, unsigned microsecond)
{
    if (second != 0 || microsecond != 0) {
        pyr_buf_addf(out, ", %u", second);
    }
    if (microsecond != 0) {
        pyr_buf_addf(out, ", %u", microsecond);
    }
}

/* ", tzinfo=…" when the object has one, `offset` behind its head. */
static void write_zone(struct pyr_inspection *in, uint64_t address, uint32_t offset)
{
    uint8_t has_zone = 0;
    uint64_t zone = 0;
    const uint64_t flag = address + in->layout->object_head + FIELDS - 1;
    if (!pyr_memory_read(in->memory, flag, &has_zone, 1) || has_zone == 0 ||
        !pyr_inspect_word(in, address, in->layout->object_head + offset, &zone)) {
        return;
    }
    pyr_buf_add_text(in->out, ", tzinfo=");
    pyr_inspect_value(in, zone);
}

void pyr_inspect_date(struct pyr_inspection *in, uint64_t address)
{
    uint8_t f[4];
    if (read_fields(in, address, f, sizeof(f))) {
        pyr_buf_addf(in->out, "datetime.date(%u, %u, %u)", year_of(f), f[2], f[3]);
    }
}

void pyr_inspect_time(struct pyr_inspection *in, uint64_t address)
{
    uint8_t f[6];
    if (read_fields(in, address, f, sizeof(f))) {
        pyr_buf_addf(in->out, "datetime.time(%u, %u", f[0], f[1]);
        write_seconds(in->out, f[2], microseconds_of(f + 3));
        write_zone(in, address, 16);
        pyr_buf_add_char(in->out, ')');
    }
}

void pyr_inspect_datetime(struct pyr_inspection *in, uint64_t address)
{
    uint8_t f[10];
    if (read_fields(in, address, f, sizeof(f))) {
        pyr_buf_addf(in->out, "datetime.datetime(%u, %u, %u, %u, %u", year_of(f), f[2], f[3], f[4],
                     f[5]);
        write_seconds(in->out, f[6], microseconds_of(f + 7));
        write_zone(in, address, TIME_ZONE);
        pyr_buf_add_char(in->out, ')');
    }
}

void pyr_inspect_timezone(struct pyr_inspection *in, uint64_t address)
{
    uint64_t offset = 0;
    uint64_t parts[2] = {0}; /* days and seconds, microseconds */
    if (!pyr_inspect_word(in, address, in->layout->object_head, &offset) ||
        !pyr_memory_read(in->memory, offset + in->layout->object_head + 8, parts, 12)) {
        pyr_inspect_unreadable(in);
        return;
    }
    if (parts[0] == 0 && parts[1] == 0) {
        pyr_buf_add_text(in->out, "datetime.timezone.utc");
        return;
    }
    pyr_buf_add_text(in->out, "datetime.timezone(");
    pyr_inspect_value(in, offset);
    pyr_buf_add_char(in->out, ')');
}

void pyr_inspect_timedelta(struct pyr_inspection *in, uint64_t address)
{
    static const char *const names[] = {"days", "seconds", "microseconds"};
    int32_t parts[3];
    bool any = false;
    const uint64_t at = address + in->layout->object_head + 8; /* behind the hash */
    if (!pyr_memory_read(in->memory, at, parts, sizeof(parts))) {
        pyr_inspect_unreadable(in);
        return;
    }
    pyr_buf_add_text(in->out, "datetime.timedelta(");
    for (int i = 0; i < 3; i++) {
        if (parts[i] != 0) {
            pyr_buf_addf(in->out, "%s%s=%d", any ? ", " : "", names[i], parts[i]);
            any = true;
        }
    }
    pyr_buf_add_text(in->out, any ? ")" : "0)");
}
