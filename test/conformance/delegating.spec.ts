import { hold } from './hold.js';
import { delegating } from './subjects.js';

hold(delegating);
