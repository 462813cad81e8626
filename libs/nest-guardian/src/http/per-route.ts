import type { ExecutionContext } from '@nestjs/common';

type Route = Pick<ExecutionContext, 'getHandler' | 'getClass'>;

/**
 * What a handler and its class say of themselves, read once per pair: reflection is slow, and a handler may be
 * inherited by several classes.
 */
export function perRoute<T>(read: (handler: object, type: object) => T): (route: Route) => T {
  const known = new WeakMap<object, WeakMap<object, { readonly value: T }>>();
  return (route) => {
    const [handler, type] = [route.getHandler(), route.getClass()];
    const remembered = known.get(type)?.get(handler);
    if (remembered !== undefined) return remembered.value;
    const value = read(handler, type);
    const ofClass = known.get(type) ?? new WeakMap<object, { readonly value: T }>();
    known.set(type, ofClass.set(handler, { value }));
    return value;
  };
}
