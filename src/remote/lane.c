/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/lane.h"

#include <string.h>

#include "base/mem.h"
#include "remote/cycle.h"
#include "remote/fields.h"
#include "remote/walk.h"

#define MAX_GAP                                                                                    \
    2048u           /* bytes; reading them costs less than another piece. Below the page size, so  \
                       that no page between two frames is read that is not theirs */
#define SLACK 1024u /* bytes that the newest chunk may grow until the next sample */
#define MAX_FRAME_SIZE 1024u
#define KEPT_SAMPLES 16u /* a piece that so many samples had no frame in is forgotten */
#define NO_PIECE UINT32_MAX
#define OLDEST_SHIM_FRAMES 12
#define POINTER_TAGS ((uint64_t)3) /* of a pointer to a code object, from 3.13 on */
#define OWNER_GENERATOR 1
#define PLAIN_CODE_SIZE (1u << 20)

bool pyr_lane_init(struct pyr_lane *lane, uint64_t thread, const struct pyr_layout *layout,
                   struct pyr_err *err)
{
    *lane = (struct pyr_lane){.thread = thread};
    if (layout->thread_size == 0 || layout->thread_size > PYR_LANE_MAX_STATE ||
        layout->frame_size > MAX_FRAME_SIZE) {
        return pyr_err_set(err, PYR_ERR_UNSUPPORTED,
                           "the interpreter's structures are larger than any known one's");
    }
    lane->state = pyr_mem_zalloc(1, layout->thread_size);
    return lane->state != NULL || pyr_err_nomem(err);
}

void pyr_lane_release(struct pyr_lane *lane)
{
    pyr_mem_free(lane->state);
    pyr_mem_free(lane->chunks);
    pyr_mem_free(lane->loose);
    pyr_mem_free(lane->pieces);
    pyr_mem_free(lane->copies[0]);
    pyr_mem_free(lane->copies[1]);
    *lane = (struct pyr_lane){0};
}

void pyr_lane_forget(struct pyr_lane *lane)
{
    struct pyr_lane kept = {.thread = lane->thread, .state = lane->state};
    lane->state = NULL;
    pyr_lane_release(lane);
    *lane = kept;
}

/* The first loose frame at or above `address`. */
static uint32_t loose_at(const struct pyr_lane *lane, uint64_t address)
{
    uint32_t low = 0;
    uint32_t high = lane->loose_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lane->loose[middle] < address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool learn_loose(struct pyr_lane *lane, uint64_t address)
{
    struct pyr_err err = {0};
    uint32_t at = loose_at(lane, address);
    if (at < lane->loose_count && lane->loose[at] == address) {
        return true;
    }
    if (lane->loose_count >= PYR_LANE_MAX_LOOSE) {
        lane->loose_count = 0;
        at = 0;
    }
    if (!pyr_mem_grow(&lane->loose, &lane->loose_cap, (size_t)lane->loose_count + 1,
                      sizeof(*lane->loose), &err)) {
        return false;
    }
    memmove(lane->loose + at + 1, lane->loose + at,
            (lane->loose_count - at) * sizeof(*lane->loose));
    lane->loose[at] = address;
    lane->loose_count++;
    lane->stale = true;
    return true;
}

/* The piece that holds all of [address, address + size), the likely one first. */
static uint32_t find_piece(const struct pyr_lane *lane, uint64_t address, uint32_t size,
                           uint32_t likely)
{
    if (likely < lane->piece_count) {
        const struct pyr_lane_piece *piece = &lane->pieces[likely];
        if (address - piece->address <= piece->size &&
            piece->size - (address - piece->address) >= size) {
            return likely;
        }
    }
    uint32_t low = 0;
    uint32_t high = lane->piece_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lane->pieces[middle].address <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return NO_PIECE;
    }
    const struct pyr_lane_piece *piece = &lane->pieces[low - 1];
    uint64_t inside = address - piece->address;
    return inside <= piece->size && piece->size - inside >= size ? low - 1 : NO_PIECE;
}

