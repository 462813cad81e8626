import type { ValidationError } from '@nestjs/common';
import { fail, type Failure } from './failure.js';

type FieldMessages = readonly [field: string, messages: readonly string[]];

const messagesOf = (error: ValidationError, parent: string): FieldMessages[] => {
  const field = `${parent}${error.property}`;
  const own = Object.values(error.constraints ?? {});
  const nested = (error.children ?? []).flatMap((child) => messagesOf(child, `${field}.`));
  return own.length > 0 ? [[field, own], ...nested] : nested;
};

/**
 * Makes a `validation` failure of what a `ValidationPipe` found; nested fields are dotted: `address.street`,
 * `lines.0.amount`.
 *
 * @example new ValidationPipe({ exceptionFactory: validationFailure })
 */
export const validationFailure = (errors: readonly ValidationError[]): Failure<'validation'> =>
  fail.validation(Object.fromEntries(errors.flatMap((error) => messagesOf(error, ''))));
