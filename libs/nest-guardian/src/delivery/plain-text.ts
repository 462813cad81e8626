const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** The text part of a mail that is HTML: what a person reads, links written out. */
export const plainTextOf = (html: string): string =>
  decode(
    html
      .replace(/<!--[\s\S]*?-->/g, '')
      .replace(/<(head|style|script|title)\b[\s\S]*?<\/\1\s*>/gi, '')
      .replace(/\s+/g, ' ')
      .replace(/<a\b[^>]*?\bhref\s*=\s*(["'])(.*?)\1[^>]*>(.*?)<\/a\s*>/gi, (...found) => linkOf(found))
      .replace(/<br\b[^>]*>/gi, '\n')
      .replace(/<li\b[^>]*>/gi, '\n- ')
      .replace(/<\/(p|div|h[1-6]|ul|ol|table|tr|main|section|header|footer)\s*>/gi, '\n\n')
      .replace(/<[^>]*>/g, '')
      .replace(/ *\n */g, '\n')
      .replace(/\n{3,}/g, '\n\n')
      .replace(/ {2,}/g, ' ')
      .trim(),
  );

/** The URL ends where the space begins, whatever follows the link. */
function linkOf([, , url, label]: readonly string[]): string {
  const words = label?.replace(/<[^>]*>/g, '').trim() ?? '';
  return words === '' || words === url ? `${url} ` : `${words}: ${url} `;
}

const decode = (text: string): string =>
  text.replace(/&(?:#(?:(\d{1,7})|x([\da-f]{1,6}))|([a-z]+));/gi, (...found) => characterOf(found));

function characterOf([whole = '', decimal, hex, name]: readonly (string | undefined)[]): string {
  if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
  const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
}