static const uint8_t *bytes_at(const struct pyr_lane *lane, int copy, uint64_t address,
                               uint32_t size)
{
    uint32_t i = find_piece(lane, address, size, NO_PIECE);
    if (i == NO_PIECE || !lane->pieces[i].is_read[copy]) {
        return NULL;
    }
    return lane->copies[copy] + lane->pieces[i].at + (address - lane->pieces[i].address);
}

/* Pieces */

static bool add_piece(struct pyr_lane *lane, uint64_t address, uint32_t size, bool is_chunk,
                      struct pyr_err *err)
{
    if (lane->piece_count > 0) {
        struct pyr_lane_piece *last = &lane->pieces[lane->piece_count - 1];
        uint64_t end = last->address + last->size;
        if (address < end + MAX_GAP) {
            uint64_t new_end = address + size > end ? address + size : end;
            lane->bytes += (uint32_t)(new_end - end);
            last->size = (uint32_t)(new_end - last->address);
            last->has_chunk = last->has_chunk || is_chunk;
            return true;
        }
    }
    if (!pyr_mem_grow(&lane->pieces, &lane->piece_cap, (size_t)lane->piece_count + 1,
                      sizeof(*lane->pieces), err)) {
        return false;
    }
    lane->pieces[lane->piece_count++] = (struct pyr_lane_piece){.address = address,
                                                                .size = size,
                                                                .at = lane->bytes,
                                                                .stamp = lane->stamp,
                                                                .next = NO_PIECE,
                                                                .has_chunk = is_chunk};
    lane->bytes += size;
    return true;
}

/* The chunk with the lowest address that is at least `from`. */
static const struct pyr_lane_chunk *chunk_from(const struct pyr_lane *lane, uint64_t from)
{
    const struct pyr_lane_chunk *best = NULL;
    for (uint32_t i = 0; i < lane->chunk_count; i++) {
        const struct pyr_lane_chunk *chunk = &lane->chunks[i];
        if (chunk->address >= from && (best == NULL || chunk->address < best->address)) {
            best = chunk;
        }
    }
    return best;
}

static bool reserve_copy(struct pyr_lane *lane, int copy, struct pyr_err *err)
{
    return pyr_mem_grow(&lane->copies[copy], &lane->copy_caps[copy], lane->bytes, 1, err);
}

bool pyr_lane_plan(struct pyr_lane *lane, const struct pyr_layout *layout, int copies,
                   struct pyr_err *err)
{
    if (lane->stale) {
        const struct pyr_lane_chunk *chunk = chunk_from(lane, 0);
        uint32_t loose = 0;
        lane->piece_count = lane->bytes = 0;
        while (chunk != NULL || loose < lane->loose_count) {
            bool ok;
            if (chunk != NULL &&
                (loose >= lane->loose_count || chunk->address <= lane->loose[loose])) {
                ok = add_piece(lane, chunk->address, chunk->used, true, err);
                chunk = chunk_from(lane, chunk->address + 1);
            } else {
                ok = add_piece(lane, lane->loose[loose++], layout->frame_size, false, err);
            }
            if (!ok) {
                lane->piece_count = lane->bytes = 0;
                return false;
            }
        }
        lane->stale = false;
    }
    for (uint32_t i = 0; i < lane->piece_count; i++) {
        lane->pieces[i].is_read[0] = lane->pieces[i].is_read[1] = false;
    }
    return reserve_copy(lane, 0, err) && (copies < 2 || reserve_copy(lane, 1, err));
}

/* Chunks */

struct chunk_head {
    uint64_t previous;
    uint64_t size;
    uint64_t top; /* words in use, once it is no longer the newest */
};

