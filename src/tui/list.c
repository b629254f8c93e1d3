/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "tui/list.h"

static void bring_into_view(struct pyr_list *list)
{
    const uint32_t page = list->page == 0 ? 1 : list->page;
    const uint32_t last_first = list->count > page ? list->count - page : 0;
    if (list->at >= list->count) {
        list->at = list->count == 0 ? 0 : list->count - 1;
    }
    if (list->at < list->first) {
        list->first = list->at;
    }
    if (list->at >= list->first + page) {
        list->first = list->at - page + 1;
    }
    list->first = list->first > last_first ? last_first : list->first;
}

void pyr_list_fit(struct pyr_list *list, uint32_t count, uint32_t page)
{
    list->count = count;
    list->page = page == 0 ? 1 : page;
    bring_into_view(list);
}

void pyr_list_go(struct pyr_list *list, uint32_t at)
{
    list->at = at;
    bring_into_view(list);
}

void pyr_list_move(struct pyr_list *list, enum pyr_move move)
{
    const uint32_t page = list->page == 0 ? 1 : list->page;
    const uint32_t last = list->count == 0 ? 0 : list->count - 1;
    const uint32_t at = list->at;
    switch (move) {
    case PYR_MOVE_UP:
        pyr_list_go(list, at == 0 ? 0 : at - 1);
        break;
    case PYR_MOVE_DOWN:
        pyr_list_go(list, at < last ? at + 1 : last);
        break;
    case PYR_MOVE_PAGE_UP:
        pyr_list_go(list, at > page ? at - page : 0);
        break;
    case PYR_MOVE_PAGE_DOWN:
        pyr_list_go(list, last - at > page ? at + page : last);
        break;
    case PYR_MOVE_FIRST:
        pyr_list_go(list, 0);
        break;
    case PYR_MOVE_LAST:
        pyr_list_go(list, last);
        break;
    case PYR_MOVE_LEFT:
    case PYR_MOVE_RIGHT:
        break;
    }
}
