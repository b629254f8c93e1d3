/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Dump as text: for people, innermost call first. */
#pragma once

#include "base/buf.h"
#include "cli/dump.h"

void pyr_dump_text(const struct pyr_dump *dump, const struct pyr_dump_options *options,
                   struct pyr_buf *out);
/* The part of a file's path that says most: from the package on, or from `folder` on. Borrowed
 * from `path`; `folder` may be NULL. */
const char *pyr_dump_short_file(const char *path, const char *folder);
