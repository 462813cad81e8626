import { describe, expect, it } from '@jest/globals';
import { conditions } from '../core/condition.js';
import { operation, type Method } from '../core/operation.js';
import { delegated } from '../features/feature.js';
import { RouteTable } from './route-table.js';

const { off } = conditions({ off: { code: 'off', status: 404, message: 'Off' } });
const at = (method: Method, path: string) =>
  delegated(operation<object, object>()({ name: `${method} ${path}`, method, path, access: 'anyone', off }));
const table = new RouteTable([
  at('GET', '/user'),
  at('PUT', '/user'),
  at('GET', '/factors/:factor_id'),
  at('DELETE', '/factors/:factor_id/shares/:share_id'),
]);
const found = (method: string, path: string) => {
  const match = table.find(method, path);
  return typeof match === 'object' ? match && { name: match.route.name, params: match.params } : match;
};

describe('a route', () => {
  it('is found by method and path, with or without a slash behind it', () => {
    for (const path of ['/user', '/user/']) {
      expect(found('PUT', path)).toEqual({ name: 'PUT /user', params: {} });
    }
  });

  it('has its parameters from the path, whatever they are', () => {
    const name = 'GET /factors/:factor_id';
    for (const id of ['7', ':factor_id', '%2e']) {
      expect(found('GET', `/factors/${id}`)).toEqual({ name, params: { factor_id: id } });
    }
    expect(found('DELETE', '/factors/7/shares/8')).toMatchObject({
      params: { factor_id: '7', share_id: '8' },
    });
  });

  it('is told from a wrong method and from none at all', () => {
    expect(found('POST', '/user')).toBe('wrong method');
    expect(found('POST', '/factors/7')).toBe('wrong method');
    for (const path of ['', '/', '/users', '/user/7', '//user']) expect(found('GET', path)).toBeNull();
  });
});
