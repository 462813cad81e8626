/** GoTrue's paging: pages from 1, 50 on each unless said otherwise (contract 2.14). */
export const defaultPerPage = 50;

export interface PageAsked {
  /** The route, as the client names it below the prefix. */
  readonly path: string;
  readonly page: number;
  readonly perPage: number;
  /** What else was asked, so that the next page is one of the same list. */
  readonly query?: Readonly<Record<string, string | undefined>>;
}

/**
 * The `Link` header (RFC 8288): the next page, if there is one, and the last.
 * GoTrue: `page` comes first, since auth-js reads the digits after the first `=`.
 */
export function linkTo({ path, page, perPage, query = {} }: PageAsked, total: number): string {
  const last = Math.ceil(total / perPage);
  const rest = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const link = (to: number, rel: string): string => {
    const search = new URLSearchParams([['page', `${to}`], ['per_page', `${perPage}`], ...rest]);
    return `<${path}?${search.toString()}>; rel="${rel}"`;
  };
  return [...(page < last ? [link(page + 1, 'next')] : []), link(last, 'last')].join(', ');
}
