/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the exchange formats share: a profile small enough to know by heart, and the
 * checks that every reader and writer has to pass. Include after unit.h. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "formats/format.h"

/* Two threads, "MainThread" and "worker", with the metrics calls and wall (ns):
 *
 *   MainThread  app.<module>                       1 call    1000 ns
 *               app.<module> ; app.fib             1         200
 *               app.<module> ; app.fib ; app.fib   8         800     (the same function again)
 *               ... ; builtins.len                 5         50      below <module>
 *   worker      app.<module> ; shop.Basket.add     2         400
 *               ... ; list.append                  4         40      below Basket.add
 */
struct pyr_profile *exchange_fixture_new(void);
/* Adds to the profile what is on the timeline: three runs of MainThread and one of the worker. */
void exchange_fixture_add_timeline(struct pyr_profile *profile);

/* The caller releases the buffer, which is never without data. */
struct pyr_buf exchange_fixture_write(const struct pyr_format *format,
                                      const struct pyr_profile *profile);
/* Reads what must be readable. */
struct pyr_profile *exchange_fixture_read(const struct pyr_format *format, const void *data,
                                          size_t size);
/* Reads what must be refused, and checks that the message has `words` in it. */
void exchange_fixture_refuses(const struct pyr_format *format, const void *data, size_t size,
                              const char *words);
/* The self value, of one metric, of all stacks that read "outermost;...;running" by qualified
 * names, in all threads. */
int64_t exchange_fixture_value(const struct pyr_profile *profile, const char *names,
                               const char *metric);
/* Writes to the buffer that no allocation failed for, after each one has failed once. */
void exchange_fixture_writes_without_memory(const struct pyr_format *format);
void exchange_fixture_reads_without_memory(const struct pyr_format *format, const void *data,
                                           size_t size);
/* Every cut of a file, and every single byte changed, is read or refused in words. */
void exchange_fixture_survives_damage(const struct pyr_format *format, const void *data,
                                      size_t size);
/* A profile that uses everything a profile has, with names of any bytes, is written; what can be
 * read is read back. */
void exchange_fixture_takes_hostile_names(const struct pyr_format *format);
