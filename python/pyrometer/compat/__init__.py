# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
"""The interfaces of other profilers over Pyrometer's collectors, one module for each."""
