import { deny } from '../../core/auth-error.js';
import { defaultPerPage } from '../../wire/paging.js';
import { adminConditions, type PagingInput } from './admin.contract.js';

/** So many at most, whatever is asked for: a page is made in memory. */
const mostPerPage = 1_000;
/** Nobody has so many pages, and the rows before this one can still be counted. */
const lastPage = 1_000_000_000;

/** @throws pagingInvalid */
export function readPaging({ page = '', per_page = '' }: PagingInput): {
  readonly page: number;
  readonly perPage: number;
} {
  const [asked, perPage] = [readNumber(page, 1), readNumber(per_page, defaultPerPage)];
  // GoTrue: divides by it, which is a 500.
  if (perPage === 0) deny(adminConditions.pagingInvalid, { value: 'per_page must be greater than 0' });
  // GoTrue: page 0 is the first.
  return { page: Math.min(Math.max(asked, 1), lastPage), perPage: Math.min(perPage, mostPerPage) };
}

/** GoTrue: counts in 64 bits, and the words are those of Go's own library. */
function readNumber(given: string | number, byDefault: number): number {
  const text = String(given);
  if (text === '') return byDefault;
  if (/^\d+$/.test(text) && Number(text) < 2 ** 64) return Number(text);
  const why = /^\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
  const value = `strconv.ParseUint: parsing ${JSON.stringify(text.slice(0, 100))}: ${why}`;
  return deny(adminConditions.pagingInvalid, { value });
}
