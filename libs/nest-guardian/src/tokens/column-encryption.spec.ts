import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { OptionMistake } from '../core/option.js';
import { ColumnEncryption, encryptionOptions, type EncryptionOptions } from './column-encryption.js';

const older = 'pwFoiPyybQMqNmYVN0gUnpbfpGQV2sDv9vp0ZAxi_Y4';
const newer = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
const rowId = '3f2a1c4e-5b6d-4788-9a0b-c1d2e3f40516';
const encryptionWith = (given?: EncryptionOptions): ColumnEncryption => {
  const mistakes: OptionMistake[] = [];
  const encryption = ColumnEncryption.from(given, { path: 'encryption', mistakes });
  expect(mistakes).toEqual([]);
  return encryption;
};
const current = encryptionWith({ keyId: 'key-1', keys: { 'key-1': newer } });

describe('a value that is encrypted in its row', () => {
  it('comes back, and only for its row', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.uuid(), fc.uuid(), (plain, row, otherRow) => {
        const sealed = current.seal(row, plain);
        expect(current.open(row, sealed)).toBe(plain);
        if (row !== otherRow) expect(() => current.open(otherRow, sealed)).toThrow('authenticate data');
      }),
    );
  });

  it('is opened as GoTrue seals it, and has its form', () => {
    // Written by a Go program after GoTrue's form.
    const byGo =
      '{"key_id":"key-1","alg":"aes-gcm-hkdf","data":"6UixMDbmDuQga2gA6Waebixo12hIpb/GJVDHvw==","nonce":"MTIzNDU2Nzg5MDEy"}';
    expect(current.open(rowId, byGo)).toBe('sealed by Go');
    const ours = JSON.parse(current.seal(rowId, 'data')) as Record<string, string>;
    expect(Object.keys(ours)).toEqual(['key_id', 'alg', 'data', 'nonce']);
    expect(ours).toMatchObject({ key_id: 'key-1', alg: 'aes-gcm-hkdf' });
    expect(Buffer.from(ours['data'] as string, 'base64')).toHaveLength(20);
    expect(Buffer.from(ours['nonce'] as string, 'base64')).toHaveLength(12);
  });

  it('altered in any bit does not open', () => {
    const sealed = JSON.parse(current.seal(rowId, 'secret')) as { data: string };
    const data = Buffer.from(sealed.data, 'base64');
    for (let bit = 0; bit < data.length * 8; bit++) {
      const altered = Buffer.from(data);
      altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const stored = JSON.stringify({ ...sealed, data: altered.toString('base64') });
      expect(() => current.open(rowId, stored)).toThrow('authenticate data');
    }
    const empty = JSON.parse(current.seal(rowId, '')) as { data: string };
    const shortTag = Buffer.from(empty.data, 'base64').subarray(0, 4).toString('base64');
    expect(() => current.open(rowId, JSON.stringify({ ...empty, data: shortTag }))).toThrow(/authenticat/);
    for (const length of [1, 15, 16]) {
      const stored = JSON.stringify({ ...sealed, data: data.subarray(0, length).toString('base64') });
      expect(() => current.open(rowId, stored)).toThrow(/authenticat/);
    }
  });

  it('opens with an older key, and is then to be sealed anew', () => {
    const before = encryptionWith({ keyId: 'old', keys: { old: older } });
    const after = encryptionWith({ keyId: 'new', keys: { old: older, new: newer } });
    const sealed = before.seal(rowId, 'kept');
    expect(after.open(rowId, sealed)).toBe('kept');
    expect([before.isStale(sealed), after.isStale(sealed), after.isStale(after.seal(rowId, 'kept'))]).toEqual(
      [false, true, false],
    );
    expect(() => before.open(rowId, after.seal(rowId, 'kept'))).toThrow('key new is not configured');
  });

  it('is left as it is where there is no key, and read where it was', () => {
    const none = encryptionWith();
    expect(none.seal(rowId, newer)).toBe(newer);
    expect([none.isStale(newer), current.isStale(newer)]).toEqual([false, true]);
    const plain = [
      '',
      '{{',
      '{}',
      '{"key_id":1}',
      '{"data":"!!!"}',
      '{"key_id":"k","alg":"other","data":"AQAB","nonce":"AQAB"}',
    ];
    for (const text of [newer, ...plain]) expect(current.open(rowId, text)).toBe(text);
  });

  it('is still read where nothing is encrypted any more, and stays as it is', () => {
    const off = encryptionWith({ encrypt: false, keys: { 'key-1': newer } });
    const sealed = current.seal(rowId, 'kept');
    expect([off.open(rowId, sealed), off.seal(rowId, 'plain'), off.isStale(sealed)]).toEqual([
      'kept',
      'plain',
      false,
    ]);
  });

  it("has its keys in GoTrue's variable as pairs", () => {
    const { fromText, read } = encryptionOptions.keys;
    expect(read(fromText(`old:${older}, key-1:${newer}`))).toEqual({ value: { old: older, 'key-1': newer } });
  });

  it.each([
    [{ keyId: 'a', keys: { a: 'short_key' } }, 'encryption.keys.a'],
    [{ keyId: 'a', keys: { a: '!!!' } }, 'encryption.keys.a'],
    [{ keyId: 'b', keys: { a: newer } }, 'encryption.keyId'],
    [{ keyId: 'toString', keys: {} }, 'encryption.keyId'],
    [{ keys: { a: newer } }, 'encryption.keyId'],
    [{ encrypt: 'yes', keyId: 'a', keys: { a: newer } }, 'encryption.encrypt'],
    [{ keyId: 'a', key: newer, keys: { a: newer } }, 'encryption.key'],
  ])('%j is a mistake', (given, path) => {
    const mistakes: OptionMistake[] = [];
    ColumnEncryption.from(given as unknown as EncryptionOptions, { path: 'encryption', mistakes });
    expect(mistakes.map((mistake) => mistake.path)).toEqual([path]);
  });
});
