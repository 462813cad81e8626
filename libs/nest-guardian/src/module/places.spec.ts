import { describe, expect, it } from '@jest/globals';
import { siteOptions } from '../features/site/site.options.js';
import { readOptions } from '../core/option.js';
import { oddPlaceOf, placesOf } from './places.js';

const site = (given: object) => readOptions(siteOptions, given, { path: 'site', mistakes: [] });
const listening = { listensAt: () => 'http://localhost:4100', prefix: 'auth/v1' };

describe('where application and API live', () => {
  it('is where the application listens, as long as development says nothing', () => {
    expect(placesOf(site({}), listening)).toMatchObject({
      siteUrl: 'http://localhost:4100',
      apiUrl: 'http://localhost:4100/auth/v1',
    });
  });

  it('is what the options say, whatever listens where', () => {
    const said = site({ url: 'https://app.example.com', apiUrl: 'https://auth.example.com/v1/' });
    expect(placesOf(said, listening)).toMatchObject({
      siteUrl: 'https://app.example.com',
      apiUrl: 'https://auth.example.com/v1',
    });
  });

  it('is told when links would lead beside the API', () => {
    expect(oddPlaceOf(site({ apiUrl: 'https://auth.example.com' }), 'auth/v1')).toMatch(/GUARDIAN_PREFIX/);
    for (const apiUrl of ['', 'https://a.example.com/auth/v1', 'https://a.example.com/auth/v1/']) {
      expect(oddPlaceOf(site({ apiUrl }), 'auth/v1')).toBeNull();
    }
    expect(oddPlaceOf(site({ apiUrl: 'https://auth.example.com' }), '')).toBeNull();
  });
});
