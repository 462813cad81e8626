/** Answers as `beneath` does, but for what `above` has. */
export const overlay = <T extends object>(beneath: T, above: Partial<T>): T =>
  new Proxy(beneath, {
    get: (target, name) => {
      if (Object.hasOwn(above, name)) return Reflect.get(above, name) as unknown;
      const value = Reflect.get(target, name) as unknown;
      // Private members are found on the object itself only.
      return typeof value === 'function' ? (value as (...values: unknown[]) => unknown).bind(target) : value;
    },
  });
