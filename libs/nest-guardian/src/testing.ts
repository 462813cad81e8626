export { allLaws } from './testing/all-laws.js';
export { Api, type Answer, type Person, type Question } from './testing/api.js';
export type {
  Ability,
  Bench,
  Configuration,
  Conformance,
  IdpBench,
  IdpPerson,
  KnownDifference,
  Law,
  ReceivedMail,
  Subject,
} from './testing/conformance.js';
export { holdToLaws, type TestRunner, type Trial } from './testing/hold-to-laws.js';
export { MovableClock } from './testing/movable-clock.js';
export { codeIn, linkIn, MemoryMailer, MemorySmsSender } from './testing/memory-mailer.js';