static bool read_head(const struct pyr_lane *lane, struct pyr_lane_reading *reading,
                      uint64_t address, struct chunk_head *head)
{
    uint8_t bytes[64];
    const struct pyr_layout *layout = reading->layout;
    uint32_t size = layout->chunk_data < sizeof(bytes) ? layout->chunk_data : sizeof(bytes);
    const uint8_t *at = bytes_at(lane, reading->copy, address, size);
    if (at == NULL) {
        reading->further = true;
        if (!pyr_memory_read(reading->memory, address, bytes, size)) {
            return false;
        }
        at = bytes;
    }
    head->previous = pyr_field_u64(at, size, layout->chunk_previous);
    head->size = pyr_field_u64(at, size, layout->chunk_size);
    head->top = pyr_field_u64(at, size, layout->chunk_top);
    return head->size > layout->chunk_data && head->size <= PYR_LANE_MAX_CHUNK_SIZE;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Reads the list of chunks anew, from the newest. */
static bool learn_chunks(struct pyr_lane *lane, struct pyr_lane_reading *reading)
{
    struct pyr_err err = {0};
    const struct pyr_layout *layout = reading->layout;
    uint64_t address = pyr_field_u64(lane->state, layout->thread_size, layout->thread_chunk);
    uint64_t top = pyr_field_u64(lane->state, layout->thread_size, layout->thread_chunk_top);
    uint64_t total = 0;
    uint32_t count = 0;
    lane->stale = true;
    while (address != 0 && count < PYR_LANE_MAX_CHUNKS) {
        struct chunk_head head;
        if (!read_head(lane, reading, address, &head) ||
            !pyr_mem_grow(&lane->chunks, &lane->chunk_cap, (size_t)count + 1, sizeof(*lane->chunks),
                          &err)) {
            break;
        }
        uint64_t used = count == 0 ? top - address + SLACK : layout->chunk_data + head.top * 8;
        used = min_u64(used, head.size);
        total += used;
        if (total > PYR_LANE_MAX_BYTES) {
            break;
        }
        lane->chunks[count++] =
            (struct pyr_lane_chunk){address, (uint32_t)head.size, (uint32_t)used};
        address = head.previous;
    }
    lane->chunk_count = count;
    return count > 0;
}

static bool chunks_hold(const struct pyr_lane *lane, uint64_t address, uint32_t size)
{
    for (uint32_t i = 0; i < lane->chunk_count; i++) {
        const struct pyr_lane_chunk *chunk = &lane->chunks[i];
        if (address >= chunk->address && address - chunk->address + size <= chunk->used) {
            return true;
        }
    }
    return false;
}

/* Frames */

struct decoding {
    struct pyr_lane *lane;
    struct pyr_lane_reading *reading;
    uint32_t piece; /* in which the last frame was */
    bool chunks_learnt;
    uint8_t bytes[MAX_FRAME_SIZE];
};

enum found { FOUND, FOUND_NOT, FOUND_IN_CHUNK };

/* Where the bytes at `address` are: in a piece, or fetched. FOUND_IN_CHUNK: they are in a chunk
 * that was not known. */
static enum found locate(struct decoding *in, uint64_t address, uint32_t size,
                         const uint8_t **bytes)
{
    struct pyr_lane *lane = in->lane;
    struct pyr_lane_reading *reading = in->reading;
    uint32_t likely = in->piece;
    uint32_t i = find_piece(lane, address, size, likely);
    if (i != NO_PIECE && lane->pieces[i].is_read[reading->copy]) {
        struct pyr_lane_piece *piece = &lane->pieces[i];
        piece->stamp = lane->stamp;
        in->piece = i;
        *bytes = lane->copies[reading->copy] + piece->at + (address - piece->address);
        return FOUND;
    }
    if (reading->layout->thread_chunk != PYR_LAYOUT_NONE) {
        bool learnt = in->chunks_learnt || learn_chunks(lane, reading);
        in->chunks_learnt = true;
        if (learnt && chunks_hold(lane, address, size)) {
            return FOUND_IN_CHUNK;
        }
    }
    if (reading->further_max == 0) {
        return FOUND_NOT;
    }
    reading->further_max--;
    reading->further = true;
    if (!pyr_memory_read(reading->memory, address, in->bytes, size) ||
        !learn_loose(lane, address)) {
        return FOUND_NOT;
    }
    *bytes = in->bytes;
    return FOUND;
}

/* The address of the innermost frame. */
static enum found first_frame(struct decoding *in, uint64_t *frame)
{
    const struct pyr_layout *layout = in->reading->layout;
    const uint8_t *state = in->lane->state;
    if (layout->thread_cframe == PYR_LAYOUT_NONE) {
        *frame = pyr_field_u64(state, layout->thread_size, layout->thread_frame);
        return FOUND;
    }
    uint64_t cframe = pyr_field_u64(state, layout->thread_size, layout->thread_cframe);
    uint32_t size = layout->cframe_frame + 8;
    const uint8_t *bytes = NULL;
    *frame = 0;
    if (cframe == 0 || size > MAX_FRAME_SIZE) {
        return FOUND;
    }
    enum found found = locate(in, cframe, size, &bytes);
    if (found == FOUND) {
        *frame = pyr_field_u64(bytes, size, layout->cframe_frame);
    }
    return found;
}

static enum pyr_lane_result torn(struct pyr_raw_stack *stack)
{
    stack->torn = true;
    return PYR_LANE_TORN;
}

static enum pyr_lane_result truncate(struct pyr_raw_stack *stack)
{
    const struct pyr_raw_frame marker = {.kind = PYR_RAW_TRUNCATED, .offset = -1};
    stack->truncated = true;
    return pyr_raw_stack_push(stack, marker) ? PYR_LANE_OK : PYR_LANE_FAILED;
}

/* Are all fields of a frame where decode_plain() may read them unchecked? */
static bool is_plain(const struct pyr_layout *layout)
{
    const uint32_t fields[] = {layout->frame_back, layout->frame_code, layout->frame_instruction,
                               layout->frame_owner};
    bool within = layout->frame_size >= sizeof(uint64_t);
    for (size_t i = 0; within && i < sizeof(fields) / sizeof(fields[0]); i++) {
        within = fields[i] <= layout->frame_size - sizeof(uint64_t) ||
                 (i == 3 && fields[i] < layout->frame_size);
    }
    return within && pyr_layout_minor(layout) >= OLDEST_SHIM_FRAMES;
}

static inline uint64_t word_at(const uint8_t *bytes, uint32_t offset)
{
    uint64_t value;
    memcpy(&value, bytes + offset, sizeof(value));
    return value;
}

/* What pyr_walk_decode() does for nearly all frames: those of functions at work. False for others,
 * and where anything is amiss. There is room for one more frame. */
static inline bool decode_plain(const struct decoding *in, const uint8_t *bytes, uint64_t address,
                                struct pyr_raw_stack *stack, uint64_t *back)
{
    const struct pyr_layout *layout = in->reading->layout;
    uint64_t code = word_at(bytes, layout->frame_code);
    uint64_t offset = word_at(bytes, layout->frame_instruction) - code - layout->code_instructions;
    uint8_t owner = bytes[layout->frame_owner];
    *back = word_at(bytes, layout->frame_back);
    if (code == 0 || (code & POINTER_TAGS) != 0 || owner > OWNER_GENERATOR ||
        offset > PLAIN_CODE_SIZE || (offset & 1) != 0 || *back == address) {
        return false;
    }
    stack->frames[stack->count++] = (struct pyr_raw_frame){
        .code = code, .address = address, .offset = (int32_t)offset, .owner = owner};
    return true;
}

static enum pyr_lane_result follow(struct decoding *in, uint64_t address,
                                   struct pyr_raw_stack *stack)
{
    const struct pyr_layout *layout = in->reading->layout;
    uint32_t max_depth = in->reading->max_depth;
    struct pyr_cycle cycle = {0};
    uint64_t shims = 0;
    bool quick = is_plain(layout);
    while (address != 0) {
        struct pyr_raw_frame frame;
        uint32_t room = stack->cap < max_depth ? stack->cap : max_depth;
        const uint8_t *bytes = NULL;
        uint64_t back = 0;
        bool shim = false;
        enum found found = locate(in, address, layout->frame_size, &bytes);
        if (found == FOUND_IN_CHUNK) {
            return PYR_LANE_AGAIN;
        }
        if (found == FOUND_NOT || pyr_cycle_closed(&cycle, address)) {
            return torn(stack);
        }
        if (quick && stack->count < room && decode_plain(in, bytes, address, stack, &back)) {
            address = back;
            continue;
        }
        if (!pyr_walk_decode(layout, bytes, address, &frame, &back, &shim)) {
            return torn(stack);
        }
        if (shim) {
            if (stack->count > 0) {
                stack->frames[stack->count - 1].is_entry = true;
            }
            /* Each stands for a call into C: there are never more than two for a frame. */
            if (++shims > 2 * (uint64_t)max_depth + 2) {
                return torn(stack);
            }
        } else if (stack->count >= max_depth) {
            return truncate(stack);
        } else if (!pyr_raw_stack_push(stack, frame)) {
            return PYR_LANE_FAILED;
        }
        address = back;
    }
    if (!pyr_walk_ends_well(layout, stack)) {
        return torn(stack);
    }
    return stack->count > 0 ? PYR_LANE_OK : PYR_LANE_EMPTY;
}

enum pyr_lane_result pyr_lane_decode(struct pyr_lane *lane, struct pyr_lane_reading *reading,
                                     struct pyr_raw_stack *stack)
{
    struct decoding in = {.lane = lane, .reading = reading, .piece = NO_PIECE};
    uint64_t address = 0;
    stack->count = 0;
    stack->torn = stack->truncated = false;
    if (!lane->state_read) {
        return PYR_LANE_FAILED;
    }
    lane->stamp++;
    switch (first_frame(&in, &address)) {
    case FOUND:
        return follow(&in, address, stack);
    case FOUND_IN_CHUNK:
        return PYR_LANE_AGAIN;
    case FOUND_NOT:
    default:
        return torn(stack);
    }
}

static void forget_piece(struct pyr_lane *lane, const struct pyr_lane_piece *piece)
{
    uint32_t from = loose_at(lane, piece->address);
    uint32_t to = loose_at(lane, piece->address + piece->size);
    memmove(lane->loose + from, lane->loose + to, (lane->loose_count - to) * sizeof(*lane->loose));
    lane->loose_count -= to - from;
    lane->stale = true;
}

/* Brings what is read of the newest chunk nearer to what is used of it. */
static void shrink_newest(struct pyr_lane *lane, const struct pyr_layout *layout)
{
    if (lane->chunk_count == 0) {
        return;
    }
    struct pyr_lane_chunk *newest = &lane->chunks[0];
    uint64_t chunk = pyr_field_u64(lane->state, layout->thread_size, layout->thread_chunk);
    uint64_t top = pyr_field_u64(lane->state, layout->thread_size, layout->thread_chunk_top);
    uint64_t need = top - chunk + SLACK;
    if (chunk == newest->address && top > chunk && need + (uint64_t)4 * SLACK < newest->used) {
        newest->used -= (newest->used - (uint32_t)need) / 4;
        lane->stale = true;
    }
}

void pyr_lane_settle(struct pyr_lane *lane, const struct pyr_layout *layout)
{
    if (lane->stamp % KEPT_SAMPLES != 0 || lane->stale) {
        return;
    }
    shrink_newest(lane, layout);
    for (uint32_t i = 0; i < lane->piece_count; i++) {
        const struct pyr_lane_piece *piece = &lane->pieces[i];
        if (!piece->has_chunk && lane->stamp - piece->stamp > KEPT_SAMPLES) {
            forget_piece(lane, piece);
        }
    }
}
