/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_SIZE sizeof(((struct pyr_err *)0)->message)
#define MAX_UTF8_TAIL 3

/* The length of `text` cut to at most `max` bytes without splitting a UTF-8 character. */
static size_t cut_length(const char *text, size_t max)
{
    size_t len = strnlen(text, max + 1);
    if (len <= max) {
        return len;
    }
    len = max;
    for (int i = 0; i < MAX_UTF8_TAIL && len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80;
         i++) {
        len--;
    }
    return len;
}

/* The message becomes "<head>: <tail>". The tail names the cause, so the head is what is cut. */
static void join_message(struct pyr_err *err, const char *head, const char *tail)
{
    char joined[MESSAGE_SIZE];
    size_t tail_len = cut_length(tail, MESSAGE_SIZE - 1);
    size_t room = MESSAGE_SIZE - 1 - tail_len;
    size_t head_len = room > 2 ? cut_length(head, room - 2) : 0;
    size_t len = 0;
    if (head_len > 0) {
        memcpy(joined, head, head_len);
        memcpy(joined + head_len, ": ", 2);
        len = head_len + 2;
    }
    memcpy(joined + len, tail, tail_len);
    len += tail_len;
    memcpy(err->message, joined, len);
    err->message[len] = '\0';
}

bool pyr_err_set(struct pyr_err *err, enum pyr_err_code code, const char *fmt, ...)
{
    char text[2 * MESSAGE_SIZE]; /* apart from the message, which may be among the arguments */
    va_list args;
    va_start(args, fmt);
    int written = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (written < 0) {
        text[0] = '\0';
    }
    size_t len = cut_length(text, MESSAGE_SIZE - 1);
    memcpy(err->message, text, len);
    err->message[len] = '\0';
    err->code = code;
    return false;
}

bool pyr_err_nomem(struct pyr_err *err)
{
    return pyr_err_set(err, PYR_ERR_NOMEM, "out of memory");
}

static enum pyr_err_code code_of_errno(int errnum)
{
    switch (errnum) {
    case ENOMEM:
        return PYR_ERR_NOMEM;
    case EACCES:
    case EPERM:
        return PYR_ERR_PERMISSION;
    case ENOENT:
    case ESRCH:
        return PYR_ERR_GONE;
    default:
        return PYR_ERR_IO;
    }
}

bool pyr_err_errno(struct pyr_err *err, int errnum, const char *fmt, ...)
{
    char head[2 * MESSAGE_SIZE];
    va_list args;
    va_start(args, fmt);
    int written = vsnprintf(head, sizeof head, fmt, args);
    va_end(args);
    if (written < 0) {
        head[0] = '\0';
    }
    char room[MESSAGE_SIZE];
    join_message(err, head, strerror_r(errnum, room, sizeof room));
    err->code = code_of_errno(errnum);
    return false;
}

bool pyr_err_prefix(struct pyr_err *err, const char *fmt, ...)
{
    char head[2 * MESSAGE_SIZE];
    va_list args;
    va_start(args, fmt);
    int written = vsnprintf(head, sizeof head, fmt, args);
    va_end(args);
    if (written > 0) {
        join_message(err, head, err->message);
    }
    return false;
}
