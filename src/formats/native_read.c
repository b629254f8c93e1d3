/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "formats/native_read.h"

#include "base/buf.h"
#include "formats/native_decode.h"
#include "formats/native_scan.h"
#include "formats/native_zstd.h"

struct input {
    struct pyr_native_scan scan;
    struct pyr_native_decoder decoder;
    struct pyr_native_unpacker *unpacker; /* owned */
};

static bool read_section(struct input *in, const struct pyr_native_section *section,
                         const uint8_t *stored, struct pyr_err *err)
{
    const uint8_t *payload = stored;
    if (!pyr_native_knows(section->type)) {
        if ((section->flags & PYR_NATIVE_OPTIONAL) != 0) {
            return true;
        }
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                           "this Pyrometer does not know such sections: use a newer one");
    }
    in->decoder.budget.unpacked_bytes += section->size_bytes;
    if (!pyr_native_budget_check(&in->decoder.budget, in->scan.size, err)) {
        return false;
    }
    if ((section->flags & PYR_NATIVE_ZSTD) != 0 &&
        !pyr_native_unpack(in->unpacker, stored, section->stored_bytes, section->size_bytes,
                           &payload, err)) {
        return false;
    }
    return pyr_native_decode(&in->decoder, section, payload, err);
}

static bool read_batches(struct input *in, struct pyr_err *err)
{
    for (;;) { /* ends because every batch moves on in the file */
        struct pyr_native_span span;
        bool more = false;
        if (!pyr_native_scan_next(&in->scan, &span, &more, err)) {
            return false;
        }
        if (!more) {
            return true;
        }
        for (size_t pos = span.start; pos < span.end;) {
            const size_t start = pos;
            char name[5];
            struct pyr_native_section section = {0};
            const uint8_t *stored = pyr_native_scan_section(&in->scan, &pos, &section);
            if (!read_section(in, &section, stored, err)) {
                return pyr_err_prefix(err, "byte %zu: section %s", start,
                                      pyr_native_type_name(section.type, name));
            }
        }
    }
}

/* Says in the profile itself that the file has no end mark. */
static bool mark_unfinished(const struct input *in, struct pyr_profile *profile,
                            struct pyr_err *err)
{
    struct pyr_buf reason = {0};
    const char *before = pyr_meta_text(profile->meta, PYR_META_STOP_REASON);
    if (before[0] != '\0') {
        pyr_buf_addf(&reason, "%s; ", before);
    }
    pyr_buf_addf(&reason, "the file ends early, at byte %zu", in->scan.size);
    if (in->scan.size > in->scan.pos) {
        pyr_buf_addf(&reason, "; what follows byte %zu is not whole and was left out",
                     in->scan.pos);
    }
    const bool ok = pyr_buf_check(&reason, err) &&
                    pyr_meta_set_text(profile->meta, PYR_META_STOP_REASON, reason.data, err) &&
                    pyr_meta_set_number(profile->meta, PYR_META_FINISHED, 0, err);
    pyr_buf_release(&reason);
    return ok;
}

bool pyr_native_read(const uint8_t *data, size_t size, struct pyr_profile **out,
                     struct pyr_err *err)
{
    struct input in = {0};
    struct pyr_profile *profile = NULL;
    bool ok = false;
    *out = NULL;
    if (!pyr_native_scan_start(&in.scan, data, size, err)) {
        return false;
    }
    profile = pyr_profile_new(err);
    if (profile == NULL) {
        return false;
    }
    in.decoder = (struct pyr_native_decoder){.profile = profile, .file_bytes = size};
    in.unpacker = pyr_native_unpacker_new();
    if (in.unpacker == NULL) {
        pyr_err_nomem(err);
        goto done;
    }
    if (!read_batches(&in, err) || (!in.scan.ended && !mark_unfinished(&in, profile, err))) {
        goto done;
    }
    *out = profile;
    profile = NULL; /* it is the caller's now */
    ok = true;
done:
    pyr_native_unpacker_free(in.unpacker);
    pyr_profile_free(profile);
    return ok;
}
