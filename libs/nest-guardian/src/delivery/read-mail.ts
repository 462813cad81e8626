/** What carries a link or a code: a mail, or a text message. */
interface Readable {
  readonly text: string;
}

const urls = /https?:\/\/[^\s<>"]+/g;

/** The link that the message is about, or null. */
export function findLink({ text }: Readable): string | null {
  const found = text.match(urls) ?? [];
  return found.find((url) => /[?&]token(_hash)?=/.test(url)) ?? found[0] ?? null;
}

/** The code that the message shows, or null. Digits within an address or a number are none. */
export const findCode = ({ text }: Readable): string | null =>
  /(?<![\w+.@-])\d{6,10}(?![\w@-])/.exec(text.replace(urls, ''))?.[0] ?? null;
