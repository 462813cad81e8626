/** GoTrue's paging: pages from 1, 50 on each unless said otherwise (contract 2.14). */
export const defaultPerPage = 50;

export interface PageAsked {
  /** The route, as the client names it below the prefix. */
  readonly path: string;
  readonly page: number;
  readonly perPage: number;
}

/**
 * The `Link` header (RFC 8288): the next page, if there is one, and the last.
 * GoTrue: `page` comes first, since auth-js reads the digits after the first `=`.
 */
export function linkTo({ path, page, perPage }: PageAsked, total: number): string {
  const last = Math.ceil(total / perPage);
  const link = (to: number, rel: string): string => `<${path}?page=${to}&per_page=${perPage}>; rel="${rel}"`;
  return [...(page < last ? [link(page + 1, 'next')] : []), link(last, 'last')].join(', ');
}
