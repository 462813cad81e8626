/** The bytes of unpadded base64url (RFC 4648 section 5), or null unless the text is the only spelling of them. */
export function decodeBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}
