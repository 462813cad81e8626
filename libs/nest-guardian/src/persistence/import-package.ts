const missing = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/** Imports a package that only some applications install; says how to install it when it is not there. */
export async function importPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!missing.has(String((error as NodeJS.ErrnoException).code))) throw error;
    throw new Error(
      `nest-guardian/local needs the package ${name}, which is not installed: npm install ${name}`,
      {
        cause: error,
      },
    );
  }
}
