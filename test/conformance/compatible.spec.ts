import { hold } from './hold.js';
import { compatible } from './subjects.js';

hold(compatible);
