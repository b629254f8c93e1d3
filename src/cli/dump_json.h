/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Dump as JSON: for programs; docs/guide/dump.md has the schema. */
#pragma once

#include "base/buf.h"
#include "cli/dump.h"

void pyr_dump_json(const struct pyr_dump *dump, struct pyr_buf *out);
