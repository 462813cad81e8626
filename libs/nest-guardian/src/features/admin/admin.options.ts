import { flag, type Option, type Settings } from '../../core/option.js';
import type { Principal } from '../../core/principal.js';

/** Whether this signed-in person may administer. Only `true` is a yes. */
export type AdminRule = (principal: Principal) => boolean | Promise<boolean>;

const rule: Option<AdminRule | null> = {
  default: null,
  read: (value) =>
    typeof value === 'function'
      ? { value: value as AdminRule }
      : { mustBe: 'a function that says of a principal whether they may administer' },
};

/** The options of administration. */
export const adminOptions = {
  /**
   * Who may administer beside those whose token has an administrator's role: `(principal) => boolean`, or a promise
   * of it. Asked only about people whose session is open and who are not banned. Whoever may administer may do
   * everything, making others administrators included.
   */
  allow: rule,
  /**
   * Whether a ban deletes the person's sessions and what was sent to them, so that after it they have to sign in anew.
   * GoTrue: the rows stay, and go on being good when the ban is over. Nobody gets in during a ban either way.
   */
  banEndsSessions: flag(true),
} as const;

export type AdminSettings = Settings<typeof adminOptions>;
